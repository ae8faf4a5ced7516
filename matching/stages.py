"""Links the records of a shard: the stages of record linkage in their order.

Four fields agree (a join) → the number's owner, with old numbers → everybody who shares a block key → levels →
tonight's habits → weights, posterior, decision → rows of one person together, one person one record. A pure function of
the records and the snapshot: no clock, no state, no randomness, every order given, so threads change nothing.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from matching import block, pairs, snapshot, term_frequency
from matching.assign import keep_one
from matching.compare import compare
from matching.decide import best_candidates, decide
from matching.explanation.reason import reason
from matching.groups import settle_groups
from matching.measures import measure
from matching.model import Model, load
from matching.offers import offers
from matching.records import filled_of, prepare
from matching.score import add_belief, add_bits, calibrated
from matching.train import Habits, adapted, habits

COLUMNS = (
    "record_id", "sector", "source_file", "sheet", "source_row", "person_id", "decision", "status", "weight",
    "probability", "margin", "reason", "differs", "held", "askable",
)  # fmt: skip
"""Columns of the links, in this order."""

TRAINING_RECORDS = 20_000
"""Records that are enough to estimate habits: an error rate is then known within half a point. Chosen by what they say,
so that the same records are chosen again tomorrow.
"""


class LinkOptions(BaseModel):
    """Options of linking a shard."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    one_record_per_person: bool
    """False where a person has many rows on purpose (a vaccination dose each)."""
    model: Model = Field(default_factory=load)
    """The model to decide with; a sector may bring its own."""
    habits: Habits | None = None
    """Error rates of the records; None: estimated from the records themselves."""
    threads: int = Field(default_factory=lambda: min(8, os.cpu_count() or 2), ge=1)
    """Number of threads: changes the speed, never a byte."""
    memory_mb: int = Field(default=3_000, ge=256)
    chunk_pairs: int = Field(default=500_000, ge=1_000)
    """Pairs compared at a time, by all threads together: about 600 MB."""


class Linkage(NamedTuple):
    """The links, the counts of blocking, and the habits by which the weights were set."""

    links: pl.DataFrame
    blocks: list[block.Blocks]
    habits: Habits


class LookupResult(NamedTuple):
    """Lookup results: what the registry holds for some records, before weighing; `r` is the record, `p` the person."""

    blocks: list[block.Blocks]
    pairs: pl.DataFrame
    """Every open pair with `person_id`, `life`, the person's rarities, level and kind numbers; sorted by r, p."""
    agreed: pl.DataFrame
    """The records that agree in all four fields: `r, p, person_id, life` and the person's rarities; sorted by r."""
    sure: pl.DataFrame
    """Pairs like `pairs`, of the records in `agreed` that were chosen for training."""
    owned: pl.Series
    """The records whose number is somebody's, sorted."""
    chosen: pl.Series
    """The searchable records that were chosen for training, sorted."""


def link(records: pl.DataFrame, registry: Path, options: LinkOptions) -> pl.DataFrame:
    """Exactly one row a record: person, decision, status, weight, reason.

    Shape: COLUMNS, in the order of `records` (a core table); `registry` is a snapshot (docs/architecture.md).
    Units: `weight`, `margin` bits; `probability` 0–1.
    """
    return linkage(records, registry, options).links


def linkage(records: pl.DataFrame, registry: Path, options: LinkOptions) -> Linkage:
    """The links of `link`, with what each block key found and dropped, and the habits."""
    prepared = prepare(records)
    model = options.model
    with snapshot.connect(registry, options.threads, options.memory_mb, model) as connection:
        people = snapshot.size(connection)
        looked = find_candidates(connection, prepared, model, options, training_step(records.height))
    tonight = options.habits or habits_of(looked, model, people)
    model = adapted(model, tonight)
    best, weighed = weigh(looked, model, people)
    decided = decide(prepared, best, looked.owned, model)
    if options.one_record_per_person:
        decided = keep_one(decided.with_columns(filled_of(records)), offers(weighed, model), model)
    else:
        decided = settle_groups(decided, prepared, model)
    links = pl.concat(
        [records.select(COLUMNS[:5]), decided.with_columns(reason(model)).select(COLUMNS[5:])], how="horizontal"
    )
    return Linkage(links, looked.blocks, tonight)


def candidates(records: pl.DataFrame, registry: Path, options: LinkOptions) -> pl.DataFrame:
    """All candidate pairs of the records, with their levels and weights.

    Shape: sorted by r (row of `records`), weight falling; level and kind numbers, `bits_<field>`, `weight`,
    `relative`, `probability`, `person_id`, `life`; a record that agrees in four fields is compared with its person.
    Units: bits. `options.habits` should be those of the night.
    """
    model = options.model
    with snapshot.connect(registry, options.threads, options.memory_mb, model) as connection:
        people = snapshot.size(connection)
        looked = find_candidates(connection, prepare(records), model, options, step=1)
    model = adapted(model, options.habits or habits_of(looked, model, people))
    weighed = add_belief(add_bits(pl.concat([looked.pairs, looked.sure]), model, people).sort("r", "p"))
    probability = calibrated(pl.col("probability"), model.weights.calibration.points).alias("probability")
    return (
        weighed.select(pl.exclude(f"^{term_frequency.PREFIX}.*$"))
        .with_columns(probability)
        .sort(["r", "weight", "p"], descending=[False, True, False])
    )


