"""Writes the run's Parquet tables with exactly the columns that DESIGN.md promises."""

from pathlib import Path

import duckdb

from pipelines.config import Run
from pipelines.workspace import atomic_files, run_schema

ROW_GROUP_ROWS = 122_880
ZSTD_LEVEL = 1
"""The quickest: higher ones take a third more time and save nothing on tables like ours."""


def _columns(table: str) -> str:
    """The table's columns as SQL names them."""
    return ", ".join(f'"{name}"' for name in run_schema.BY_NAME[table].schema)


CONTRACTS = {
    "links": f"""
        SELECT record_id, sector, source_file, source_row, person_id, decision, status, weight, probability,
               margin, reason
        FROM ({run_schema.OUTCOMES_SQL}) ORDER BY source_file, source_row, record_id, sector
    """,
    "reviews": """
        SELECT record_id, sector, source_file, source_row, held FROM links WHERE held IS NOT NULL
        ORDER BY source_file, source_row, record_id, sector
    """,
    "issues": f"""
        SELECT {_columns(run_schema.ISSUES)} FROM issues
        ORDER BY sector, source_file, source_row, rule_id, record_id, "column"
    """,
    "rejected": """
        SELECT source_file, sheet, source_row, code, message
        FROM rejected ORDER BY source_file, sheet, source_row NULLS FIRST, code, message
    """,
    "files": """
        SELECT sector, source_file, sheet, arrived_as, arrived_sha256, sha256, bytes, format, encoding, header_row,
               rows_counted, rows_read, rows_rejected, refused, message, mapping, unknown_columns, notes
        FROM files ORDER BY sector, source_file, sheet
    """,
    "verifications": f"""
        SELECT {_columns(run_schema.VERIFICATIONS)} FROM verifications
        ORDER BY sector, source_file, source_row, record_id
    """,
    "cards": f"SELECT {_columns(run_schema.CARDS)} FROM cards ORDER BY sector, record_id",
    "scores": f"""
        SELECT {_columns(run_schema.SCORES)} FROM scores
        ORDER BY level, sector, province_code, commune_code, unit, family, rule_id
    """,
    "duplicates": f"SELECT {_columns(run_schema.DUPLICATES)} FROM duplicates ORDER BY sector, record_id",
}
"""Name of the file → the query of its rows; every order is total, so that bytes repeat."""


def write_contracts(connection: duckdb.DuckDBPyConnection, run: Run) -> dict[str, int]:
    """Number of rows written to `<name>.parquet` for each name of CONTRACTS."""
    return {name: write_query(connection, sql, run.directory / f"{name}.parquet") for name, sql in CONTRACTS.items()}


def write_query(connection: duckdb.DuckDBPyConnection, sql: str, path: Path) -> int:
    """Number of rows of `sql` written to the Parquet file `path`, which is either whole or absent.

    DuckDB streams the rows (a nation's links need not fit in memory) and cuts row groups by position, so the
    bytes are the same for any number of threads as long as the query's order is total.
    """
    with atomic_files.atomic(path) as temporary:
        copied = connection.execute(
            f"COPY ({sql}) TO $path (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {ZSTD_LEVEL}, "
            f"ROW_GROUP_SIZE {ROW_GROUP_ROWS})",
            {"path": str(temporary.absolute())},
        ).fetchall()
    return int(copied[0][0])
