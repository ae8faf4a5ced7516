"""Repeats a run from what was kept of it, in an empty workspace, by the code of that night, and compares every byte."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from pipelines.audit import scores
from pipelines.audit.manifest import MANIFEST
from pipelines.config import Settings
from pipelines.errors import BadInput, Terminal
from pipelines.night import keep
from pipelines.night.keep import Kept
from pipelines.workspace import archive, atomic_files, provenance
from pipelines.workspace.checksums import sha256

SAME_PARTS = ("inputs", "registry", "conservation", "counts")
"""Parts of the manifest that must come out the same, besides the outputs."""
OF_BYTES = ("duckdb", "polars", "xlsxwriter", "jinja2", "great-expectations", "rapidfuzz", "numpy", "pyarrow")
"""Packages whose version may change a byte."""


class Reproduced(BaseModel):
    """How a repeated night compares."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    warned: tuple[str, ...]
    """Sentences on what cannot be the same."""
    same: int
    """Number of outputs with the same bytes."""
    different: tuple[str, ...]
    """Outputs with other bytes, and parts of the manifest that say something else."""
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether every byte came out again."""
        return not (self.different or self.missing or self.extra)


def reproduce(settings: Settings, run_id: str, tell: Callable[[str], None], into: Path | None = None) -> Reproduced:
    """How the repeated run compares. `tell` hears what cannot be the same, before anything starts.

    `into`: an empty folder for the repeated workspace, which is then left; else it is removed.
    Errors: BadInput if the run is not there or was not kept whole; Terminal if it cannot be made again.
    """
    manifest = _manifest(settings, run_id)
    held = _held(settings, run_id, manifest)
    warned = tuple(cannot_be_the_same(manifest, held))
    for sentence in warned:
        tell(sentence)
    if into is not None:
        if into.exists() and any(into.iterdir()):
            raise BadInput("not_empty", f"Thư mục «{into}» không rỗng / the folder is not empty.")
        into.mkdir(parents=True, exist_ok=True)
        return _compared(settings, manifest, held, into, warned)
    settings.work_directory.mkdir(parents=True, exist_ok=True)
    with atomic_files.scratch(settings.work_directory / f".{run_id}.reproduced.part") as workspace:
        return _compared(settings, manifest, held, workspace, warned)


def cannot_be_the_same(manifest: dict[str, Any], held: Kept) -> list[str]:
    """A sentence for each thing that may make other bytes, or that is taken from what was stored."""
    then, now = manifest["versions"], provenance.versions()
    told = ["Không gửi lại yêu cầu nào: trả lời lấy từ bản đã lưu / nothing is asked again, stored answers are used"]
    if then["python"].rpartition(".")[0] != now["python"].rpartition(".")[0]:
        told.append(f"Python {then['python']} khác / other than {now['python']}")
    for name in OF_BYTES:
        was, is_now = then["packages"].get(name), now["packages"].get(name)
        if was != is_now:
            told.append(
                f"{name}: đêm đó {was}, bây giờ {is_now}; tệp có thể khác từng byte / another version: bytes may differ"
            )
    return told


def _manifest(settings: Settings, run_id: str) -> dict[str, Any]:
    path = settings.runs_directory / run_id / MANIFEST
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        return found
    except (OSError, ValueError):
        raise BadInput(
            "no_run", f"Không có lượt «{run_id}» đã chạy xong trong «{settings.workspace}» / there is no such run."
        ) from None


def _held(settings: Settings, run_id: str, manifest: dict[str, Any]) -> Kept:
    held = keep.kept(settings, run_id)
    if held is None or not held.code:
        raise BadInput(
            "not_kept",
            f"Không còn giữ những gì lượt {run_id} được làm ra từ đó; giữ {settings.archive_days} ngày "
            "(archive_days) / what the run was made from is not kept any more.",
        )
    if manifest.get("archive") != sha256(keep.index_of(settings, run_id)):
        raise BadInput(
            "archive_changed",
            f"Danh mục lưu trữ của lượt {run_id} không còn như manifest ghi; hãy chạy: sachsong audit verify "
            "/ the list of what was kept is not what the manifest says.",
        )
    gone = [
        name for name, digest in _named(held) if not archive.object_path(settings.archive_directory, digest).is_file()
    ]
    if gone or held.lacking:
        raise BadInput(
            "not_kept_whole",
            f"Lưu trữ của lượt {run_id} thiếu: {', '.join([*held.lacking, *gone][:10])} / the archive lacks these.",
        )
    return held


def _named(held: Kept) -> list[tuple[str, str]]:
    parts = (held.inputs, held.registry, held.code, held.sectors, held.beside, held.answered)
    return [pair for part in parts for pair in part.items()]


def _compared(
    settings: Settings, manifest: dict[str, Any], held: Kept, workspace: Path, warned: tuple[str, ...]
) -> Reproduced:
    code = workspace / ".code"
    try:
        _lay_out(settings, held, workspace, code)
    except archive.Changed as damaged:
        raise BadInput("archive_damaged", f"Tệp lưu trữ «{damaged}» đã hỏng / the kept file is damaged.") from damaged
    _run(workspace, code, held.run_id)
    directory = workspace / "runs" / held.run_id
    again = json.loads((directory / MANIFEST).read_bytes())
    before = {each["path"]: each["sha256"] for each in manifest["outputs"]}
    after = {each["path"]: each["sha256"] for each in again["outputs"]}
    parts = [f"{MANIFEST}: {part}" for part in SAME_PARTS if manifest[part] != again[part]]
    different = sorted(path for path in before.keys() & after.keys() if before[path] != after[path])
    return Reproduced(
        run_id=held.run_id,
        warned=warned,
        same=sum(before[path] == after[path] for path in before.keys() & after.keys()),
        different=(*different, *parts),
        missing=tuple(sorted(before.keys() - after.keys())),
        extra=tuple(sorted(after.keys() - before.keys())),
    )


def _lay_out(settings: Settings, held: Kept, workspace: Path, code: Path) -> None:
    """The night's workspace, as it was before the night, and its code beside it."""
    run = workspace / "runs" / held.run_id
    folders = {"inbox": held.inputs, "registry": held.registry, ".code": held.code}
    for folder, files in folders.items():
        for path, digest in files.items():
            archive.restore(settings.archive_directory, digest, workspace / folder / path)
    for path, digest in held.beside.items():
        archive.restore(settings.archive_directory, digest, workspace / path)
    for name, digest in held.sectors.items():
        archive.restore(settings.archive_directory, digest, run / "sectors" / name)
    for name, digest in held.answered.items():
        archive.restore(settings.archive_directory, digest, workspace / "answered" / f"{name}.parquet")
    if held.known:
        archive.restore(settings.archive_directory, held.known, workspace / "known.json")
    if held.before and held.before_scores and held.before_manifest:
        earlier = workspace / "runs" / held.before
        archive.restore(settings.archive_directory, held.before_scores, earlier / scores.FILE)
        archive.restore(settings.archive_directory, held.before_manifest, earlier / MANIFEST)
    index = keep.index_of(settings, held.run_id).read_bytes()
    (workspace / "kept.json").write_bytes(index)
    (workspace / "archive").mkdir()
    (workspace / "archive" / f"{held.run_id}.json").write_bytes(index)


def _run(workspace: Path, code: Path, run_id: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SACHSONG_")}
    environment |= {"PYTHONPATH": str(code.resolve()), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.night.replay", str(workspace.resolve()), run_id],
        cwd=code, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        # A traceback ends with the error; what a database draws below it begins with spaces or is empty.
        named = [line for line in done.stderr.splitlines() if re.match(r"[\w.]+: ", line)]
        last = named[-1] if named else "?"
        raise Terminal(f"Không làm lại được lượt {run_id} («{last}») / the run cannot be made again («{last}»).")
