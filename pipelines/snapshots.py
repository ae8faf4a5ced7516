"""Which registry snapshot is in force: an immutable file, found through a pointer."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pipelines.config import Settings
from pipelines.errors import BadInput

POINTER = "current.json"


class Snapshot(BaseModel):
    """A registry that has been prepared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    """Parquet, sorted by person_id (docs/architecture.md has the columns)."""
    sha256: str
    """Of the file that it was made from."""
    source_file: str
    people: int
    rejected: int
    """Rows of the file that are in no snapshot; listed beside it in `<name>.rejected.parquet`."""
    version: str


def current(settings: Settings) -> Snapshot:
    """The snapshot in force. Errors: BadInput if none was loaded."""
    pointer = settings.registry_directory / POINTER
    try:
        snapshot = Snapshot.model_validate_json(pointer.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as fault:
        raise BadInput(
            "no_registry",
            f"Chưa nạp sổ dân cư vào «{settings.workspace}»; hãy chạy: sachsong registry load TỆP "
            "/ no registry is loaded.",
        ) from fault
    return snapshot.model_copy(update={"path": settings.registry_directory / snapshot.path})
