"""Compares a question with the registry: which fields agree, and one result code. Never what it holds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from pipelines.gateway.simulator.number_index import NumberIndex
from pipelines.workspace.run_tables import open_database, query

_WORDS = """
CREATE MACRO words(name) AS list_sort(string_split(replace(strip_accents(lower(name)), 'đ', 'd'), ' '))
"""

_COMPARE = """
WITH compared AS (
    SELECT *,
        CASE WHEN persons = 0 THEN 'N' WHEN is_old THEN 'P' ELSE 'M' END AS id_flag,
        CASE WHEN full_name IS NULL THEN 'U' WHEN held_name IS NULL THEN 'X'
             WHEN lower(full_name) = lower(held_name)
                  OR list_contains(list_transform(held_others, lambda n: lower(n)), lower(full_name)) THEN 'M'
             WHEN words(full_name) = words(held_name) THEN 'P' ELSE 'N' END AS name_flag,
        CASE WHEN date_of_birth IS NULL THEN 'U' WHEN held_birth IS NULL THEN 'X'
             WHEN date_of_birth = held_birth THEN 'M'
             WHEN left(date_of_birth, 4) = left(held_birth, 4) THEN 'P' ELSE 'N' END AS birth_flag,
        CASE WHEN sex IS NULL THEN 'U' WHEN held_sex IS NULL THEN 'X'
             WHEN sex = held_sex THEN 'M' ELSE 'N' END AS sex_flag,
        sha256(concat_ws(chr(31), coalesce(id_number, ''), coalesce(full_name, ''), coalesce(date_of_birth, ''),
                         coalesce(sex, ''))) AS body_hash,
        coalesce(regexp_full_match(id_number, '[0-9]{12}') AND coalesce(length(full_name), 0) <= 100
                 AND regexp_full_match(coalesce(date_of_birth, '2000'), '[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?')
                 AND coalesce(sex, 'Nam') IN ('Nam', 'Nữ'), false) AS is_well_formed
    FROM asked
)
SELECT request_id, body_hash, is_well_formed, id_flag, name_flag, birth_flag, sex_flag,
    CASE WHEN persons = 0 THEN 'NOT_FOUND' WHEN persons > 1 THEN 'MULTIPLE'
         WHEN name_flag = 'N' OR (birth_flag = 'N' AND sex_flag = 'N') THEN 'MISMATCH'
         WHEN held_status = 'deceased' THEN 'DECEASED'
         WHEN held_status = 'cancelled' THEN 'CANCELLED_ID'
         WHEN is_old THEN 'MERGED_ID'
         WHEN birth_flag = 'N' THEN 'MISMATCH'
         WHEN name_flag = 'P' OR birth_flag = 'P' OR sex_flag = 'N' THEN 'PARTIAL'
         ELSE 'MATCH' END AS result
FROM compared ORDER BY position
"""


@contextmanager
def open_people(snapshot: Path) -> Iterator["People"]:
    """The people of a registry snapshot (docs/architecture.md), ready for questions."""
    connection = open_database()
    try:
        connection.execute(_WORDS)
        yield People(NumberIndex(snapshot), connection)
    finally:
        connection.close()


class People:
    """The registry's people; `open_people` opens them."""

    def __init__(self, holders: NumberIndex, connection: duckdb.DuckDBPyConnection) -> None:
        self._holders = holders
        self._connection = connection
        self._lock = threading.Lock()

    def compare(self, questions: pl.DataFrame) -> pl.DataFrame:
        """The answer to each question, as if it were accepted.

        Shape: a row a question, in their order: `request_id, body_hash` (of what was asked), `is_well_formed`, the
        four flags, `result`.
        """
        held = self._holders.find(questions["id_number"])
        asked = questions.with_row_index("position").hstack(held)
        with self._lock:
            self._connection.register("asked", asked.to_arrow())
            try:
                return query(self._connection, _COMPARE)
            finally:
                self._connection.unregister("asked")
