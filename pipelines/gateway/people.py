"""What the registry says of a question: which fields agree, and one code. Never what it holds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from pipelines.store import open_database, query

_WORDS = """
CREATE MACRO words(name) AS list_sort(string_split(replace(strip_accents(lower(name)), 'đ', 'd'), ' '))
"""

_OLD_NUMBERS = """
CREATE TABLE old_numbers AS
SELECT DISTINCT unnest(old_ids) AS id_number, person_id FROM read_parquet($registry) WHERE len(old_ids) > 0
"""

_COMPARE = """
WITH now AS (
    SELECT asked.request_id, person_id, 'M' AS id_flag, false AS is_old, 1 AS persons
    FROM asked JOIN read_parquet($registry) AS registry ON registry.person_id = asked.id_number
), before AS (
    SELECT asked.request_id, min(person_id) AS person_id, 'P' AS id_flag, true AS is_old, count(*) AS persons
    FROM asked JOIN old_numbers USING (id_number)
    WHERE asked.request_id NOT IN (SELECT request_id FROM now)
    GROUP BY asked.request_id
), found AS (
    FROM now UNION ALL FROM before
), held AS (
    SELECT found.*, lower(registry.full_name) AS name,
           list_transform(registry.other_names, lambda n: lower(n)) AS others, registry.date_of_birth AS birth,
           registry.sex AS held_sex, registry.status AS life
    FROM found JOIN read_parquet($registry) AS registry USING (person_id)
), compared AS (
    SELECT asked.request_id, position, coalesce(id_flag, 'N') AS id_flag, coalesce(persons, 0) AS persons, is_old, life,
        CASE WHEN asked.full_name IS NULL THEN 'U' WHEN name IS NULL OR persons > 1 THEN 'X'
             WHEN lower(asked.full_name) = name OR list_contains(others, lower(asked.full_name)) THEN 'M'
             WHEN words(asked.full_name) = words(name) THEN 'P' ELSE 'N' END AS name_flag,
        CASE WHEN asked.date_of_birth IS NULL THEN 'U' WHEN birth IS NULL OR persons > 1 THEN 'X'
             WHEN asked.date_of_birth = birth THEN 'M'
             WHEN left(asked.date_of_birth, 4) = left(birth, 4) THEN 'P' ELSE 'N' END AS birth_flag,
        CASE WHEN asked.sex IS NULL THEN 'U' WHEN held_sex IS NULL OR persons > 1 THEN 'X'
             WHEN asked.sex = held_sex THEN 'M' ELSE 'N' END AS sex_flag,
        sha256(concat_ws(chr(31), coalesce(asked.id_number, ''), coalesce(asked.full_name, ''),
                         coalesce(asked.date_of_birth, ''), coalesce(asked.sex, ''))) AS body_hash,
        coalesce(regexp_full_match(asked.id_number, '[0-9]{12}') AND coalesce(length(asked.full_name), 0) <= 100
                 AND regexp_full_match(coalesce(asked.date_of_birth, '2000'), '[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?')
                 AND coalesce(asked.sex, 'Nam') IN ('Nam', 'Nữ'), false) AS is_well_formed
    FROM asked LEFT JOIN held USING (request_id)
)
SELECT request_id, body_hash, is_well_formed, id_flag, name_flag, birth_flag, sex_flag,
    CASE WHEN persons = 0 THEN 'NOT_FOUND' WHEN persons > 1 THEN 'MULTIPLE'
         WHEN name_flag = 'N' OR (birth_flag = 'N' AND sex_flag = 'N') THEN 'MISMATCH'
         WHEN life = 'deceased' THEN 'DECEASED'
         WHEN life = 'cancelled' THEN 'CANCELLED_ID'
         WHEN is_old THEN 'MERGED_ID'
         WHEN birth_flag = 'N' THEN 'MISMATCH'
         WHEN name_flag = 'P' OR birth_flag = 'P' OR sex_flag = 'N' THEN 'PARTIAL'
         ELSE 'MATCH' END AS result
FROM compared ORDER BY position
"""


@contextmanager
def opened(snapshot: Path) -> Iterator["People"]:
    """The people of a registry snapshot (docs/architecture.md), ready to be asked about."""
    connection = open_database()
    try:
        connection.execute(_WORDS)
        connection.execute(_OLD_NUMBERS, {"registry": str(snapshot)})
        yield People(snapshot, connection)
    finally:
        connection.close()


class People:
    """The registry's people; `opened` opens them."""

    def __init__(self, snapshot: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self._snapshot = snapshot
        self._connection = connection
        self._lock = threading.Lock()

    def compare(self, questions: pl.DataFrame) -> pl.DataFrame:
        """What would be answered to each question if it were taken.

        Shape: a row a question, in their order: `request_id, body_hash` (of what was asked), `is_well_formed`, the
        four flags, `result`.
        """
        with self._lock:
            self._connection.register("asked", questions.with_row_index("position").to_arrow())
            try:
                return query(self._connection, _COMPARE, {"registry": str(self._snapshot)})
            finally:
                self._connection.unregister("asked")
