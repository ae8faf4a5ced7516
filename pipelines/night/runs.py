"""Finds the run of a night, opens it for one process, and closes it."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.config import Run, Settings, today
from pipelines.errors import BadInput, Transient
from pipelines.night.progress import Progress, progress_of, save_progress
from pipelines.registry import snapshot
from pipelines.sectors import custom
from pipelines.workspace import provenance, run_tables
from pipelines.workspace.checksums import sha256


def open_run(settings: Settings) -> Run:
    """Tonight's run: the interrupted one with the same inputs if there is one, else a new one.

    A run is finished when its manifest stands, and closed when it was also handed on. An unfinished run whose inputs
    have changed since starts over; under another cap it goes on where the cap matters.
    Errors: BadInput if the night is of the future, the inbox has no file, no registry is loaded, or a sector's table is
    wrong; Transient if another process holds the tables.
    """
    # What begins a night is slow to load: whoever looks at a finished one does not wait for it.
    from pipelines.night import begin

    settings = _of_its_day(settings)
    tables = custom.tables(settings)
    fresh = Progress(fingerprint=_fingerprint(settings, tables), inbox=inbox_of(settings), daily_cap=settings.daily_cap)
    run = tonights_run(settings)
    progress = progress_of(run)
    if manifest_of(run).exists() and (
        progress is None or progress.closed or not _same(progress, fresh) or progress.daily_cap != fresh.daily_cap
    ):
        run, progress = Run(settings=settings, run_id=f"{settings.night:%Y-%m-%d}-{_suffix(run.run_id) + 1}"), None
    begin.note(run, fresh.fingerprint)
    if progress is None or not _same(progress, fresh) or not _tables_open(run):
        _discard(run)
        progress = fresh
    elif progress.daily_cap != fresh.daily_cap:
        progress = progress.up_to("verify")
    if not manifest_of(run).exists():
        progress = progress.up_to("report")
    _sweep(run)
    save_progress(run, progress.model_copy(update={"inbox": fresh.inbox, "daily_cap": fresh.daily_cap}))
    return custom.kept(run, tables)


def tonights_run(settings: Settings) -> Run:
    """The night's newest run, begun or not; its first one if there is none."""
    number = max([1, *(_suffix(name) for name in _names(settings))])
    return Run(settings=settings, run_id=f"{settings.night:%Y-%m-%d}-{number}")


def _of_its_day(settings: Settings) -> Settings:
    """The settings with the answer whether this night asks. Errors: BadInput if it is more than a day ahead.

    Decided as the night starts: one that began in time goes on over midnight.
    """
    now = today()
    if settings.night > now + timedelta(days=1):
        raise BadInput(
            "future_night",
            f"Đêm {settings.night:%d/%m/%Y} chưa tới (hôm nay {now:%d/%m/%Y}); hãy sửa --night "
            "/ the night is more than a day ahead.",
        )
    asks = settings.night >= now if settings.asks is None else settings.asks
    return settings.model_copy(update={"asks": asks})


def close(run: Run) -> None:
    """Closes the run: the same command makes a new run from now on."""
    from pipelines.night import keep

    progress = progress_of(run)
    if progress is not None:
        save_progress(run, progress.model_copy(update={"closed": True}))
    _forget_old_tables(run.settings)
    keep.forget_old(run.settings)


def last_run(settings: Settings) -> Run:
    """The newest finished run. Errors: BadInput if there is none."""
    run_id = last_run_id(settings)
    if run_id is None:
        raise BadInput(
            "no_run",
            f"Chưa có đêm nào chạy xong trong «{settings.workspace}»; hãy chạy: sachsong nightly / no finished run.",
        )
    return _reopened(settings, run_id)


def last_run_id(settings: Settings) -> str | None:
    """The name of the newest finished run; None if there is none."""
    finished = (path.parent.name for path in settings.runs_directory.glob("*/manifest.json"))
    return max(finished, key=lambda name: (name[:10], _suffix(name)), default=None)


def with_tables(settings: Settings) -> list[Run]:
    """The finished runs whose tables are still there, the newest first. Errors: BadInput if there is none."""
    finished = (path.parent.name for path in settings.runs_directory.glob("*/manifest.json"))
    ordered = sorted(finished, key=lambda name: (name[:10], _suffix(name)), reverse=True)
    held = [run for name in ordered if (run := _reopened(settings, name)).database.exists()]
    if not held:
        raise BadInput("no_tables", "Không đêm nào còn bảng; hãy chạy: sachsong nightly / no night has its tables.")
    return held


def newest_run(settings: Settings) -> Run:
    """The night's newest run, finished or not; where no night was named and it has none, the newest finished run.

    Errors: BadInput if there is none.
    """
    number = max((_suffix(name) for name in _names(settings)), default=0)
    run = _reopened(settings, f"{settings.night:%Y-%m-%d}-{number}")
    if run.database.exists():
        return run
    if "night" in settings.model_fields_set:
        raise BadInput(
            "no_run", f"Đêm {settings.night} chưa có lượt chạy nào còn bảng / no run of that night has its tables."
        )
    return last_run(settings)


