"""Joins the two sides of each candidate pair: the record's columns end in `_l`, the person's in `_r`.

What depends on one side alone is worked out once a record, and once a person when the snapshot is prepared.
"""

from collections.abc import Iterator

import duckdb
import polars as pl

from matching.snapshot import lookup, query
from matching.term_frequency import PREFIX


def lay_out(connection: duckdb.DuckDBPyConnection, size: int) -> Iterator[pl.DataFrame]:
    """All rows of the table `pairs` in chunks of about `size`, sorted by r, p; a record's pairs stay in one chunk. At
    least one chunk.
    """
    records = query(connection, _RECORDS.format(pairs="pairs"))
    counts = query(connection, "SELECT r, count(*) AS pairs FROM pairs GROUP BY r ORDER BY r")
    chunk = ((pl.col("pairs").cum_sum() - 1) // size).alias("chunk")
    ends = counts.group_by(chunk, maintain_order=True).agg(first=pl.col("r").min(), last=pl.col("r").max())
    for first, last in ends.select("first", "last").rows() or [(0, -1)]:
        yield _sides(connection, query(connection, _PAIRS, {"first": first, "last": last}), records)


def lay_out_agreed(connection: duckdb.DuckDBPyConnection, every: int) -> pl.DataFrame:
    """The agreed records joined to their persons, sorted by r: one in `step`, chosen by the record's content."""
    connection.execute(_AGREED.format(every=every))
    agreed = query(connection, "SELECT r, p FROM agreed ORDER BY r")
    return _sides(connection, agreed, query(connection, _RECORDS.format(pairs="agreed")))


def _sides(connection: duckdb.DuckDBPyConnection, pairs: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """The pairs with the columns of both sides. `records` is sorted by `r` and has each of the pairs' once."""
    found = lookup(connection)
    places = pairs["p"].unique().sort()
    people = pl.concat([found.take(places), found.rarity(places)], how="horizontal")
    left = records.select(pl.exclude("r").gather(records["r"].search_sorted(pairs["r"])).name.suffix("_l"))
    right = people.select(pl.exclude("p").gather(people["p"].search_sorted(pairs["p"])))
    renamed = {name: f"{name}_r" for name in right.columns if not name.startswith(PREFIX)}
    return pl.concat([pairs, left, right.rename(renamed | {"status": "life"})], how="horizontal")


_AGREED = """
CREATE OR REPLACE TABLE agreed AS
SELECT r, min(p) AS p FROM settled JOIN records USING (r) WHERE agreed AND chance % {every} = 0 GROUP BY r
"""

_PAIRS = "SELECT r, p FROM pairs WHERE r BETWEEN $first AND $last ORDER BY r, p"

_RECORDS = """
SELECT r, full_name, name_key, given_known, date_of_birth, birth_alternative, sex, id_number, cmnd_number, digits,
       id_kind, r IN (SELECT r FROM hits) AS owned, province_code, commune_code, mother_key, father_key
FROM records SEMI JOIN {pairs} USING (r) ORDER BY r
"""
