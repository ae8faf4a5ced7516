"""How far a run went."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pipelines.config import Run
from pipelines.night.order import before
from pipelines.workspace import atomic_files

Counts = dict[str, int]


class Progress(BaseModel):
    """What an attempt has done so far, and with which settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    """Of the inputs, the registry, the night, our own code and tables, and the tables of one's own sectors."""
    inbox: Path | None
    daily_cap: int
    done: dict[str, Counts] = {}
    """Hop → what it counted."""
    closed: bool = False
    """Whether the night was handed on to its end: the next one with the same inputs is a new run."""

    def up_to(self, name: str) -> "Progress":
        """Without what was done from the named hop on."""
        return self.model_copy(update={"done": {each: self.done[each] for each in before(name) if each in self.done}})


def _progress_file(run: Run) -> Path:
    return run.database.with_suffix(".json")


def progress_of(run: Run) -> Progress | None:
    """How far the run went; None if nothing of that can be used."""
    path = _progress_file(run)
    if not path.exists():
        return None
    try:
        loaded = Progress.model_validate_json(path.read_bytes())
    except ValidationError:
        # All of it can be made again from the inbox.
        return None
    # The tables are gone: what was done with them counts for nothing.
    return loaded if run.database.exists() or not loaded.done else None


def save_progress(run: Run, progress: Progress) -> None:
    """Remember how far the run went, at once."""
    with atomic_files.atomic(_progress_file(run)) as temporary:
        temporary.write_text(progress.model_dump_json(), encoding="utf-8")
