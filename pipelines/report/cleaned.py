"""Writes cleaned data that a department can load back: standardised values with what the night found out."""

import duckdb

from pipelines.config import Run
from pipelines.report.contracts import write_query
from pipelines.workspace import run_schema, run_tables

RAW_SUFFIX = "_raw"


def write_cleaned(connection: duckdb.DuckDBPyConnection, run: Run) -> dict[str, int]:
    """Number of rows written to `cleaned/<sector>.parquet`, for each sector that has records tonight."""
    return {
        sector: write_query(connection, cleaned_sql(connection, sector), run.cleaned / f"{sector}.parquet")
        for sector in sectors_tonight(connection)
    }


def sectors_tonight(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Sectors with at least one record, in order of name."""
    return run_tables.query(connection, "SELECT DISTINCT sector FROM links ORDER BY sector")["sector"].to_list()


def cleaned_sql(connection: duckdb.DuckDBPyConnection, sector: str) -> str:
    """Query of the sector's records: all but the original cells, then `decision`, `status`, `person_id`.

    Shape: one row a record, sorted by file and row. `person_id` only where the decision is `link`: a proposal that
    waits for a human is not an identity.
    """
    core = run_schema.core_table(sector)
    described = run_tables.query(connection, f"SELECT column_name FROM (DESCRIBE {core})")["column_name"].to_list()
    columns = ", ".join(f'core."{name}"' for name in described if not name.endswith(RAW_SUFFIX))
    return f"""
        SELECT {columns}, outcome.decision, outcome.status,
               CASE WHEN outcome.decision = 'link' THEN outcome.person_id END AS person_id
        FROM {core} AS core
        LEFT JOIN ({run_schema.OUTCOMES_SQL}) AS outcome
               ON outcome.record_id = core.record_id AND outcome.sector = core.sector
        ORDER BY core.source_file, core.source_row, core.record_id
    """
