"""In which order a night goes, which run is tonight's, and where an interrupted one goes on."""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

from pipelines import check, link, read, snapshots, standardise, store
from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.report import write
from pipelines.verify import worker

Counts = dict[str, int]


class Progress(TypedDict):
    """What an attempt has done so far."""

    fingerprint: str
    """Of the inputs, the registry, the night and our version."""
    done: dict[str, Counts]
    """Hop → what it counted."""


@dataclass(frozen=True)
class Hop:
    """One step of the night: replaces its own tables, so it can be run again."""

    name: str
    title_vi: str
    title_en: str
    function: Callable[[Run], Counts]


HOPS: tuple[Hop, ...] = (
    Hop("read", "Đọc tệp", "read", read.read),
    Hop("standardise", "Chuẩn hóa", "standardise", standardise.standardise),
    Hop("check", "Kiểm tra đúng, đủ, sạch", "check", check.check),
    Hop("link", "Đối chiếu dân cư", "link", link.link),
    Hop("verify", "Xác thực", "verify", worker.verify),
    Hop("live", "Kiểm tra sống", "check live", check.live),
    Hop("report", "Báo cáo", "report", write.report),
)


def open_run(settings: Settings) -> Run:
    """Tonight's run: the unfinished one with the same inputs if there is one, else a new one.

    A run is finished when its manifest stands. An unfinished run whose inputs have changed since starts over.
    Errors: BadInput if the inbox has no file or no registry is loaded.
    """
    fingerprint = _fingerprint(settings)
    number = max((_suffix(name) for name in _names(settings)), default=0)
    run = Run(settings=settings, run_id=f"{settings.night:%Y-%m-%d}-{max(number, 1)}")
    if (run.directory / "manifest.json").exists():
        run = Run(settings=settings, run_id=f"{settings.night:%Y-%m-%d}-{number + 1}")
    progress = _progress(run)
    if progress is None or progress["fingerprint"] != fingerprint:
        run.database.unlink(missing_ok=True)
        run.database.with_name(run.database.name + ".wal").unlink(missing_ok=True)
        shutil.rmtree(run.directory, ignore_errors=True)
        _save_progress(run, Progress(fingerprint=fingerprint, done={}))
    return run


def last_run(settings: Settings) -> Run:
    """The newest finished run. Errors: BadInput if there is none."""
    finished = sorted(
        (path.parent.name for path in settings.runs_directory.glob("*/manifest.json")),
        key=lambda name: (name[:10], _suffix(name)),
    )
    if not finished:
        raise BadInput(
            "no_run",
            f"Chưa có đêm nào chạy xong trong «{settings.workspace}»; hãy chạy: sachsong nightly / no finished run.",
        )
    return Run(settings=settings, run_id=finished[-1])


def run_hop(run: Run, hop: Hop) -> Counts:
    """What the hop counted; taken from the earlier attempt if it had finished there."""
    progress = _progress(run) or Progress(fingerprint="", done={})
    done = progress["done"]
    if hop.name not in done:
        counts = hop.function(run)
        # A hop that runs again makes the later ones stale.
        names = [each.name for each in HOPS]
        kept = {name: done[name] for name in names[: names.index(hop.name)] if name in done}
        _save_progress(run, Progress(fingerprint=progress["fingerprint"], done={**kept, hop.name: counts}))
        return counts
    return done[hop.name]


def newest_run(settings: Settings) -> Run:
    """Tonight's unfinished run if there is one, else the newest finished one."""
    number = max((_suffix(name) for name in _names(settings)), default=0)
    run = Run(settings=settings, run_id=f"{settings.night:%Y-%m-%d}-{number}")
    return run if run.database.exists() else last_run(settings)


def run_again(run: Run, name: str) -> Counts:
    """What the hop counted, done anew; the hops after it wait for `nightly` to do them anew too."""
    hop = next(each for each in HOPS if each.name == name)
    progress = _progress(run)
    if progress is None:
        raise BadInput(
            "no_tables",
            f"Không còn bảng của lượt {run.run_id}; hãy chạy: sachsong nightly / the run's tables are gone.",
        )
    earlier = [each.name for each in HOPS[: HOPS.index(hop)]]
    missing = [each for each in earlier if each not in progress["done"]]
    if missing:
        raise BadInput("too_early", f"Bước «{missing[0]}» chưa chạy / hop «{missing[0]}» has not run yet.")
    (run.directory / "manifest.json").unlink(missing_ok=True)
    done = {each: progress["done"][each] for each in earlier}
    _save_progress(run, Progress(fingerprint=progress["fingerprint"], done=done))
    return run_hop(run, hop)


@contextmanager
def exclusive(settings: Settings) -> Iterator[None]:
    """The workspace held by this process alone. Errors: BadInput if another run holds it."""
    settings.workspace.mkdir(parents=True, exist_ok=True)
    with (settings.workspace / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise BadInput(
                "workspace_busy",
                f"Thư mục làm việc «{settings.workspace}» đang được một lượt chạy khác dùng; đợi lượt đó xong rồi "
                "chạy lại / another run holds this workspace.",
            ) from taken
        yield


def _fingerprint(settings: Settings) -> str:
    digest = hashlib.sha256(version("sachsong").encode())
    digest.update(snapshots.current(settings).sha256.encode())
    digest.update(f"{settings.night}|{settings.daily_cap}".encode())
    for sector, file in read.inbox_files(settings):
        digest.update(f"{sector}|{file.name}|{read.sha256(file)}".encode())
    return digest.hexdigest()


def _names(settings: Settings) -> Iterator[str]:
    for folder, pattern in ((settings.runs_directory, "*"), (settings.workspace / "work", "*.json")):
        for path in folder.glob(f"{settings.night:%Y-%m-%d}-{pattern}"):
            yield path.name.removesuffix(".json")


def _suffix(name: str) -> int:
    tail = name[11:]
    return int(tail) if tail.isdigit() else 0


def _progress_file(run: Run) -> Path:
    return run.database.with_suffix(".json")


def _progress(run: Run) -> Progress | None:
    path = _progress_file(run)
    if not path.exists():
        return None
    loaded: Progress = json.loads(path.read_text(encoding="utf-8"))
    # The tables are gone: what was done with them counts for nothing.
    return loaded if run.database.exists() or not loaded["done"] else None


def _save_progress(run: Run, progress: Progress) -> None:
    with store.atomic(_progress_file(run)) as temporary:
        temporary.write_text(json.dumps(progress, sort_keys=True), encoding="utf-8")
