"""Finds the remembered contents that a new registry snapshot can affect, and each person's row in it.

A person's place, `p`, is the row in the snapshot, so it shifts; person_id does not. A content is opened again if one of
the values by which it was looked up is (or was) a value of somebody who changed: only then can its candidates, or
whether a block is too large, have changed. If only a candidate's rarities changed, weighing it again is enough.
"""

from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from matching import duckdb_path, keys, snapshot
from matching.incremental import memory
from matching.incremental.memory import Contents, Decisions, Remembered
from matching.lookup import Lookup
from matching.model import Key, Model
from matching.score import prior_bits
from matching.stages import LinkOptions

_IRRELEVANT = ("updated_at", "death_date")
"""Columns of the registry that matching never reads."""

_SIDES = """
SELECT earlier.p AS before, later.p AS after, coalesce(earlier.said = later.said, false) AS same
FROM ({earlier}) AS earlier FULL JOIN ({later}) AS later USING (person_id)
ORDER BY before, after
"""
_SIDE = """
SELECT file_row_number AS p, person_id, hash(*COLUMNS(* EXCLUDE (file_row_number, person_id, {irrelevant}))) AS said
FROM {rows}
"""


class Reopened(NamedTuple):
    """What remains of the memory under a new snapshot, with each person's row in that."""

    remembered: Remembered
    """The memory without the contents that must be looked up again."""
    weigh: pl.Series
    """Contents that must be weighed again, sorted."""


def invalidate(remembered: Remembered, before: Path, after: Path, options: LinkOptions) -> Reopened:
    """The remembered contents that hold after the registry `before` has become `after`."""
    model = options.model
    with _opened(before, options) as old, _opened(after, options) as new:
        places = _places(new, before, after)
        touched = _touched(old, new, places.filter(~pl.col("same")), model)
        moved = places.filter(pl.col("before").is_not_null()).sort("before")["after"]
        left = _without(remembered, touched)
        rarer = _rarer(left.contents, moved, snapshot.lookup(old), snapshot.lookup(new))
        if prior_bits(model, snapshot.size(old)) != prior_bits(model, snapshot.size(new)):
            rarer = pl.int_range(left.contents.contents.height, eager=True, dtype=pl.Int32)
    contents, decisions = ([_shift(table, moved) for table in tables] for tables in left)
    return Reopened(Remembered(Contents(*contents), Decisions(*decisions)), rarer)


def _opened(registry: Path, options: LinkOptions) -> duckdb.DuckDBPyConnection:
    return snapshot.connect(registry, options.threads, options.memory_mb, options.model)


def _without(remembered: Remembered, touched: pl.DataFrame) -> Remembered:
    """The contents that were looked up by none of these values."""
    asked = remembered.contents.asked
    opened = asked.join(touched.cast({"key": asked.schema["key"]}), on=["key", "value"], how="semi")["c"].unique()
    every = pl.int_range(remembered.contents.contents.height, eager=True, dtype=pl.Int32)
    left = every.filter(~every.is_in(opened.implode()))
    return Remembered(memory.select(remembered.contents, left), memory.select(remembered.decisions, left))


def _places(connection: duckdb.DuckDBPyConnection, before: Path, after: Path) -> pl.DataFrame:
    """`before`, `after` (null where the person is not in it) and whether nothing about the person changed."""
    sides = {
        name: _SIDE.format(
            rows=duckdb_path.rows(connection, path, "file_row_number = true"), irrelevant=", ".join(_IRRELEVANT)
        )
        for name, path in (("earlier", before), ("later", after))
    }
    return snapshot.query(connection, _SIDES.format(**sides))


def _touched(
    old: duckdb.DuckDBPyConnection, new: duckdb.DuckDBPyConnection, changed: pl.DataFrame, model: Model
) -> pl.DataFrame:
    """`key`, `value` of the values under which somebody came, went or changed, unless too many share it throughout."""
    sides = [snapshot.lookup(side) for side in (old, new)]
    named = [_values(sides[0], changed["before"], model.key), _values(sides[1], changed["after"], model.key)]
    caps = {key.name: key.cap for key in model.key}
    found = []
    for name in (keys.NUMBER, *caps):
        values = pl.concat([side[name] for side in named]).drop_nulls().unique().sort()
        shared = [side.count(name, values.to_numpy()) for side in sides]
        fewest = pl.Series(shared[0]).clip(upper_bound=pl.Series(shared[1]))
        cap = caps.get(name)
        kept = values if cap is None else values.filter(fewest <= cap)
        found.append(pl.DataFrame({"value": kept}).select(key=pl.lit(name), value="value"))
    return pl.concat(found)


def _values(people: Lookup, persons: pl.Series, wanted: tuple[Key, ...]) -> dict[str, pl.Series]:
    """Each key's values of these persons."""
    changed = people.take(persons.drop_nulls().sort(), [*keys.COLUMNS, "old_ids", "other_keys"])
    found = keys.values(keys.by_every_name(changed), wanted)
    return {keys.NUMBER: keys.of_numbers(keys.by_every_number(changed)["number"]), **found.to_dict()}


def _rarer(contents: Contents, moved: pl.Series, old: Lookup, new: Lookup) -> pl.Series:
    """The contents one of whose candidates has other rarities than before."""
    agreed = contents.contents.select(c=pl.int_range(pl.len(), dtype=pl.Int32), p="agreed").drop_nulls()
    candidates = pl.concat([contents.pairs.select("c", "p"), agreed])
    before = candidates["p"].unique().sort()
    after = moved.gather(before)
    stayed = after.is_not_null()
    before, after = before.filter(stayed), after.filter(stayed)
    same = old.rarity(before).hash_rows() == new.rarity(after).hash_rows()
    return candidates.filter(pl.col("p").is_in(before.filter(~same).implode()))["c"].unique().sort()


def _shift(table: pl.DataFrame, moved: pl.Series) -> pl.DataFrame:
    """The table with persons' places in the new snapshot."""
    columns = [name for name in ("p", "agreed") if name in table.columns]
    return table.with_columns(moved.gather(table[name]).alias(name) for name in columns)
