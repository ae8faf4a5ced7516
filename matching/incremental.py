"""A night's links that cost what has changed: the same bytes as `stages.linkage`, from what is remembered and the rest.

A link is a pure function of the records, the snapshot and our tables. For each record content (matching/memory.py) the
compared pairs and the decision are remembered; looked up are contents that nobody remembers, and those that a changed
registry can affect (matching/reopen.py). What couples records is done for all of them each night: their habits, and
who gets a person that several records want. Should the habits come out otherwise, all pairs are weighed again.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import polars as pl

from matching import memory, snapshot
from matching.decide import decide
from matching.explain import reason
from matching.lookup import Lookup
from matching.memory import Contents, Decisions, Described, Remembered
from matching.model import Model
from matching.records import prepare
from matching.remembered import contents_of, looked_of, offers_of, sample_of
from matching.reopen import reopen
from matching.spread import Standing, spread
from matching.stages import LinkOptions, habits_of, look, training_step, weigh
from matching.stages import linkage as full_linkage
from matching.train import Habits, adapted
from matching.verdicts import judge

MOST_SEGMENTS = 8
MOST_REMEMBERED = 1.25
"""Remembered contents for each that the night has; beyond this those that it does not have are forgotten."""


class Memory(NamedTuple):
    """Where a sector's memory is kept."""

    folder: Path
    """May be empty, and deleted at any time."""
    key: str
    """Of the code and tables: what other code found counts for nothing."""


class Night(NamedTuple):
    """The links, by which habits they were weighed, and how much work they were."""

    links: pl.DataFrame
    habits: Habits
    blocks_dropped: int
    """Block key values of the records that too many people share."""
    looked_up: int
    """Record contents that were looked up; the others were remembered."""
    weighed: int
    """Record contents that were weighed and decided."""


class _Known(NamedTuple):
    """What is remembered and holds in tonight's snapshot."""

    described: Described
    remembered: Remembered
    weigh: pl.Series
    """Contents that must be weighed again."""
    is_stored: bool
    """Whether it stands like this in the folder."""

    @property
    def height(self) -> int:
        """How many contents."""
        return self.remembered.contents.contents.height


def linkage(
    records: pl.DataFrame, registry: Path, options: LinkOptions, kept: Memory, verdicts: pl.DataFrame | None = None
) -> Night:
    """As `stages.linkage`; remembers for the next night.

    `verdicts` (`verdicts.SCHEMA`): what humans decided about records, which nobody remembers here.
    """
    if records.is_empty():
        # Nothing to link, and no reason to forget what the sector sent before.
        found = full_linkage(records, registry, options)
        return Night(found.links, found.habits, 0, 0, 0)
    model, step = options.model, training_step(records.height)
    verdicts = None if verdicts is None or verdicts.is_empty() else verdicts
    said = memory.fingerprints(records)
    with snapshot.connect(registry, options.threads, options.memory_mb, model) as connection:
        now = Described(
            key=_key(kept, model), snapshot=registry.name, side_files=snapshot.folder(connection).name, step=step
        )
        known = _recall(kept.folder, now, registry, options)
        now = now.model_copy(update={"step": known.described.step}) if known else now
        of_record, fresh = _recognise(said, known)
        looked = look(connection, prepare(records[fresh]), model, options, now.step)
        new = contents_of(connection, looked, said[fresh])
        people = snapshot.lookup(connection)
    contents = memory.followed(known.remembered.contents, new, known.height) if known else new
    habits = options.habits or habits_of(sample_of(contents, of_record, people, step), model, people.people)
    now = now.model_copy(update={"habits": habits})
    model = adapted(model, habits)
    wanted = _to_weigh(known, habits, of_record, contents.contents.height)
    prepared = prepare(records[_a_record_of(of_record, wanted)])
    decisions = _decide(prepared, memory.chosen(contents, wanted), people, model)
    before = known.remembered.decisions if known else None
    standing = Standing.of(before, decisions, wanted, contents.contents.height)
    judged = None if verdicts is None else judge(records, registry, verdicts, options, model)
    links = spread(records, of_record, standing, model, one=options.one_record_per_person, judged=judged)
    tonight = of_record.unique().sort()
    if known and known.is_stored and len(wanted) == len(fresh) and _is_compact(known, len(tonight)):
        _append(kept.folder, now, known, Remembered(new, decisions))
    else:
        memory.save(kept.folder, now, Remembered(memory.chosen(contents, tonight), standing.only(tonight)))
    dropped = contents.dropped.filter(pl.col("c").is_in(tonight.implode())).select("key", "value").n_unique()
    return Night(links, habits, dropped, len(fresh), len(wanted))


