"""The hop `standardise`: turns text into standardised Vietnamese values, the original beside them."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

import duckdb
import polars as pl

from pipelines.config import Run
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector
from pipelines.standardise import unchanged, workers
from pipelines.standardise.core_rows import core_rows, no_rows
from pipelines.workspace import atomic_files, run_schema, run_tables

_SLICE_ROWS = 170_000
"""Rows standardised at a time: some 200 MB."""


def standardise(run: Run) -> dict[str, int]:
    """Counts of records by sector; writes `core_<sector>`, the same rows in the same order as `raw_<sector>`.

    Rows whose cells stood in the last night's tables have their values from there (`pipelines.standardise.unchanged`).
    """
    try:
        return _standardised(run, may_take=True)
    except duckdb.Error:
        # The last night's file may be torn where nobody looked yet.
        return _standardised(run, may_take=False)


def _standardised(run: Run, *, may_take: bool) -> dict[str, int]:
    settings = run.settings
    sectors = schema.of_settings(settings)
    with (
        run_tables.connect(run) as connection,
        unchanged.last_night(connection, run) as is_there,
        atomic_files.scratch(run.database.with_name(f"{run.run_id}.slices")) as scratch,
    ):
        counts = {name: _count(connection, name) for name in sectors}
        for name, sector in sectors.items():
            _write(connection, _building(name), _of_no_rows(sector, settings.night), is_first=True)
        sent = [sectors[name] for name, rows in counts.items() if rows and may_take and is_there]
        taken = {sector.name for sector in sent if unchanged.find(connection, sector, settings.night)}
        asked: deque[_Asked] = deque()
        slices = _slices(connection, counts, taken, asked)
        for name, found in workers.in_order(settings, slices, sum(counts.values()), scratch):
            _write(connection, _building(name), _whole(connection, asked.popleft(), found), is_first=False)
        for name in sectors:
            _appear(connection, name)
        unchanged.note(connection, run)
    return counts


class _Asked(NamedTuple):
    """A slice of a sector's rows: which of them are standardised anew, and whether the others are taken."""

    sector: str
    first: int
    places: pl.Series
    has_taken: bool


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    return int(run_tables.query(connection, f"SELECT count(*) AS n FROM {run_schema.raw_table(name)}")["n"].item())


def _slices(
    connection: duckdb.DuckDBPyConnection, counts: Mapping[str, int], taken: Collection[str], asked: deque[_Asked]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each sector's rows of text that are not taken, so many at a time (what one transaction holds would grow with the
    file); what each slice is goes into `asked`.
    """
    for name, rows in counts.items():
        for offset in range(0, rows, _SLICE_ROWS):
            sql = f"SELECT rowid AS place, * FROM {run_schema.raw_table(name)} WHERE {_WITHIN}"
            sql += unchanged.NOT_FOUND.format(sector=name) if name in taken else ""
            within: dict[str, object] = {"first": offset, "behind": offset + _SLICE_ROWS}
            text = run_tables.query(connection, f"{sql} ORDER BY rowid", within)
            asked.append(_Asked(name, offset, text["place"], name in taken))
            yield name, text.drop("place")


def _whole(connection: duckdb.DuckDBPyConnection, asked: _Asked, anew: pl.DataFrame) -> pl.DataFrame:
    """The slice's rows in their order: those that were standardised anew, and those that are taken."""
    if not asked.has_taken:
        return anew
    taken = unchanged.found(connection, asked.sector, asked.first, asked.first + _SLICE_ROWS)
    placed = anew.insert_column(0, asked.places)
    return pl.concat([placed, taken.select(placed.columns).cast(placed.schema)]).sort("place").drop("place")


def _building(name: str) -> str:
    return run_schema.identifier(f"core_{name}_building")


def _write(connection: duckdb.DuckDBPyConnection, table: str, found: pl.DataFrame, *, is_first: bool) -> None:
    connection.register("incoming", found.to_arrow())
    verb = f"CREATE OR REPLACE TABLE {table} AS" if is_first else f"INSERT INTO {table}"
    connection.execute(f"{verb} SELECT *, {_CONTENT_HASH} AS content_hash FROM incoming")
    connection.unregister("incoming")


def _appear(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """The table stands once it is whole."""
    core = run_schema.core_table(name)
    connection.execute("BEGIN")
    connection.execute(f"DROP TABLE IF EXISTS {core}")
    connection.execute(f"ALTER TABLE {_building(name)} RENAME TO {core}")
    connection.execute("COMMIT")


def _of_no_rows(sector: Sector, night: date) -> pl.DataFrame:
    """What a sector comes to that sent nothing."""
    return core_rows(no_rows(sector), sector, night)


_WITHIN = "rowid >= $first AND rowid < $behind"
"""`raw_<sector>` lies in the order of its rows' places."""
_CONTENT_HASH = """
left(sha256(concat_ws('|', coalesce(id_number, cmnd_number, ''), coalesce(full_name, ''),
                      coalesce(date_of_birth, ''), coalesce(sex, ''))), 32)
"""
