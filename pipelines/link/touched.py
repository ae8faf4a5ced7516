"""Finds the records that changes of the registry touch, gives those whose person moved to the tenant of the new place,
and counts the children that insurance does not know yet.

Which issue a touched record has follows from its link with the snapshot and the rules; nothing is decided here.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from matching import duckdb_path
from pipelines.registry import events
from pipelines.workspace import run_schema, run_tables

INSURANCE = "insurance"
"""The sector whose health card ends the linked procedure birth → residence → card."""


def keep(connection: duckdb.DuckDBPyConnection, sectors: Sequence[str], snapshot: Path, night: date) -> None:
    """Writes `touched` and `newborns`, and the tenants of `core_<sector>`: by where the linked person moved to, where
    a change feed told of a move, else by the record's own province.
    """
    happened = events.read(snapshot)
    connection.register("happened", happened.to_arrow())
    numbers = " UNION ALL ".join(
        f"SELECT record_id, sector, id_number FROM {run_schema.core_table(name)}" for name in sectors
    )
    run_tables.replace_table(
        connection, run_schema.TOUCHED, run_tables.query(connection, _TOUCHED.format(numbers=numbers))
    )
    moved = not happened.filter(event="move").is_empty()
    for name in sectors:
        core = run_schema.core_table(name)
        connection.execute(_MOVED.format(core=core) if moved else _OWN.format(core=core), {"sector": name})
    children = newborns(connection, snapshot, night) if INSURANCE in sectors else pl.DataFrame(schema=_CHILDREN)
    counted = children.group_by("province_code", "commune_code").agg(
        born=pl.len().cast(pl.Int64), missing=(~pl.col("insured")).sum().cast(pl.Int64)
    )
    run_tables.replace_table(
        connection, run_schema.NEWBORNS, counted.sort("province_code", "commune_code", nulls_last=True)
    )
    connection.unregister("happened")


def newborns(connection: duckdb.DuckDBPyConnection, snapshot: Path, night: date) -> pl.DataFrame:
    """The living children under 6 whose birth a change feed told.

    Shape: `person_id, full_name, date_of_birth, province_code, commune_code, insured` (whether a record of insurance is
    linked to the child), sorted by place and number.
    """
    born = events.read(snapshot).filter(event="birth").select("person_id").unique()
    connection.register("born", born.to_arrow())
    sql = _NEWBORNS.format(people=duckdb_path.rows(connection, snapshot))
    told = {"night": night, "year": night.year, "under": events.UNDER, "insurance": INSURANCE}
    found = run_tables.query(connection, sql, told)
    connection.unregister("born")
    return found


_CHILDREN = {
    **dict.fromkeys(("person_id", "full_name", "date_of_birth", "province_code", "commune_code"), pl.String),
    "insured": pl.Boolean,
}

_TOUCHED = """
WITH numbers AS ({numbers}), gone AS (
    SELECT *, coalesce(old_id, person_id) AS number FROM happened WHERE old_id IS NOT NULL OR event = 'cancelled'
)
SELECT DISTINCT record_id, links.sector, feed, feed_number, event
FROM links JOIN happened USING (person_id) WHERE decision <> 'none'
UNION
SELECT record_id, numbers.sector, feed, feed_number, event FROM numbers JOIN gone ON id_number = number
ORDER BY record_id, feed, event
"""

_OWN = """
UPDATE {core} SET tenant = $sector || '-' || coalesce(province_code, '00')
WHERE tenant <> $sector || '-' || coalesce(province_code, '00')
"""

_MOVED = """
UPDATE {core} AS core SET tenant = wanted.tenant
FROM (
    SELECT core.record_id, $sector || '-' || coalesce(moved.province_code, core.province_code, '00') AS tenant
    FROM {core} AS core
    LEFT JOIN (SELECT record_id, person_id FROM links WHERE decision = 'link') AS links USING (record_id)
    LEFT JOIN (
        SELECT person_id, arg_max(province_code, feed) AS province_code FROM happened
        WHERE event = 'move' GROUP BY person_id
    ) AS moved USING (person_id)
) AS wanted
WHERE core.record_id = wanted.record_id AND core.tenant <> wanted.tenant
"""

_NEWBORNS = """
SELECT person_id, full_name, date_of_birth, province_code, commune_code,
       person_id IN (SELECT person_id FROM links
                     WHERE sector = $insurance AND decision = 'link' AND person_id IS NOT NULL) AS insured
FROM {people} SEMI JOIN born USING (person_id)
WHERE status = 'alive'
  AND coalesce(try_cast(date_of_birth AS DATE) + to_years($under) > $night, birth_year > $year - $under)
ORDER BY province_code NULLS LAST, commune_code NULLS LAST, person_id
"""
