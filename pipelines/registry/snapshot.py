"""Finds the registry snapshot in force: an immutable file, named by a pointer."""

from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from pipelines.config import Settings
from pipelines.errors import BadInput

POINTER = "current.json"


class Snapshot(BaseModel):
    """A prepared registry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    """Path of the Parquet file, sorted by person_id (docs/architecture.md has the columns)."""
    sha256: str
    """Hash of the file that it was made from."""
    source_file: str
    people: int
    rejected: int
    """Number of the file's rows that are in no snapshot; listed beside it in `<name>.rejected.parquet`."""
    code: str
    """Digest of the code and tables that made it."""
    is_feed: bool = False
    """True if the file lists changes to the snapshot before."""
    feed_number: int | None = None
    """Number of the last change feed in it; None if no file has borne one since the last whole file."""
    events: dict[str, int] = {}
    """What its changes mean: kind of event → how many; of a whole file nothing."""
    sector_columns: tuple[str, ...] = ()
    """Headers that make the file a sector's list and no registry."""


def current(settings: Settings) -> Snapshot:
    """The snapshot in force. Errors: BadInput if none was loaded, or its file is gone or damaged."""
    pointer = settings.registry_directory / POINTER
    if not pointer.is_file():
        raise BadInput(
            "no_registry",
            f"Chưa nạp dữ liệu dân cư vào «{settings.workspace}»; hãy chạy: sachsong registry load TỆP "
            "/ no registry is loaded.",
        )
    try:
        snapshot = Snapshot.model_validate_json(pointer.read_bytes())
    except ValidationError as fault:
        raise _damaged(POINTER) from fault
    path = settings.registry_directory / snapshot.path
    if not is_whole(path):
        raise _damaged(path.name)
    return snapshot.model_copy(update={"path": path})


def is_whole(path: Path) -> bool:
    """Whether the file is there and ends as a Parquet file does: one that was cut off has no footer."""
    try:
        pl.scan_parquet(path, glob=False).collect_schema()
    except (OSError, pl.exceptions.PolarsError):
        return False
    return True


def _damaged(name: str) -> BadInput:
    return BadInput(
        "registry_damaged",
        f"Dữ liệu dân cư đã nạp bị mất hoặc hỏng («{name}»); hãy nạp lại: sachsong registry load TỆP "
        "/ the loaded registry is gone or damaged: load it again.",
    )
