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

from matching import block, snapshot
from matching.compare import compare
from matching.decide import best_candidates, decide, keep_one
from matching.explain import reason
from matching.measures import measure
from matching.model import Model, load
from matching.records import prepare
from matching.score import add_shares, add_weight, agreed_weight, probability
from matching.snapshot import FOLD

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
    model = load()
    prepared = prepare(records)
    with snapshot.connect(registry, options.threads, options.memory_mb) as connection:
        people = snapshot.size(connection)
        block.settle(connection, prepared)
        agreed = _agreed(connection, model, people)
        blocks = block.block(connection, model)
        best = best_candidates(_scored(connection, model, people, options), model)
        owned = snapshot.query(connection, "SELECT DISTINCT r FROM hits ORDER BY r")["r"]
    decided = decide(prepared, pl.concat([agreed, best.select(agreed.columns)]), owned, model)
    if options.one_record_per_person:
        decided = keep_one(decided)
    decided = decided.with_columns(reason(model))
    links = pl.concat([records.select(COLUMNS[:5]), decided.select(COLUMNS[5:])], how="horizontal")
    return Linkage(links, blocks)


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
    connection.execute(_CANDIDATES_SQL)
    connection.execute(_WANTED_NAMES_SQL)
    counts = snapshot.count_values(connection)
    scored = [
        _score(
            snapshot.query(connection, _CHUNK_SQL, {"first": first, "last": last}),
            model,
            counts,
            people,
            options,
        )
        for first, last in _chunks(connection, options.chunk_pairs)
    ]
    return (
        pl.concat(scored)
        if scored
        else _score(snapshot.query(connection, _CHUNK_SQL, {"first": 0, "last": -1}), model, counts, people, options)
    )


def _score(
    pairs: pl.DataFrame, model: Model, counts: dict[str, pl.DataFrame], people: int, options: LinkOptions
) -> pl.DataFrame:
    pairs = add_shares(measure(pairs, model.doublets.pairs, options.threads), counts, people)
    levels = compare(pairs, model)
    kept = pairs.select("r", "p", pl.col("person_id_r").alias("person_id"), "life", "^share_.*$")
    weighted = add_weight(pl.concat([kept, levels], how="horizontal"), model, people)
    return weighted.select(pl.exclude("^share_.*$"))


def _chunks(connection: duckdb.DuckDBPyConnection, size: int) -> list[tuple[int, int]]:
    """Ranges of `r` (both ends included) with about `size` pairs each; a record is never cut."""
    counts = snapshot.query(connection, "SELECT r, count(*) AS pairs FROM pairs GROUP BY r ORDER BY r")
    chunk = ((pl.col("pairs").cum_sum() - 1) // size).alias("chunk")
    ends = counts.group_by(chunk, maintain_order=True).agg(first=pl.col("r").min(), last=pl.col("r").max())
    return list(zip(ends["first"].to_list(), ends["last"].to_list(), strict=True))


_AGREED_SQL = """
SELECT r, p, person_id, status AS life
FROM (SELECT r, min(p) AS p FROM settled WHERE agreed GROUP BY r) JOIN registry USING (p) ORDER BY r
"""

_CANDIDATES_SQL = f"""
CREATE TABLE candidates AS
SELECT p, person_id, full_name, name_key, date_of_birth, birth_year, sex, old_ids, other_names,
       list_transform(other_names, lambda name: {FOLD.format(text="name")}) AS other_keys,
       province_code, commune_code, {FOLD.format(text="mother_name")} AS mother_key,
       {FOLD.format(text="father_name")} AS father_key, status
FROM registry SEMI JOIN pairs USING (p)
"""

_WANTED_NAMES_SQL = """
CREATE TABLE wanted_names AS
SELECT DISTINCT name_key FROM (
    SELECT name_key FROM candidates UNION ALL SELECT name_key FROM records SEMI JOIN pairs USING (r)
) WHERE name_key IS NOT NULL
"""

_CHUNK_SQL = f"""
SELECT r, p, records.full_name AS full_name_l, records.name_key AS name_key_l,
       split_part(records.name_key, ' ', 1) || ' ' || split_part(records.name_key, ' ', -1) AS ends_l,
       records.date_of_birth AS date_of_birth_l, birth_alternative AS birth_alternative_l, records.sex AS sex_l,
       id_number AS id_number_l, cmnd_number AS cmnd_number_l, digits AS digits_l, id_kind AS id_kind_l,
       records.province_code AS province_code_l, records.commune_code AS commune_code_l,
       {FOLD.format(text="records.mother_name")} AS mother_key_l,
       {FOLD.format(text="records.father_name")} AS father_key_l,
       person_id AS person_id_r, candidates.full_name AS full_name_r, candidates.name_key AS name_key_r,
       candidates.date_of_birth AS date_of_birth_r, candidates.birth_year AS birth_year_r, candidates.sex AS sex_r,
       old_ids AS old_ids_r, other_names AS other_names_r, other_keys AS other_keys_r,
       candidates.province_code AS province_code_r, candidates.commune_code AS commune_code_r,
       mother_key AS mother_key_r, father_key AS father_key_r, candidates.status AS life
FROM pairs JOIN records USING (r) JOIN candidates USING (p)
WHERE r BETWEEN $first AND $last ORDER BY r, p
"""
