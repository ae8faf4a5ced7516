"""Draws records to be checked by hand, so many of each kind as there are, the same ones for the same seed."""

from pathlib import Path

import duckdb
import polars as pl

from pipelines.config import Run
from pipelines.workspace import atomic_files, run_tables
from vn.ids import mask_column

SIZE = 200
ANSWERS = ("đúng", "sai", "không rõ")
"""What a checker writes: the decision is right, wrong, or cannot be told."""
ANSWER = "dung_sai"
"""The column to be filled in."""

_DRAWN = """
WITH outcome AS (
    SELECT links.record_id, links.sector, links.source_file, links.sheet, links.source_row,
           coalesce(verifications.decision, links.decision) AS decision,
           coalesce(verifications.status, links.status) AS status, links.person_id,
           sha256($seed || '|' || links.record_id) AS lot
    FROM links LEFT JOIN verifications USING (record_id)
), stratum AS (
    SELECT sector, status, count(*) AS records FROM outcome GROUP BY ALL
), quota AS (
    SELECT *, greatest($size - count(*) OVER (), 0) AS others,
           others * (records - 1) / nullif(sum(records - 1) OVER (), 0) AS quota
    FROM stratum
), share AS (
    SELECT *, row_number() OVER (ORDER BY quota - floor(quota) DESC, sector, status) AS place,
           (others - sum(floor(quota)) OVER ())::BIGINT AS left_over
    FROM quota
), allotted AS (
    SELECT sector, status, records,
           least(records, 1 + coalesce(floor(quota)::BIGINT + (place <= left_over)::BIGINT, 0)) AS drawn
    FROM share
), numbered AS (
    SELECT outcome.*, row_number() OVER (PARTITION BY sector, status ORDER BY lot, record_id) AS place FROM outcome
)
SELECT numbered.sector, numbered.status, allotted.records AS stratum_records, allotted.drawn AS stratum_drawn,
       numbered.record_id, source_file, sheet, source_row, decision, person_id
FROM numbered JOIN allotted USING (sector, status) WHERE place <= drawn
ORDER BY sector, status, source_file, sheet, source_row, record_id
"""
# One of each, for a rare status is looked at too; the others in proportion to what is left, by the largest remainders.


def draw(connection: duckdb.DuckDBPyConnection, seed: str, size: int = SIZE) -> pl.DataFrame:
    """The drawn records, by sector, status and place; at least one of each status of each sector.

    Shape: `sector, status, stratum_records, stratum_drawn, record_id, source_file, sheet, source_row, decision,
    person_id` (masked)`, dung_sai, ghi_chu`, the last two empty.
    """
    found = run_tables.query(connection, _DRAWN, {"seed": seed, "size": size})
    nothing = pl.lit(None, pl.String)
    return found.with_columns(
        mask_column(found["person_id"]).alias("person_id"), nothing.alias(ANSWER), nothing.alias("ghi_chu")
    )


def write(
    connection: duckdb.DuckDBPyConnection, run: Run, file: Path, seed: str | None = None, size: int = SIZE
) -> int:
    """Number of records written to the CSV `file`. The seed is by default the run's name."""
    drawn = draw(connection, seed or run.run_id, size)
    with atomic_files.atomic(file) as temporary:
        temporary.write_bytes(b"\xef\xbb\xbf" + drawn.write_csv().encode())
    return drawn.height
