"""Who each record of a shard is: the stages in their order.

Four fields agree (a join) → the number's owner, with old numbers → everybody who shares a block key → weights,
posterior, decision → one person one record. A pure function of the records and the snapshot: no clock, no state, no
randomness, and every order is given, so threads change nothing.
"""

import os
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from matching import block, pairs, snapshot
from matching.compare import compare
from matching.decide import best_candidates, decide, keep_one
from matching.explain import reason
from matching.measures import measure
from matching.model import Model, load
from matching.records import prepare
from matching.score import add_shares, add_weight, agreed_weight, probability
from matching.train import with_counted_evidence

COLUMNS = (
    "record_id", "sector", "source_file", "sheet", "source_row", "person_id", "decision", "status", "weight",
    "probability", "margin", "reason", "differs",
)  # fmt: skip
"""Of the links, in this order."""


class LinkOptions(BaseModel):
    """How a shard is linked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    one_record_per_person: bool
    """False where a person has many rows on purpose (a vaccination dose each)."""
    threads: int = Field(default_factory=lambda: min(8, os.cpu_count() or 2), ge=1)
    """Changes the speed, never a byte."""
    memory_mb: int = Field(default=3_000, ge=256)
    chunk_pairs: int = Field(default=500_000, ge=1_000)
    """Pairs scored at a time: about 600 MB."""


class Linkage(NamedTuple):
    """The links and what blocking did."""

    links: pl.DataFrame
    blocks: list[block.Blocks]


def link(records: pl.DataFrame, registry: Path, options: LinkOptions) -> pl.DataFrame:
    """Exactly one row a record: person, decision, status, weight, reason.

    Shape: COLUMNS, in the order of `records` (a core table); `registry` is a snapshot (docs/architecture.md).
    Units: `weight`, `margin` bits; `probability` 0–1.
    """
    return linkage(records, registry, options).links


def linkage(records: pl.DataFrame, registry: Path, options: LinkOptions) -> Linkage:
    """As `link`, with what each block key found and dropped."""
    prepared = prepare(records)
    with snapshot.connect(registry, options.threads, options.memory_mb) as connection:
        people = snapshot.size(connection)
        block.settle(connection, prepared)
        model = _trained(connection, load(), options)
        blocks = block.block(connection, model)
        found = best_candidates(_scored(connection, model, people, options), model)
        agreed = _agreed(connection, model, people)
        owned = snapshot.query(connection, "SELECT DISTINCT r FROM hits ORDER BY r")["r"]
    decided = decide(prepared, pl.concat([agreed, found.select(agreed.columns)]), owned, model)
    if options.one_record_per_person:
        decided = keep_one(decided)
    decided = decided.with_columns(reason(model))
    links = pl.concat([records.select(COLUMNS[:5]), decided.select(COLUMNS[5:])], how="horizontal")
    return Linkage(links, blocks)


def _trained(connection: duckdb.DuckDBPyConnection, model: Model, options: LinkOptions) -> Model:
    """The model with m of the evidence fields as the shard's agreed records show it."""
    sides = pairs.lay_out_agreed(connection)
    return with_counted_evidence(model, _levels(sides, model, options))


def _agreed(connection: duckdb.DuckDBPyConnection, model: Model, people: int) -> pl.DataFrame:
    """The records that agree in all four fields, in the columns that `decide` reads."""
    weight = agreed_weight(model, people)
    found = snapshot.query(connection, _AGREED_SQL)
    levels = {field.field: field.number("missing" if field.column is None else "same") for field in model.comparison}
    return found.with_columns(
        *(pl.lit(number, dtype=pl.UInt8).alias(name) for name, number in levels.items()),
        weight=pl.lit(weight),
        probability=pl.lit(probability(weight)),
        margin=pl.lit(weight),
        contender=pl.lit(False),
        rival=pl.lit(False),
        auto=pl.lit(True),
        auto_owned=pl.lit(False),
        plausible=pl.lit(True),
    )


def _scored(connection: duckdb.DuckDBPyConnection, model: Model, people: int, options: LinkOptions) -> pl.DataFrame:
    """Every pair with its levels and weight, sorted by r, p."""
    pairs.choose(connection)
    counts = snapshot.count_values(connection)
    scored = []
    for sides in pairs.lay_out(connection, options.chunk_pairs):
        shared = add_shares(sides, counts, people).select("r", "p", "life", "^share_.*$", person_id="person_id_r")
        weighted = add_weight(pl.concat([shared, _levels(sides, model, options)], how="horizontal"), model, people)
        scored.append(weighted.select(pl.exclude("^share_.*$")))
    return pl.concat(scored)


def _levels(sides: pl.DataFrame, model: Model, options: LinkOptions) -> pl.DataFrame:
    return compare(measure(sides, model.doublets.pairs, options.threads), model)


_AGREED_SQL = """
SELECT r, p, person_id, status AS life
FROM (SELECT r, min(p) AS p FROM settled WHERE agreed GROUP BY r) JOIN owners USING (p) ORDER BY r
"""
