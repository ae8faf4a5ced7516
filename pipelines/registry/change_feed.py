"""Applies a registry file of changes (column `change`: insert, update, delete) to the snapshot in force.

What comes out has the same bytes as the snapshot of a file with all people would have.
"""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from matching import duckdb_path
from pipelines.files.sheet import refused_rows
from pipelines.registry.people import no_number, numbers_of, people_of
from pipelines.sectors.schema import TableSchema
from pipelines.workspace import run_tables
from vn import names

UNKNOWN = "unknown"
"""Change or event of a row with a word that we do not know."""

_FAULTS = """
CREATE TABLE faults AS
SELECT row, source_row, CASE
    WHEN change IS NULL THEN 'no_change'
    WHEN change = $unknown THEN 'unknown_change'
    WHEN count(*) OVER (PARTITION BY person_id) > 1 THEN 'changed_twice'
    WHEN change = 'insert' AND there THEN 'already_there'
    WHEN change <> 'insert' AND NOT there THEN 'unknown_person'
    WHEN event = $unknown THEN 'unknown_event'
    WHEN event = 'death' AND (change = 'delete' OR status <> 'deceased')
      OR event = 'birth' AND change <> 'insert'
      OR event = 'cancelled' AND change <> 'delete' AND status <> 'cancelled' THEN 'event_contradicts'
END AS fault
FROM (SELECT rowid AS row, *, person_id IN (SELECT person_id FROM earlier) AS there FROM people)
"""
_APPLIED = """
CREATE TABLE applied AS
SELECT * FROM people SEMI JOIN (FROM faults WHERE fault IS NULL) AS good ON people.rowid = good.row
"""
_AFTER = """
CREATE TABLE after AS
SELECT * FROM earlier ANTI JOIN applied USING (person_id)
UNION ALL BY NAME
SELECT * EXCLUDE (source_row, change, event, feed_number) FROM applied WHERE change <> 'delete'
"""


def people_and_changes(
    rows: pl.DataFrame, table: TableSchema, night: date, *, describes: bool = True
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The people of `people_of` with the columns `change`, `event` and `feed_number` (null where the row names none); a
    deleted person needs a number only.

    `describes`: the file has every column that a person needs; else only deletions can be used.
    """
    event = _words(rows["event"], "events")
    change = rows.select("source_row", "feed_number", change=_words(rows["change"], "verbs"), event=event)
    # Who died, or whose number was cancelled, is not alive where the row leaves the status open.
    rows = rows.with_columns(status=pl.coalesce("status", event.replace_strict(_STATUS, default=None)))
    is_deleted = change["change"].eq_missing("delete")
    if describes:
        people, bad = people_of(rows.filter(~is_deleted), table, night)
    else:
        people, _ = people_of(rows.clear(), table, night)
        told = _tables()["rejected"]["bare_change"]
        bad = refused_rows(rows.filter(~is_deleted)["source_row"], "bare_change", f"{told['vi']} / {told['en']}.")
    deleted = rows.filter(is_deleted).select("source_row", "person_id")
    deleted = deleted.with_columns(numbers_of(deleted["person_id"], table))
    nameless = refused_rows(deleted.filter(pl.col("person_id").is_null())["source_row"], *no_number(table))
    people = pl.concat([people, deleted.drop_nulls()], how="diagonal")
    people = people.join(change, on="source_row", how="left", maintain_order="left")
    return people, pl.concat([bad, nameless])


def is_feed(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether any row of the table `people` names a change."""
    return bool(run_tables.query(connection, "SELECT count(change) AS n FROM people")["n"].item())


def apply(connection: duckdb.DuckDBPyConnection, earlier: Path) -> tuple[str, pl.DataFrame]:
    """SQL of all people after the changes in the table `people`, and the rows that could not be applied."""
    connection.execute(f"CREATE VIEW earlier AS SELECT * FROM {duckdb_path.rows(connection, earlier)}")
    connection.execute(_FAULTS, {"unknown": UNKNOWN})
    connection.execute(_APPLIED)
    found = run_tables.query(
        connection, "SELECT source_row, fault FROM faults WHERE fault IS NOT NULL ORDER BY source_row"
    )
    told = _tables()["rejected"]
    rejected = [
        refused_rows(rows["source_row"], str(code), f"{told[code]['vi']} / {told[code]['en']}.")
        for (code,), rows in sorted(found.partition_by("fault", as_dict=True).items())
    ]
    # A table: straight from the other snapshot, Parquet's pages would be laid out otherwise.
    connection.execute(_AFTER)
    return "FROM after", pl.concat([refused_rows(pl.Series([], dtype=pl.Int32), "", ""), *rejected])


_STATUS = {"death": "deceased", "cancelled": "cancelled"}


def _words(column: pl.Series, table: str) -> pl.Series:
    known = _tables()[table]
    words = {text: known.get(names.fold(text), UNKNOWN) for text in column.drop_nulls().unique()}
    return column.replace_strict(words, default=None, return_dtype=pl.String)


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("change_feed.toml").read_text(encoding="utf-8"))
