"""Stores how far a run went."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pipelines.config import Run
from pipelines.night.order import before
from pipelines.workspace import atomic_files

Counts = dict[str, int]


class Progress(BaseModel):
    """The finished hops of an attempt, and its settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    """Digest of the inputs, the registry, the night, our own code and tables, and the custom sectors' tables."""
    inbox: Path | None
    daily_cap: int
    done: dict[str, Counts] = {}
    """Hop → its counts."""
    closed: bool = False
    """True if the night was handed on to its end: the next one with the same inputs is a new run."""

    def up_to(self, name: str) -> "Progress":
        """The progress without the named hop and those after it."""
        return self.model_copy(update={"done": {each: self.done[each] for each in before(name) if each in self.done}})


def _progress_file(run: Run) -> Path:
    return run.database.with_suffix(".json")


def progress_of(run: Run) -> Progress | None:
    """The run's progress; None if nothing of it can be used."""
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
    """Writes the run's progress, at once."""
    with atomic_files.atomic(_progress_file(run)) as temporary:
        temporary.write_text(progress.model_dump_json(), encoding="utf-8")
