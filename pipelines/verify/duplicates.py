"""Proposes which of a person's records a sector should keep, where it has several and one would do."""

import duckdb
import polars as pl

from pipelines.sectors.schema import Sector
from pipelines.workspace import run_schema, run_tables

_TOGETHER = """
SELECT links.sector, links.person_id, links.record_id, links.source_file, links.sheet, links.source_row,
       links.status = 'duplicate' AS further, coalesce(answer.status, links.status) = 'verified' AS verified,
       CASE WHEN links.differs = '' THEN 0 ELSE len(string_split(links.differs, ',')) END AS differing,
       {filled} AS filled
FROM links JOIN {core} AS core USING (record_id) LEFT JOIN verifications AS answer USING (record_id)
WHERE links.sector = $sector AND links.decision = 'link' AND links.person_id IN (
    SELECT person_id FROM links WHERE sector = $sector AND status = 'duplicate')
"""


def proposals(connection: duckdb.DuckDBPyConnection, sectors: list[Sector]) -> pl.DataFrame:
    """Each duplicate with the record to keep instead, and why that one.

    Shape: the table `duplicates`, in its order; reads the run's `links`, core tables and `verifications`.
    """
    found = [_of_sector(connection, sector) for sector in sectors if sector.one_record_per_person]
    empty = pl.DataFrame(schema=run_schema.BY_NAME[run_schema.DUPLICATES].schema)
    return pl.concat([empty, *found]).sort(run_schema.BY_NAME[run_schema.DUPLICATES].order)


def _of_sector(connection: duckdb.DuckDBPyConnection, sector: Sector) -> pl.DataFrame:
    core = run_schema.core_table(sector.name)
    held = run_tables.query(connection, f"SELECT * FROM {core} LIMIT 0").columns
    filled = run_schema.filled_cells([each.name for each in sector.column if each.name in held])
    rows = run_tables.query(connection, _TOGETHER.format(core=core, filled=filled), {"sector": sector.name})
    ranked = rows.sort("source_file", "sheet", "source_row").with_row_index("place")
    both = ranked.filter("further").join(ranked.filter(~pl.col("further")), on=["sector", "person_id"], suffix="_kept")
    why = (
        pl.when("verified_kept").then(pl.lit("verified"))
        .when(pl.col("differing_kept") < pl.col("differing")).then(pl.lit("agrees"))
        .when(pl.col("differing_kept") > pl.col("differing")).then(pl.lit("assigned"))
        .when(pl.col("filled_kept") > pl.col("filled")).then(pl.lit("completest"))
        .when(pl.col("filled_kept") < pl.col("filled")).then(pl.lit("assigned"))
        .when(pl.col("place_kept") > pl.col("place")).then(pl.lit("latest"))
        .otherwise(pl.lit("assigned"))
    )  # fmt: skip
    return both.select("sector", "record_id", kept_record_id="record_id_kept", why=why)