def training_step(records: int) -> int:
    """Sampling step of training: one in this many records; a power of two, so that the sample for more records is part
    of the one for fewer.
    """
    step = 1
    while records // (2 * step) >= TRAINING_RECORDS:
        step *= 2
    return step


def find_candidates(
    connection: duckdb.DuckDBPyConnection,
    prepared: pl.DataFrame,
    model: Model,
    options: LinkOptions,
    step: int,
    also: pl.DataFrame | None = None,
) -> LookupResult:
    """Lookup results of the records in the connection's snapshot, every `step`-th record chosen for training.

    `also`: persons (`r`, `person_id`) with whom records are compared although they may share no key.
    """
    block.settle(connection, prepared)
    blocks = block.block(connection, model, options.threads)
    if also is not None:
        block.add_pairs(connection, also)
    agreed = snapshot.query(connection, _AGREED_SQL)
    return LookupResult(
        blocks=blocks,
        pairs=compared(connection, model, options),
        agreed=pl.concat([agreed, snapshot.lookup(connection).rarity(agreed["p"])], how="horizontal"),
        sure=_sure(connection, model, step),
        owned=snapshot.query(connection, "SELECT DISTINCT r FROM hits ORDER BY r")["r"],
        chosen=snapshot.query(connection, _CHOSEN_SQL.format(step=step))["r"],
    )


def compared(connection: duckdb.DuckDBPyConnection, model: Model, options: LinkOptions) -> pl.DataFrame:
    """Every open pair with its level and kind numbers and the person's rarities, sorted by r, p."""
    people, records = snapshot.lookup(connection), pairs.records_of(connection, model)
    chunks, places = pairs.chunks(connection, options.chunk_pairs // options.threads, options.threads)
    with ThreadPoolExecutor(options.threads) as pool:
        levels = pl.concat(pool.map(lambda chunk: _levels(pairs.sides(people, chunk, records), model), chunks))
    return levels.select(pl.all().gather(places))


def habits_of(looked: LookupResult, model: Model, people: int) -> Habits:
    """The habits that the records chosen for training show."""
    open_pairs = looked.pairs.filter(
        pl.col("r").is_in(looked.chosen.implode()) & ~pl.col("r").is_in(looked.sure["r"].implode())
    )
    sides = [open_pairs.with_columns(settled=pl.lit(False)), looked.sure.with_columns(settled=pl.lit(True))]
    return habits(pl.concat(sides), len(looked.chosen), model, people)


def weigh(looked: LookupResult, model: Model, people: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two tables: the strongest candidate of each record as `decide` reads it, all open pairs with their weights."""
    first, left_out = ("r", "p", "person_id", "life"), f"^({term_frequency.PREFIX}|kind_|bits_).*$"
    weighed = add_bits(looked.pairs, model, people).select(*first, pl.exclude(*first, left_out))
    best = best_candidates(weighed, model)
    agreed = _weigh_agreed(looked.agreed, model, people)
    return pl.concat([agreed.select(best.columns), best]), weighed


def _sure(connection: duckdb.DuckDBPyConnection, model: Model, step: int) -> pl.DataFrame:
    """The agreed records that were chosen for training, compared with their persons."""
    agreed = pairs.agreed(connection, step)
    return _levels(
        pairs.sides(snapshot.lookup(connection), agreed, pairs.records_of(connection, model, "agreed")), model
    )


def _levels(sides: pl.DataFrame, model: Model) -> pl.DataFrame:
    known = sides.select("r", "p", "life", f"^{term_frequency.PREFIX}.*$", person_id="person_id_r")
    levels = compare(measure(sides, model), model)
    return pl.concat([known, levels], how="horizontal")


def _weigh_agreed(agreed: pl.DataFrame, model: Model, people: int) -> pl.DataFrame:
    levels = [
        pl.lit(field.number("missing" if field.column is None else "same"), dtype=pl.UInt8).alias(field.field)
        for field in model.comparison
    ]
    kinds = [pl.lit(field.whole(), dtype=pl.UInt8).alias(f"kind_{field.field}") for field in model.comparison]
    weighed = add_bits(agreed.with_columns(levels + kinds), model, people)
    # Nobody else is looked for: what a namesake could claim is not taken off.
    return weighed.with_columns(
        probability=(1 / (1 + pl.lit(2.0) ** -pl.col("weight"))).round(6),
        somebody=pl.lit(1.0),
        margin=pl.col("weight"),
        contender=pl.lit(False),
        rival=pl.lit(False),
        barred=pl.lit(None, dtype=pl.String),
        barred_owned=pl.lit(None, dtype=pl.String),
        plausible=pl.lit(True),
        askable=pl.lit(False),
    )


_CHOSEN_SQL = "SELECT r FROM records WHERE searchable AND chance % {step} = 0 ORDER BY r"

_AGREED_SQL = """
SELECT r, p, person_id, status AS life
FROM (SELECT r, min(p) AS p FROM settled WHERE agreed GROUP BY r) JOIN owners USING (p) ORDER BY r
"""
