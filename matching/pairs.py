"""The two sides of each comparison laid beside one another: the record in `_l`, the person in `_r`."""

from collections.abc import Iterator

import duckdb
import polars as pl

from matching.keys import FOLD
from matching.snapshot import query

SAMPLE = 20_000
"""Agreed records that are laid out for counting: enough for a share to be known within half a point."""


def choose(connection: duckdb.DuckDBPyConnection) -> None:
    """Write `candidates`, the people in the table `pairs`, and `wanted_names`, the names that occur on either side."""
    connection.execute(_CANDIDATES.format(pairs="pairs"))
    connection.execute(_WANTED_NAMES)


def lay_out(connection: duckdb.DuckDBPyConnection, size: int) -> Iterator[pl.DataFrame]:
    """All of the table `pairs` in chunks of about `size`, sorted by r, p; a record is never cut. At least one chunk."""
    counts = query(connection, "SELECT r, count(*) AS pairs FROM pairs GROUP BY r ORDER BY r")
    chunk = ((pl.col("pairs").cum_sum() - 1) // size).alias("chunk")
    ends = counts.group_by(chunk, maintain_order=True).agg(first=pl.col("r").min(), last=pl.col("r").max())
    for first, last in ends.select("first", "last").rows() or [(0, -1)]:
        yield query(connection, _SIDES.format(pairs="pairs"), {"first": first, "last": last})


def lay_out_agreed(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """At most SAMPLE of the agreed records beside their persons, evenly spread over the shard."""
    connection.execute(_AGREED_SAMPLE.format(sample=SAMPLE))
    connection.execute(_CANDIDATES.format(pairs="agreed_sample"))
    return query(connection, _SIDES.format(pairs="agreed_sample"), {"first": 0, "last": 2**31 - 1})


_AGREED_SAMPLE = """
CREATE TABLE agreed_sample AS
SELECT r, min(p) AS p FROM settled
WHERE agreed AND r % (1 + (SELECT count(*) FROM settled WHERE agreed) // {sample}) = 0 GROUP BY r
"""

_CANDIDATES = f"""
CREATE OR REPLACE TABLE candidates AS
SELECT p, person_id, full_name, name_key, date_of_birth, birth_year, sex, old_ids, other_names,
       list_transform(other_names, lambda name: {FOLD.format(text="name")}) AS other_keys,
       province_code, commune_code, {FOLD.format(text="mother_name")} AS mother_key,
       {FOLD.format(text="father_name")} AS father_key, status
FROM registry SEMI JOIN {{pairs}} USING (p)
"""

_WANTED_NAMES = """
CREATE TABLE wanted_names AS
SELECT DISTINCT name_key FROM (
    SELECT name_key FROM candidates UNION ALL SELECT name_key FROM records SEMI JOIN pairs USING (r)
) WHERE name_key IS NOT NULL
"""

_SIDES = f"""
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
FROM {{pairs}} JOIN records USING (r) JOIN candidates USING (p)
WHERE r BETWEEN $first AND $last ORDER BY r, p
"""
