"""Says which cells of the newest night's files should say something else: what stands there, and what it should be.

Only records that were linked to somebody, and only the identity fields in which they disagree with the registry. What
it should be is written as the file writes it: its form of dates, its words for the sexes, its capital letters.
"""

import hashlib

import duckdb
import polars as pl

from matching import duckdb_path
from pipelines.config import Run
from pipelines.registry import snapshot as snapshots
from pipelines.report.cleaned import sectors_tonight
from pipelines.review.corrections import forms
from pipelines.workspace import run_schema, run_tables

MENDED = ("wrong_information", "wrong_id", "missing_id", "bad_id_format", "id_of_another", "cancelled_id")
"""Statuses whose person was found, so that a correction can be proposed."""

SCHEMA = {
    **dict.fromkeys(("sector", "source_file", "sheet"), pl.String),
    "source_row": pl.Int32,
    **dict.fromkeys(("record_id", "column", "before", "after"), pl.String),
}
"""Columns of the proposed changes; `before` is the cell as it was read, null if empty."""


def proposed(run: Run) -> pl.DataFrame:
    """The changes that the run proposes. Shape: columns SCHEMA, in the order of files, rows and columns."""
    with run_tables.connect(run) as connection:
        people = duckdb_path.rows(connection, snapshots.current(run.settings).path)
        parts = [_of_sector(connection, sector, people) for sector in sectors_tonight(connection)]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *parts])


def digest(changes: pl.DataFrame) -> str:
    """SHA-256 of some changes: who approves them approves these and no others."""
    rows = (
        changes.select(list(SCHEMA)).cast(pl.String).fill_null("\x00").select(pl.concat_str(pl.all(), separator="\x1f"))
    )
    return hashlib.sha256("\x1e".join(rows.to_series().to_list()).encode()).hexdigest()


def _of_sector(connection: duckdb.DuckDBPyConnection, sector: str, people: str) -> pl.DataFrame:
    core = run_schema.core_table(sector)
    statuses = ", ".join(f"'{status}'" for status in MENDED)
    found = run_tables.query(
        connection,
        _CHANGES.format(core=core, people=people, outcomes=run_schema.OUTCOMES_SQL, statuses=statuses),
        {"sector": sector},
    )
    written = run_tables.query(connection, _WRITTEN.format(core=core))
    return forms.as_written(found, written).select(list(SCHEMA))


_CHANGES = """
WITH wrong AS (
    SELECT record_id, person_id, string_split(differs, ',') AS fields FROM ({outcomes})
    WHERE sector = $sector AND decision = 'link' AND differs <> '' AND status IN ({statuses})
), said AS (
    SELECT core.*, fields, person.person_id AS id_number_then, person.full_name AS full_name_then,
           person.date_of_birth AS date_of_birth_then, person.sex AS sex_then
    FROM wrong JOIN {core} AS core USING (record_id) JOIN {people} AS person ON person.person_id = wrong.person_id
), cell AS (
    SELECT *, 'full_name' AS "column", full_name_raw AS before, full_name_then AS after FROM said
    UNION ALL SELECT *, 'date_of_birth', date_of_birth_raw, date_of_birth_then FROM said
    UNION ALL SELECT *, 'sex', sex_raw, sex_then FROM said
    UNION ALL SELECT *, 'id_number', id_number_raw, id_number_then FROM said
)
SELECT sector, source_file, sheet, source_row, record_id, "column", before, after FROM cell
WHERE list_contains(fields, "column") AND after IS NOT NULL
ORDER BY source_file, sheet, source_row, record_id, "column"
"""

_WRITTEN = """
SELECT source_file, sheet, full_name_raw, date_of_birth_raw, sex_raw, sex FROM {core}
"""
