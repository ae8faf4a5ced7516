"""Ranks departments, communes and units by how much of what they had to mend a week ago is mended."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import duckdb
import polars as pl

from pipelines.config import Run
from pipelines.report import labels
from pipelines.report.cleaned import sectors_tonight
from pipelines.report.contracts import write_query
from pipelines.sectors.schema import Sector
from pipelines.workspace import night_places, run_schema, run_tables
from pipelines.workspace.night_places import PLACE, Earlier

FILE = "progress.parquet"
LEVELS = {
    "department": ("Đơn vị", "departments"),
    "commune": ("Xã/phường", "communes"),
    "unit": ("Trường, doanh nghiệp, cơ sở", "units"),
}
"""Level → what is ranked: a sector's part in a province; a commune, all sectors; a school, an employer, a site."""
SHOWN = 5


class Ranking(NamedTuple):
    """The places of one level that moved on most, and those that wait for a word."""

    level: str
    title_vi: str
    title_en: str
    best: list[dict[str, Any]]
    """Rows of `places` with their `title`, most of its work mended first; empty without an earlier night."""
    behind: list[dict[str, Any]]
    """Places with work left: least mended first, of these most left first."""
    places: int
    with_work: int
    standing: int
    """Places with work left that have mended nothing since the earlier night; 0 where there was none."""


class Progress(NamedTuple):
    """Every place of the night beside an earlier one."""

    since: date | None
    """Day of the earlier night; None if there was none within DAYS."""
    places: pl.DataFrame
    """Columns PLACE, `records, verified, needs_work, before, mended, share`; the last three null without a night."""
    rankings: list[Ranking]

    @property
    def total(self) -> dict[str, int]:
        """`before` and `needs_work` of all departments."""
        departments = self.places.filter(pl.col("level") == "department")
        return {name: int(departments[name].sum() or 0) for name in ("before", "needs_work")}


def progress(connection: duckdb.DuckDBPyConnection, run: Run, sectors: Mapping[str, Sector]) -> Progress:
    """The night's places, ranked. `worklist.prepare` must have run on the connection."""
    now = _places(connection)
    then = night_places.earlier(run.settings)
    places = _beside(now, then)
    return Progress(then and then.night, places, [_ranked(level, places, sectors) for level in LEVELS])


def write(connection: duckdb.DuckDBPyConnection, run: Run, places: pl.DataFrame) -> int:
    """Number of places written to `progress.parquet`."""
    connection.register("places_frame", places.to_arrow())
    try:
        return write_query(connection, "SELECT * FROM places_frame", run.directory / FILE)
    finally:
        connection.unregister("places_frame")


def _places(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Shape: columns PLACE, `records, verified, needs_work`: one row a place of each level."""
    units = " UNION ALL ".join(
        f"SELECT sector, record_id, unit FROM {run_schema.core_table(sector)}" for sector in sectors_tonight(connection)
    )
    return run_tables.query(connection, _PLACES.format(units=units or _NO_UNITS))


def _beside(now: pl.DataFrame, then: Earlier | None) -> pl.DataFrame:
    if then is None:
        nothing = [pl.lit(None, pl.Int64).alias(name) for name in ("before", "mended")]
        return now.with_columns(*nothing, pl.lit(None, pl.Float64).alias("share"))
    before = then.places.rename({"needs_work": "before"})
    return (
        now.join(before, on=PLACE, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col("before").fill_null(0))
        .with_columns(mended=pl.col("before") - pl.col("needs_work"))
        .with_columns(share=pl.when(pl.col("before") > 0).then(pl.col("mended") / pl.col("before")))
    )


def _ranked(level: str, places: pl.DataFrame, sectors: Mapping[str, Sector]) -> Ranking:
    ours = places.filter(pl.col("level") == level)
    best = ours.filter(pl.col("mended") > 0).sort(
        [-pl.col("share"), -pl.col("mended"), *PLACE], nulls_last=True, maintain_order=True
    )
    behind = ours.filter(pl.col("needs_work") > 0).sort(
        [pl.col("share").fill_null(-1.0), -pl.col("needs_work"), *PLACE], nulls_last=True, maintain_order=True
    )
    return Ranking(
        level,
        *LEVELS[level],
        best=_titled(best.head(SHOWN), sectors),
        behind=_titled(behind.head(SHOWN), sectors),
        places=ours.height,
        with_work=behind.height,
        standing=behind.filter(pl.col("before").is_not_null(), pl.col("share").fill_null(0.0) <= 0).height,
    )


def _titled(places: pl.DataFrame, sectors: Mapping[str, Sector]) -> list[dict[str, Any]]:
    return [{**row, "title": title_of(row, sectors)} for row in places.to_dicts()]


def title_of(place: Mapping[str, Any], sectors: Mapping[str, Sector]) -> str:
    """What a place is called: `Học sinh · Hà Nội`, `Phường Ba Đình, Hà Nội`, `THCS Lê Lợi, Hà Nội`."""
    province = labels.province_title(place["province_code"]) if place["province_code"] else "Không rõ tỉnh"
    if place["level"] == "commune":
        return f"{labels.commune_title(place['commune_code'])}, {province}"
    if place["level"] == "unit":
        return f"{place['unit']}, {province}"
    return f"{sectors[place['sector']].title_vi} · {province}"


_NO_UNITS = "SELECT '' AS sector, '' AS record_id, '' AS unit WHERE false"

_COUNTS = """
count(*) AS records, count(*) FILTER (status = 'verified') AS verified, count(*) FILTER (needs_work) AS needs_work
"""

_PLACES = f"""
WITH named AS ({{units}}), placed AS (
    SELECT outcomes.*, named.unit FROM outcomes LEFT JOIN named USING (sector, record_id)
)
SELECT 'department' AS level, sector, province_code, NULL::VARCHAR AS commune_code, NULL::VARCHAR AS unit, {_COUNTS}
FROM placed GROUP BY sector, province_code
UNION ALL
SELECT 'commune', NULL, province_code, commune_code, NULL, {_COUNTS}
FROM placed WHERE commune_code IS NOT NULL GROUP BY province_code, commune_code
UNION ALL
SELECT 'unit', sector, province_code, NULL, unit, {_COUNTS}
FROM placed WHERE unit IS NOT NULL GROUP BY sector, province_code, unit
ORDER BY level, sector NULLS FIRST, province_code NULLS FIRST, commune_code NULLS FIRST, unit NULLS FIRST
"""
