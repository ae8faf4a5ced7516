"""Whom each record is compared with.

First the person whose number it carries; where number and name do not settle it, everybody who shares one of the
keys of blocking.toml. SQL is built here and nowhere else in matching: names of parts come from the table, the
expressions from PARTS, values are never part of the text.
"""

from typing import NamedTuple

import duckdb
import polars as pl

from matching.model import Key, Model, ModelError
from matching.snapshot import FOLD, add

PARTS = {
    "words": "array_to_string(list_sort(string_split(name_key, ' ')), ' ')",
    "given": "split_part(name_key, ' ', -1)",
    "surname": "split_part(name_key, ' ', 1)",
    "initials": "array_to_string(list_sort(list_transform(string_split(name_key, ' '), lambda word: word[1])), '')",
    "birth_date": "date_of_birth",
    "birth_year": "birth_year",
    "month_day": "CASE WHEN length(date_of_birth) = 10 THEN date_of_birth[6:10] END",
    "sex": "sex",
    "province": "province_code",
    "commune": "commune_code",
    "mother": FOLD.format(text="mother_name"),
    "birth_place": "left(person_id, 3)",
    "serial": "right(person_id, 6)",
    "first_eight": "left(person_id, 8)",
    "last_eight": "right(person_id, 8)",
    "outer_eight": "left(person_id, 4) || right(person_id, 4)",
}
"""SQL of each part, over `people` and over `searches`, which have the same columns.

Of three groups of four digits one wrong digit leaves two whole, so the three `_eight` find every such number, and
those with a digit lost or added too.
"""

_HITS = """
CREATE TABLE hits AS
WITH numbers AS (
    SELECT p, person_id AS number FROM registry
    UNION ALL SELECT p, unnest(old_ids) FROM registry WHERE len(old_ids) > 0
)
SELECT DISTINCT r, p, numbers.number = records.id_number AND records.id_number IS NOT NULL AS whole
FROM numbers JOIN records ON records.number = numbers.number
"""

_SETTLED = """
CREATE TABLE settled AS
SELECT r, p,
       person_id = id_number AND name_clean AND birth_clean AND id_clean
           AND date_same AND sex_same AND name_same AS agreed
FROM (
    SELECT r, p, person_id, records.id_number, name_clean, birth_clean, id_clean,
           coalesce(records.date_of_birth = registry.date_of_birth, false) AS date_same,
           coalesce(records.sex = registry.sex, false) AS sex_same,
           coalesce(records.full_name = registry.full_name, false)
               OR coalesce(list_contains(registry.other_names, records.full_name), false) AS name_same,
           coalesce(name_plain AND records.name_key = registry.name_key, false) AS name_unmarked,
           coalesce(abs(records.birth_year - registry.birth_year) < 14, true) AS one_generation
    FROM hits JOIN records USING (r) JOIN registry USING (p)
)
WHERE (name_same OR name_unmarked) AND one_generation
"""

_SEARCHES = """
CREATE TABLE searches AS
WITH open AS (SELECT * FROM records WHERE name_key IS NOT NULL AND r NOT IN (SELECT r FROM settled))
SELECT r, digits AS person_id, name_key, date_of_birth, birth_year, sex, province_code, commune_code, mother_name
FROM open
UNION ALL
SELECT r, NULL, name_key, birth_alternative, TRY_CAST(birth_alternative[1:4] AS SMALLINT), sex, NULL, NULL, mother_name
FROM open WHERE birth_alternative IS NOT NULL
"""


class Blocks(NamedTuple):
    """What blocking did with one key."""

    name: str
    values: int
    dropped_values: int
    dropped_records: int
    pairs: int


def settle(connection: duckdb.DuckDBPyConnection, records: pl.DataFrame) -> None:
    """Write the tables `records`, `hits` (person by number), `settled` (number and name agree) and `searches`."""
    add(connection, "records", records)
    for sql in (_HITS, _SETTLED, _SEARCHES):
        connection.execute(sql)


def block(connection: duckdb.DuckDBPyConnection, model: Model) -> list[Blocks]:
    """Write the table `pairs` (r, p, each once) of all comparisons still to be made; what each key did.

    Errors: ModelError if a key names an unknown part.
    """
    connection.execute("CREATE TABLE found (r INTEGER, p BIGINT)")
    connection.execute("INSERT INTO found SELECT r, p FROM hits WHERE r NOT IN (SELECT r FROM settled WHERE agreed)")
    done = [_search(connection, key) for key in model.key]
    connection.execute("CREATE TABLE pairs AS SELECT DISTINCT r, p FROM found ORDER BY r, p")
    connection.execute("DROP TABLE found")
    return done


def _search(connection: duckdb.DuckDBPyConnection, key: Key) -> Blocks:
    """Add to `found` the people who share the key's value, unless too many do."""
    for sql in statements(key):
        connection.execute(sql)
    rows = connection.sql(
        """SELECT (SELECT count(*) FROM wanted), (SELECT count(*) FROM sizes WHERE NOT kept),
                  (SELECT count(DISTINCT r) FROM asked JOIN sizes USING (value) WHERE NOT kept),
                  (SELECT count(*) FROM asked JOIN sizes USING (value) JOIN sharing USING (value) WHERE kept)"""
    ).fetchall()
    return Blocks(key.name, *(int(number) for number in rows[0]))


def statements(key: Key) -> list[str]:
    """The SQL that finds a key's pairs: distinct values first, so that no value is joined twice."""
    unknown = [part for part in key.parts if part not in PARTS]
    if unknown:
        raise ModelError(f"blocking.toml: {key.name}: no part {', '.join(unknown)}")
    columns = ", ".join(f"k{number}" for number in range(len(key.parts)))
    parts = ", ".join(f"{PARTS[part]} AS k{number}" for number, part in enumerate(key.parts))
    whole = " AND ".join(f"k{number} IS NOT NULL" for number in range(len(key.parts)))
    return [
        f"CREATE OR REPLACE TEMP TABLE spelled AS SELECT DISTINCT r, {columns} FROM (SELECT r, {parts} FROM searches)"
        f" WHERE {whole}",
        f"CREATE OR REPLACE TEMP TABLE wanted AS SELECT {columns}, row_number() OVER () AS value"
        f" FROM (SELECT DISTINCT {columns} FROM spelled)",
        f"CREATE OR REPLACE TEMP TABLE asked AS SELECT r, value FROM spelled JOIN wanted USING ({columns})",
        f"CREATE OR REPLACE TEMP TABLE sharing AS SELECT DISTINCT value, p"
        f" FROM (SELECT p, {parts} FROM people) JOIN wanted USING ({columns})",
        f"CREATE OR REPLACE TEMP TABLE sizes AS SELECT value, count(*) <= {key.cap} AS kept FROM sharing"
        " GROUP BY value",
        "INSERT INTO found SELECT r, p FROM asked JOIN sizes USING (value) JOIN sharing USING (value) WHERE kept",
    ]
