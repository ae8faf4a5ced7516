"""Records what a run was made with: versions, commit, lock, and the tables and code that decided."""

import hashlib
import platform
import subprocess
from functools import cache
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

from pipelines.workspace.checksums import combined, sha256

ROOT = Path(__file__).resolve().parents[2]
"""Folder in which our packages stand side by side; in a clone the lock and the commit are here too."""

PACKAGES = {name: ROOT / name for name in ("matching", "pipelines", "rules", "vn")}
TABLE_ENDINGS = {".toml", ".csv", ".json"}
DECIDING_ENDINGS = TABLE_ENDINGS | {".py", ".j2", ".html"}


def versions() -> dict[str, Any]:
    """Ours, Python's and every installed package's version; the commit, null outside a clone."""
    return {
        "sachsong": version("sachsong"),
        "commit": _commit(),
        "python": platform.python_version(),
        "packages": dict(sorted({dist.name.lower(): dist.version for dist in distributions()}.items())),
    }


def sources(own_sectors: Path) -> dict[str, Any]:
    """Checksums of everything that decides besides the data: our packages' tables and code, custom tables, the lock."""
    lock = ROOT / "requirements.lock"
    own = sorted(own_sectors.glob("*.toml"))
    return {
        "lock_sha256": sha256(lock) if lock.is_file() else None,
        "tables": {
            f"{name}/{path.relative_to(folder).as_posix()}": sha256(path)
            for name, folder in PACKAGES.items()
            for path in sorted(folder.rglob("*"))
            if path.suffix in TABLE_ENDINGS
        }
        | {f"sectors/{path.name}": sha256(path) for path in own},
        "code": {name: combined(folder.rglob("*.py"), folder) for name, folder in PACKAGES.items()},
    }


@cache
def code_digest(*names: str) -> str:
    """One digest over the files of the named packages (`vn`, `pipelines.files`); with no name, of all ours."""
    folders = [ROOT.joinpath(*name.split(".")) for name in names or sorted(PACKAGES)]
    digests = [
        combined((path for path in folder.rglob("*") if path.suffix in DECIDING_ENDINGS), folder) for folder in folders
    ]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _commit() -> str | None:
    try:
        found = subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip()