def require_tables(run: Run) -> Progress:
    """The progress of the run, whose tables are still there. Errors: BadInput if they are gone."""
    progress = progress_of(run)
    if progress is None or not run.database.exists() or not _tables_open(run):
        raise _no_tables(run)
    return progress


@contextmanager
def tables_of(run: Run, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the run's tables, closed at the end.

    Errors: BadInput if they are gone; Transient if another process has them open.
    """
    connection = _opened(run, read_only=read_only) if progress_of(run) is not None and run.database.exists() else None
    if connection is None:
        raise _no_tables(run)
    try:
        yield connection
    finally:
        connection.close()


def _no_tables(run: Run) -> BadInput:
    return BadInput(
        "no_tables",
        f"Không còn bảng của lượt {run.run_id}; hãy chạy: sachsong nightly / the run's tables are gone.",
    )


def _fingerprint(settings: Settings, tables: custom.Tables) -> str:
    from pipelines.read import hop as read

    digest = hashlib.sha256(provenance.code_digest().encode())
    digest.update(snapshot.current(settings).sha256.encode())
    digest.update(f"{settings.night}".encode())
    for name, table in tables.items():
        digest.update(f"sectors|{name}|{hashlib.sha256(table).hexdigest()}".encode())
    for mapping in sorted(settings.inbox_directory.glob(f"*/{read.MAPPING}")):
        digest.update(f"{mapping.parent.name}|{sha256(mapping)}".encode())
    for each in read.require_files(settings):
        content = each.refused.code if each.refused else each.sha256()
        digest.update(f"{each.sector}|{each.source_file}|{content}".encode())
    return digest.hexdigest()


def _same(one: Progress, other: Progress) -> bool:
    return one.fingerprint == other.fingerprint


def inbox_of(settings: Settings) -> Path | None:
    """The inbox that was named, as an absolute path; None for the workspace's own."""
    return settings.inbox and settings.inbox.resolve()


def _reopened(settings: Settings, run_id: str) -> Run:
    """A run of before with the settings and tables that it had, but for settings that were named anew."""
    night = date.fromisoformat(run_id[:10])
    settings = _of_its_day(settings.model_copy(update={"night": night}))
    run = custom.with_kept(Run(settings=settings, run_id=run_id))
    progress = progress_of(run)
    if progress is None:
        return run
    before = {"inbox": progress.inbox, "daily_cap": progress.daily_cap}
    kept = {name: value for name, value in before.items() if name not in settings.model_fields_set}
    return run.model_copy(update={"settings": run.settings.model_copy(update=kept)})


def manifest_of(run: Run) -> Path:
    """Path of the run's manifest once it is finished."""
    return run.directory / "manifest.json"


def _tables_open(run: Run) -> bool:
    """Whether the run's tables can be read, as far as opening them tells; true where there are none yet."""
    if not run.database.exists():
        return True
    connection = _opened(run)
    if connection is not None:
        connection.close()
    return connection is not None


def _opened(run: Run, *, read_only: bool = False) -> duckdb.DuckDBPyConnection | None:
    """A connection to the run's tables; None if they are damaged. Errors: Transient if another process has them."""
    try:
        return run_tables.of_run(run, read_only=read_only)
    except duckdb.Error as fault:
        if "lock" in str(fault):
            raise Transient(
                f"Một tiến trình khác đang mở bảng của lượt {run.run_id}; đóng nó rồi chạy lại "
                "/ another process holds the run's tables."
            ) from fault
        return None


def _discard(run: Run) -> None:
    for name in (run.database.name, f"{run.database.name}.wal"):
        run.database.with_name(name).unlink(missing_ok=True)
    shutil.rmtree(run.directory, ignore_errors=True)


def _forget_old_tables(settings: Settings) -> None:
    """They are as large as the files they were made from, and can be made from them again."""
    names = [path.name for path in settings.work_directory.glob("*.duckdb")]
    old = sorted(names, key=lambda name: (name[:10], _suffix(name.removesuffix(".duckdb"))))[: -settings.kept_tables]
    for name in old:
        (settings.work_directory / name).unlink()


def _sweep(run: Run) -> None:
    """Removes what a killed attempt was still writing: else the manifest would name it as an output."""
    for folder in (run.directory, run.database.parent, run.settings.registry_directory):
        for path in folder.glob("**/.*.part"):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    shutil.rmtree(run.database.with_name(f"{run.database.name}.tmp"), ignore_errors=True)


def _names(settings: Settings) -> Iterator[str]:
    for folder, pattern in ((settings.runs_directory, "*"), (settings.work_directory, "*.json")):
        for path in folder.glob(f"{settings.night:%Y-%m-%d}-{pattern}"):
            yield path.name.removesuffix(".json")


def _suffix(name: str) -> int:
    tail = name[11:]
    return int(tail) if tail.isdigit() else 0
