"""Measures the recall of blocking: the share of true pairs that it proposed, by key and by cap."""

import duckdb
import polars as pl

from matching import keys
from matching.block import Blocks
from matching.evaluation.intervals import wilson
from matching.lookup import Lookup, split
from matching.model import Key, Model
from matching.snapshot import add, lookup, query

Report = dict[str, object]

_STAGES = """
SELECT r, p, agreed, settled, by_number, agreed OR pairs.r IS NOT NULL AS proposed
FROM (
    SELECT r, true_pairs.p AS p, count(*) FILTER (settled.agreed AND settled.p = true_pairs.p) > 0 AS agreed,
           count(settled.p) > 0 AS settled
    FROM true_pairs LEFT JOIN settled USING (r) GROUP BY ALL
) LEFT JOIN (SELECT r, p, true AS by_number FROM hits) USING (r, p) LEFT JOIN pairs USING (r, p) ORDER BY r
"""


def recall(connection: duckdb.DuckDBPyConnection, model: Model, done: list[Blocks], truth: pl.DataFrame) -> Report:
    """Number of true pairs that were compared, and what each key contributed.

    `connection` is as `block.block` left it, `done` its answer; `truth` has a row a findable record: `r, person_id`.
    Shape: the shares `agreed`, `settled` (compared with the number's owner alone), `by_number` and `proposed` of all
    true pairs; `missed`; `missed_by_cap` (a key has the person, but too many share its value); `keys`: what each key
    did, the true pairs that it `found`, that `only` it found, and that its cap `lost`.
    """
    people = lookup(connection, model)
    add(connection, "true_pairs", _placed(connection, people, truth))
    pairs = query(connection, _STAGES).with_columns(pl.col("by_number").fill_null(False))
    for key, each in zip(model.key, done, strict=True):
        assert key.name == each.name
        pairs = pairs.join(_by_key(connection, people, key), on="r", how="left", maintain_order="left")
    found, lost = ([pl.col(f"{word}_{key.name}").fill_null(False) for key in model.key] for word in ("found", "lost"))
    pairs = pairs.with_columns(*found, *lost, times=pl.sum_horizontal(found), capped=pl.any_horizontal(lost))
    missed = pairs.filter(~pl.col("proposed"))
    alone = pairs.filter(~(pl.col("agreed") | pl.col("by_number")) & (pl.col("times") == 1))
    return {
        **{name: wilson(int(pairs[name].sum()), truth.height) for name in ("agreed", "settled", "by_number")},
        "proposed": wilson(pairs.height - missed.height, truth.height),
        "missed": truth.height - pairs.height + missed.height,
        "missed_by_cap": int(missed["capped"].sum()),
        "keys": [
            {
                **each._asdict(),
                "found": int(pairs[f"found_{each.name}"].sum()),
                "only": int(alone[f"found_{each.name}"].sum()),
                "lost": int(missed[f"lost_{each.name}"].sum()),
            }
            for each in done
        ],
    }


def _placed(connection: duckdb.DuckDBPyConnection, people: Lookup, truth: pl.DataFrame) -> pl.DataFrame:
    """`r` and `p` of the true persons whom the snapshot holds."""
    add(connection, "truth", truth.select(pl.col("r").cast(pl.Int32), "person_id"))
    asked = query(connection, f"SELECT r, {keys.hashed('person_id')} AS value FROM truth")
    met = split(people.find(keys.NUMBER, asked["r"], asked["value"]).pairs)
    persons = people.take(met["p"].unique().sort(), ["person_id"])
    named = met.join(persons, on="p").join(truth.select(pl.col("r").cast(pl.Int32), "person_id"), on=["r", "person_id"])
    return named.select("r", "p").sort("r")


def _by_key(connection: duckdb.DuckDBPyConnection, people: Lookup, key: Key) -> pl.DataFrame:
    """For each record that has the key: whether its person has one of its values, and whether one was dropped."""
    searched = f"({keys.select([key], 'r', 'searches')}) AS searched"
    asked = query(
        connection, f"SELECT r, p, {key.name} AS value FROM {searched} JOIN true_pairs USING (r)"
    ).drop_nulls()
    value, place = asked["value"].to_numpy(), asked["p"].to_numpy()
    has = people.has(key.name, value, place)
    kept = people.count(key.name, value) <= key.cap
    return (
        asked.select("r", has=pl.Series(has), kept=pl.Series(kept))
        .group_by("r", maintain_order=True)
        .agg(found=(pl.col("has") & pl.col("kept")).any(), lost=(pl.col("has") & ~pl.col("kept")).any())
        .rename({"found": f"found_{key.name}", "lost": f"lost_{key.name}"})
    )
