"""A night is the same whoever starts it, and where: nothing outside of the workspace is read that nobody named."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from tests.pipelines import nights

SACHSONG = Path(sys.executable).with_name("sachsong")
DEAD = "http://127.0.0.1:9/api"
PROFILES = f'active = "cloud"\n[profiles.cloud]\nPREFECT_API_URL = "{DEAD}"\n'
TRAPS = {
    ".env": f"PREFECT_API_URL={DEAD}\n",
    "prefect.toml": f'[api]\nurl = "{DEAD}"\n',
    "pyproject.toml": f'[tool.prefect.api]\nurl = "{DEAD}"\n',
    ".prefect/profiles.toml": PROFILES,
    ".duckdbrc": "SELECT nothing;",
    "duckdb_extensions/x": "",
    "great_expectations/great_expectations.yml": "config_version: [",
    "gx/great_expectations.yml": "config_version: [",
    "great_expectations.yml": "config_version: [",
    "alembic.ini": "[",
    # What a Python that looks for modules where it was started would run.
    **{f"{name}.py": f"raise SystemExit('{name}')" for name in ("sitecustomize", "json", "polars", "flows", "uvicorn")},
    "pipelines/__init__.py": "raise SystemExit('pipelines')",
}
"""What libraries read of a home, or of the folder in which a command is given."""


@dataclass(frozen=True)
class Place:
    """An officer's machine: a home, a folder in which the command is given, and a workspace elsewhere."""

    home: Path
    folder: Path
    workspace: Path

    def run(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """The command, by a user who has no rights beyond those that files give (root would have all)."""
        as_officer = ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "XDG", "HOME"))}
        return subprocess.run(
            [*as_officer, SACHSONG, *arguments, "--workspace", self.workspace],
            cwd=self.folder,
            env={**kept, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("no setpriv: root may enter every home")
    made = Place(tmp_path / "home", tmp_path / "folder", tmp_path / "workspace")
    for folder in (made.home, made.folder):
        _fill(folder, TRAPS)
    _fill(made.workspace, {"inbox/students/a.csv": nights.LIST, "r.csv": nights.REGISTRY})
    # A workbook is opened by a process of its own.
    people = pl.read_csv(nights.LIST.replace("001234", "012345").encode(), infer_schema=False)
    people.write_excel(made.workspace / "inbox" / "students" / "b.xlsx")
    return made


def _fill(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _texts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()
    }


def test_a_night_in_a_folder_of_traps_by_a_user_who_may_not_enter_the_home(place: Place) -> None:
    place.home.chmod(0)
    try:
        done = place.run(
            *("nightly", "--registry", str(place.workspace / "r.csv")),
            HOME=str(place.home),
            XDG_CONFIG_HOME=str(place.folder),
            ALL_PROXY="socks5://127.0.0.1:9",
        )
    finally:
        place.home.chmod(0o700)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split("=")[-1].strip() for line in done.stdout.splitlines() if "students/" in line] == ["1 + 0 ✓"] * 2
    assert _texts(place.home) == _texts(place.folder) == TRAPS


@pytest.mark.parametrize("home", [None, "", "/nonexistent", "folder/.env"], ids=["none", "empty", "missing", "a file"])
def test_any_home_will_do(place: Place, home: str | None) -> None:
    named = {} if home is None else {"HOME": str(place.folder.parent / home) if home else ""}
    done = place.run("registry", "load", str(place.workspace / "r.csv"), **named)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_that_is_gone_will_do(place: Place) -> None:
    gone = place.folder.with_name("gone")
    gone.mkdir()
    load = [SACHSONG, "registry", "load", place.workspace / "r.csv", "--workspace", place.workspace]
    done = subprocess.run(
        ["/bin/sh", "-c", f'cd "{gone}" && rmdir "{gone}" && exec "$@"', "sh", *load],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not gone.exists()


def test_a_dead_profile_that_the_officer_named_is_named_in_the_sentence(place: Place) -> None:
    done = place.run(
        *("nightly", "--registry", str(place.workspace / "r.csv")), HOME=str(place.home), PREFECT_PROFILE="cloud"
    )
    assert done.returncode == 3
    assert f"hồ sơ «cloud» trong «{place.home}/.prefect/profiles.toml»" in done.stderr
    assert "Traceback" not in done.stderr