def _key(kept: Memory, model: Model) -> str:
    """The key of what is remembered by this model."""
    return f"{kept.key}-{hashlib.sha256(model.model_dump_json().encode()).hexdigest()[:16]}"


def _append(folder: Path, now: Described, known: _Known, new: Remembered) -> None:
    if new.contents.contents.height:
        memory.save(folder, now.model_copy(update={"segments": known.described.segments}), new)


def _recall(folder: Path, now: Described, registry: Path, options: LinkOptions) -> _Known | None:
    """What is remembered, as it holds in tonight's snapshot; None if nothing can be used."""
    loaded = memory.load(folder, now.key)
    if loaded is None or loaded[0].step > now.step:
        return None
    described, remembered = loaded
    if (described.snapshot, described.side_files) == (now.snapshot, now.side_files):
        return _Known(described, remembered, pl.Series([], dtype=pl.Int32), is_stored=True)
    before = registry.with_name(described.snapshot)
    if not (before.is_file() and before.with_name(described.side_files).is_dir()):
        return None
    left = reopen(remembered, before, registry, options)
    return _Known(described, left.remembered, left.weigh, is_stored=False)


def _recognise(said: pl.DataFrame, known: _Known | None) -> tuple[pl.Series, pl.Series]:
    """(the content of each record, a record of each content that is not remembered): new ones follow the others."""
    height = known.height if known else 0
    table = known.remembered.contents.contents.select("u", "v") if known else said.clear()
    numbered = table.with_row_index("c").with_columns(pl.col("c").cast(pl.Int32))
    found = said.join(numbered, on=["u", "v"], how="left", maintain_order="left").with_row_index("row")
    fresh = found.filter(pl.col("c").is_null()).unique(["u", "v"], keep="first", maintain_order=True)
    new = fresh.select("u", "v", new=pl.int_range(height, height + pl.len(), dtype=pl.Int32))
    of_record = found.join(new, on=["u", "v"], how="left", maintain_order="left")
    return of_record.select(pl.coalesce("c", "new")).to_series(), fresh["row"]


def _to_weigh(known: _Known | None, habits: Habits, of_record: pl.Series, height: int) -> pl.Series:
    """The contents that must be weighed tonight, sorted."""
    if known is None or habits != known.described.habits:
        return of_record.unique().sort()
    fresh = pl.int_range(known.height, height, dtype=pl.Int32, eager=True)
    again = known.weigh.filter(known.weigh.is_in(of_record.unique().implode()))
    return pl.concat([again, fresh])


def _a_record_of(of_record: pl.Series, contents: pl.Series) -> pl.Series:
    """The first record of each of these contents."""
    first = pl.DataFrame({"c": of_record}).with_row_index("row").unique("c", keep="first")
    return pl.DataFrame({"c": contents}).join(first, on="c", how="left", maintain_order="left")["row"]


def _decide(prepared: pl.DataFrame, contents: Contents, people: Lookup, model: Model) -> Decisions:
    looked = looked_of(contents, people)
    best, weighed = weigh(looked, model, people.people)
    decided = decide(prepared, best, looked.owned, model).with_columns(reason(model))
    return Decisions(decided.drop("r", "id_number", "id_kind", "searchable"), offers_of(weighed))


def _is_compact(known: _Known, contents: int) -> bool:
    return len(known.described.segments) < MOST_SEGMENTS and known.height <= MOST_REMEMBERED * contents
