"""Stores what the last night found out about each record content, in a folder that can be deleted at any time.

A content is all that matching reads of a record. Tables (`Contents`) speak of contents by number, `c`: those of the
first segment from 0, each later segment's behind it. A night adds a segment of what it saw first; once the segments
hold much that is out of date they are written anew as one. The file `memory.json` is replaced last and names what
counts: a night that is killed leaves either the old memory or the new.
"""

import os
import shutil
from pathlib import Path
from typing import NamedTuple, TypeVar

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from matching.records import TEXT
from matching.train import Habits

POINTER = "memory.json"
SEEDS = (1, 2)
"""Seeds of the two 64-bit hashes that are a content's fingerprint."""


class Description(BaseModel):
    """The code, registry and sample by which the memory was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    """Digest of the code and tables."""
    snapshot: str
    """Name of the registry file."""
    side_files: str
    """Name of its folder of side files, which tells two registries of one name apart."""
    step: int
    """Sampling step of training: one in this many records was chosen."""
    habits: Habits | None = None
    segments: tuple[str, ...] = ()


class Contents(NamedTuple):
    """The lookup results of contents."""

    contents: pl.DataFrame
    """A row a content: `u`, `v` (its fingerprint), `chance` (null if it is not searchable), `owned` (its number is
    somebody's), `agreed` (the person who agrees in four fields)."""
    pairs: pl.DataFrame
    """Compared pairs, sorted by c, p: level and kind numbers."""
    sure: pl.DataFrame
    """Pairs like `pairs`, of the contents in `agreed` that were chosen for training."""
    asked: pl.DataFrame
    """Columns `c, key, value`: the number and the block key values by which a content was looked up."""
    dropped: pl.DataFrame
    """Rows of `asked` whose value was too common."""


class Decisions(NamedTuple):
    """The decisions about contents, before contents compete for the same person."""

    decided: pl.DataFrame
    """A row a content: its decision, with all columns that the reason needs."""
    offers: pl.DataFrame
    """Other persons that a content could be about (`matching.offers`), `c` for `r`."""


class Remembered(NamedTuple):
    """All that is remembered of some contents."""

    contents: Contents
    decisions: Decisions


Tables = TypeVar("Tables", Contents, Decisions)


def append(first: Tables, second: Tables, by: int) -> Tables:
    """The tables of the first contents and, behind them, those of the second, numbered on from `height`."""
    later = [table.with_columns(pl.col("c") + by) if "c" in table.columns else table for table in second]
    return type(first)(*(pl.concat(both) for both in zip(first, later, strict=True)))


def select(tables: Tables, contents: pl.Series) -> Tables:
    """The tables of the given contents only (their numbers, sorted), numbered anew."""
    new = pl.DataFrame({"c": contents.cast(pl.Int32)}).with_row_index("new").with_columns(pl.col("new").cast(pl.Int32))
    picked = [
        table.join(new, on="c", how="inner", maintain_order="left").select(
            pl.col("new").alias("c"), pl.exclude("c", "new")
        )
        if "c" in table.columns
        else table.select(pl.all().gather(contents))
        for table in tables
    ]
    return type(tables)(*picked)


def fingerprints(core: pl.DataFrame) -> pl.DataFrame:
    """Two columns `u`, `v`: the fingerprint of each record's content.

    Shape: one row a record, same order; all that matching reads of a record but the department's key of a group.
    """
    # The raw number stands last: it alone may hold any character, the separator too.
    names = ["birth_year", *(name for name in TEXT if name not in ("group_key", "id_number_raw")), "id_number_raw"]
    said = [pl.col(name).cast(pl.String) if name in core.columns else pl.lit(None, pl.String) for name in names]
    text = core.select(text=pl.concat_str([each.fill_null("\x1e") for each in said], separator="\x1f"))["text"]
    return pl.DataFrame({name: text.hash(seed) for name, seed in zip(("u", "v"), SEEDS, strict=True)})


def load(folder: Path, key: str) -> tuple[Description, Remembered] | None:
    """The memory in the folder; None if it holds nothing that this code can use."""
    try:
        description = Description.model_validate_json((folder / POINTER).read_bytes())
        if description.key != key:
            return None
        contents, decisions = _read(folder / description.segments[0])
        for name in description.segments[1:]:
            height = contents.contents.height
            later = _read(folder / name)
            contents = append(contents, later.contents, height)
            decisions = append(decisions, later.decisions, height)
    except (OSError, ValidationError, pl.exceptions.PolarsError):
        return None
    return description, Remembered(contents, decisions)


def save(folder: Path, description: Description, remembered: Remembered) -> None:
    """Stores the contents behind the segments that `description` names; other segments are deleted."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{max((int(each) for each in _segments(folder)), default=0) + 1:06}"
    (folder / name).mkdir()
    for path, frame in _paths(folder / name, remembered):
        frame.write_ipc(path)
        _sync(path)
    description = description.model_copy(update={"segments": (*description.segments, name)})
    pointer = folder / f".{POINTER}.part"
    pointer.write_text(description.model_dump_json(), encoding="utf-8")
    _sync(pointer)
    pointer.replace(folder / POINTER)
    _sync(folder)
    for stale in set(_segments(folder)) - set(description.segments):
        shutil.rmtree(folder / stale)


def _read(segment: Path) -> Remembered:
    contents, decisions = (
        [pl.scan_ipc(segment / f"{name}.arrow", glob=False).collect() for name in kind._fields]
        for kind in (Contents, Decisions)
    )
    return Remembered(Contents(*contents), Decisions(*decisions))


def _paths(segment: Path, remembered: Remembered) -> list[tuple[Path, pl.DataFrame]]:
    tables = {**remembered.contents._asdict(), **remembered.decisions._asdict()}
    return [(segment / f"{name}.arrow", frame) for name, frame in tables.items()]


def _segments(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_dir() and path.name.isdigit()]


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
