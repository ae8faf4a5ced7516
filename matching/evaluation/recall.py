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
    add(connection, "true_pairs", _placed(people, truth))
    searched = query(connection, "FROM searches SEMI JOIN true_pairs USING (r)")
    places = query(connection, "SELECT r, p FROM true_pairs")
    asked = pl.concat([searched.select("r"), keys.values(searched, model.key)], how="horizontal").join(places, on="r")
    pairs = query(connection, _STAGES).with_columns(pl.col("by_number").fill_null(False))
    for key, each in zip(model.key, done, strict=True):
        assert key.name == each.name
        pairs = pairs.join(
            _by_key(people, key, asked.select("r", "p", value=key.name)), on="r", how="left", maintain_order="left"
        )
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


def _placed(people: Lookup, truth: pl.DataFrame) -> pl.DataFrame:
    """`r` and `p` of the true persons whom the snapshot holds."""
    asked = truth.select(pl.col("r").cast(pl.Int32), "person_id")
    met = split(people.find(keys.NUMBER, asked["r"], keys.of_numbers(asked["person_id"])).pairs)
    persons = people.take(met["p"].unique().sort(), ["person_id"])
    named = met.join(persons, on="p").join(asked, on=["r", "person_id"])
    return named.select("r", "p").sort("r")


def _by_key(people: Lookup, key: Key, asked: pl.DataFrame) -> pl.DataFrame:
    """For each record that has the key: whether its person has one of its values, and whether one was dropped."""
    asked = asked.drop_nulls()
    value, place = asked["value"].to_numpy(), asked["p"].to_numpy()
    has = people.has(key.name, value, place)
    kept = people.count(key.name, value) <= key.cap
    return (
        asked.select("r", has=pl.Series(has), kept=pl.Series(kept))
        .group_by("r", maintain_order=True)
        .agg(found=(pl.col("has") & pl.col("kept")).any(), lost=(pl.col("has") & ~pl.col("kept")).any())
        .rename({"found": f"found_{key.name}", "lost": f"lost_{key.name}"})
    )
