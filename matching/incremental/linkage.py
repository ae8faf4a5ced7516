"""Links a night's records at the cost of what has changed: the bytes of `stages.linkage`, from memory and the rest.

A link is a pure function of the records, the snapshot and our tables. For each record content (memory.py) the compared
pairs and the decision are remembered; looked up are contents that nobody remembers, and those that a changed registry
can affect (reopen.py). What couples records is done for all of them each night: their habits, and who gets a person
that several records want. Should the habits come out otherwise, all pairs are weighed again.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from matching import snapshot
from matching.decide import OF_RECORD, decide
from matching.explanation.reason import reason
from matching.incremental import memory
from matching.incremental.apply import ContentDecisions, apply_decisions
from matching.incremental.contents import contents_of, lookup_result_of, sample_of
from matching.incremental.invalidate import invalidate
from matching.incremental.memory import Contents, Decisions, Description, Remembered
from matching.lookup import Lookup
from matching.model import Model
from matching.offers import offers
from matching.records import prepare
from matching.stages import LinkOptions, LookupResult, find_candidates, habits_of, training_step, weigh
from matching.stages import linkage as full_linkage
from matching.train import Habits, adapted
from matching.verdicts import judge

MOST_SEGMENTS = 8
MOST_REMEMBERED = 1.25
"""Remembered contents per content of the night; beyond this, contents that the night does not have are forgotten."""


class Memory(NamedTuple):
    """Folder and key of a sector's memory."""

    folder: Path
    """Folder of the memory; it may be empty, and deleted at any time."""
    key: str
    """Digest of the code and tables: what other code found is not used."""


class Night(NamedTuple):
    """The links, the habits by which they were weighed, and counts of the work."""

    links: pl.DataFrame
    habits: Habits
    blocks_dropped: int
    """Number of the records' block key values that too many people share."""
    looked_up: int
    """Number of record contents that were looked up; the others were remembered."""
    weighed: int
    """Number of record contents that were weighed and decided."""


class _Known(NamedTuple):
    """What is remembered and holds in tonight's snapshot."""

    description: Description
    remembered: Remembered
    weigh: pl.Series
    """Contents that must be weighed again."""
    is_stored: bool
    """Whether it stands like this in the folder."""

    @property
    def height(self) -> int:
        """How many contents."""
        return self.remembered.contents.contents.height


class _Seen(NamedTuple):
    """What is known of tonight's records once all that had to be looked up has been."""

    now: Description
    known: _Known | None
    of_record: pl.Series
    """The content of each record."""
    fresh: pl.Series
    """A record of each content that was not remembered; these contents stand behind the others."""
    contents: Contents
    people: Lookup
    looked: LookupResult | None
    """What was looked up of the contents of `fresh`, numbered by their row there; None if there are none."""
    prepared: pl.DataFrame | None
    """The records of `fresh` in the columns that deciding reads; None if there are none."""

    @property
    def remembered(self) -> int:
        """How many contents were remembered."""
        return self.known.height if self.known else 0

    @property
    def height(self) -> int:
        """How many contents are known."""
        return self.contents.contents.height


def linkage(
    records: pl.DataFrame, registry: Path, options: LinkOptions, kept: Memory, verdicts: pl.DataFrame | None = None
) -> Night:
    """The links that `stages.linkage` makes, with the night's contents remembered for the next one.

    `verdicts` (`verdicts.SCHEMA`): what humans decided about records, which nobody remembers here.
    """
    if records.is_empty():
        # Nothing to link, and no reason to forget what the sector sent before.
        found = full_linkage(records, registry, options)
        return Night(found.links, found.habits, 0, 0, 0)
    seen = _see(records, registry, options, kept)
    sample = sample_of(seen.contents, seen.of_record, seen.people, training_step(records.height))
    habits = options.habits or habits_of(sample, options.model, seen.people.people)
    model = adapted(options.model, habits)
    wanted = _to_weigh(seen, habits)
    content_decisions = _content_decisions(records, seen, wanted, model)
    judged = None
    if verdicts is not None and not verdicts.is_empty():
        judged = judge(records, registry, verdicts, options, model)
    links = apply_decisions(
        records, seen.of_record, content_decisions, model, one=options.one_record_per_person, judged=judged
    )
    tonight = seen.of_record.unique().sort()
    _remember(kept.folder, seen, habits, content_decisions, tonight, is_more=len(wanted) == len(seen.fresh))
    dropped = seen.contents.dropped.filter(pl.col("c").is_in(tonight.implode())).select("key", "value").n_unique()
    return Night(links, habits, dropped, len(seen.fresh), len(wanted))


def _see(records: pl.DataFrame, registry: Path, options: LinkOptions, kept: Memory) -> _Seen:
    """Look up the records whose contents are not remembered."""
    model, step = options.model, training_step(records.height)
    said = memory.fingerprints(records)
    with snapshot.connect(registry, options.threads, options.memory_mb, model) as connection:
        side_files = snapshot.folder(connection).name
        now = Description(key=_key(kept, model), snapshot=registry.name, side_files=side_files, step=step)
        known = _recall(kept.folder, now, registry, options)
        of_record, fresh = _recognise(said, known)
        people = snapshot.lookup(connection)
        if known is None:
            prepared = prepare(records[fresh])
            contents, looked = _look(connection, prepared, said[fresh], options, step)
            return _Seen(now, None, of_record, fresh, contents, people, looked, prepared.select(OF_RECORD))
        now = now.model_copy(update={"step": known.description.step})
        contents = known.remembered.contents
        if fresh.is_empty():
            return _Seen(now, known, of_record, fresh, contents, people, None, None)
        prepared = prepare(records[fresh])
        new, looked = _look(connection, prepared, said[fresh], options, now.step)
    contents = memory.append(contents, new, known.height)
    return _Seen(now, known, of_record, fresh, contents, people, looked, prepared.select(OF_RECORD))


def _look(
    connection: duckdb.DuckDBPyConnection, prepared: pl.DataFrame, said: pl.DataFrame, options: LinkOptions, step: int
) -> tuple[Contents, LookupResult]:
    looked = find_candidates(connection, prepared, options.model, options, step)
    return contents_of(connection, looked, said), looked


def _content_decisions(records: pl.DataFrame, seen: _Seen, wanted: pl.Series, model: Model) -> ContentDecisions:
    """The decision of every content, those of `wanted` made now."""
    before = seen.known.remembered.decisions if seen.known else None
    if before is not None and wanted.is_empty():
        return ContentDecisions(before.decided, pl.int_range(seen.height, eager=True), before.offers)
    only_fresh = len(wanted) == len(seen.fresh) and wanted[0] == seen.remembered
    if only_fresh and seen.looked is not None and seen.prepared is not None:
        looked, prepared = seen.looked, seen.prepared
    else:
        looked = lookup_result_of(memory.select(seen.contents, wanted), seen.people)
        prepared = prepare(records[_a_record_of(seen.of_record, wanted)])
    decisions = _decide(prepared, looked, seen.people, model)
    return ContentDecisions.of(before, decisions, wanted, seen.height)


def _remember(
    folder: Path, seen: _Seen, habits: Habits, content_decisions: ContentDecisions, tonight: pl.Series, *, is_more: bool
) -> None:
    """Keep what was found out for the next night; `is_more`: what was kept before still holds."""
    now, numbers = seen.now.model_copy(update={"habits": habits}), tonight
    if seen.known and seen.known.is_stored and is_more and _is_compact(seen.known, len(tonight)):
        if seen.fresh.is_empty():
            return
        now = now.model_copy(update={"segments": seen.known.description.segments})
        numbers = pl.int_range(seen.remembered, seen.height, dtype=pl.Int32, eager=True)
    memory.save(folder, now, Remembered(memory.select(seen.contents, numbers), content_decisions.only(numbers)))


def _key(kept: Memory, model: Model) -> str:
    """The key of what is remembered by this model."""
    return f"{kept.key}-{hashlib.sha256(model.model_dump_json().encode()).hexdigest()[:16]}"


def _recall(folder: Path, now: Description, registry: Path, options: LinkOptions) -> _Known | None:
    """What is remembered, as it holds in tonight's snapshot; None if nothing can be used."""
    loaded = memory.load(folder, now.key)
    if loaded is None or loaded[0].step > now.step:
        return None
    description, remembered = loaded
    if (description.snapshot, description.side_files) == (now.snapshot, now.side_files):
        return _Known(description, remembered, pl.Series([], dtype=pl.Int32), is_stored=True)
    before = registry.with_name(description.snapshot)
    if not (before.is_file() and before.with_name(description.side_files).is_dir()):
        return None
    left = invalidate(remembered, before, registry, options)
    return _Known(description, left.remembered, left.weigh, is_stored=False)


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


def _to_weigh(seen: _Seen, habits: Habits) -> pl.Series:
    """The contents that must be weighed tonight, sorted."""
    tonight = seen.of_record.unique().sort()
    if seen.known is None or habits != seen.known.description.habits:
        return tonight
    again = seen.known.weigh.filter(seen.known.weigh.is_in(tonight.implode()))
    return pl.concat([again, pl.int_range(seen.remembered, seen.height, dtype=pl.Int32, eager=True)])


def _a_record_of(of_record: pl.Series, contents: pl.Series) -> pl.Series:
    """The first record of each of these contents."""
    first = pl.DataFrame({"c": of_record}).with_row_index("row").unique("c", keep="first")
    return pl.DataFrame({"c": contents}).join(first, on="c", how="left", maintain_order="left")["row"]


def _decide(prepared: pl.DataFrame, looked: LookupResult, people: Lookup, model: Model) -> Decisions:
    best, weighed = weigh(looked, model, people.people)
    decided = decide(prepared, best, looked.owned, model).with_columns(reason(model))
    return Decisions(decided.drop("r", "id_number", "id_kind", "searchable"), offers(weighed, model).rename({"r": "c"}))


def _is_compact(known: _Known, contents: int) -> bool:
    return len(known.description.segments) < MOST_SEGMENTS and known.height <= MOST_REMEMBERED * contents
