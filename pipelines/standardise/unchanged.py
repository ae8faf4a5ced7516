"""Finds rows whose every cell stood in the last night's tables: their values are taken from there, not read again.

A row's values follow from its cells, our code and tables, and the night. So they are taken only from a run of the same
code and tables, and only where the night cannot matter: both nights are of one year, and each date of the row names an
earlier year in full. The bytes are those of a night that finds nothing.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from matching import duckdb_path
from pipelines.config import Run
from pipelines.sectors.schema import Sector
from pipelines.workspace import provenance, run_schema, run_tables

_DATED = ("date", "year")
"""Kinds of columns whose reading depends on the night."""


@contextmanager
def last_night(connection: duckdb.DuckDBPyConnection, run: Run) -> Iterator[bool]:
    """Whether the tables of the run before are at hand, as `before`, and were made by the same code and tables."""
    path = _run_before(run)
    is_there = path is not None and _attached(connection, path)
    try:
        yield is_there and _made_alike(connection, run)
    finally:
        if is_there:
            connection.execute("DETACH before")


def note(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Stores by which code and tables this run's rows were standardised, for the next night."""
    made = pl.DataFrame({"night": [f"{run.settings.night}"], "made_by": [_made_by(run)]})
    run_tables.replace_table(connection, run_schema.STANDARDISED, made)


def find(connection: duckdb.DuckDBPyConnection, sector: Sector, night: date) -> bool:
    """Whether rows of the sector stood in the last night's tables; `found` gives their values from there."""
    names = [run_schema.identifier(column.name) for column in sector.column]
    dated = ["date_of_birth", *(column.name for column in sector.column if column.kind in _DATED)]
    sql = _SAME.format(
        core=run_schema.core_table(sector.name),
        raw=run_schema.raw_table(sector.name),
        known=", ".join(f"{name}_raw" for name in names),
        cells=", ".join(names),
        bygone=" AND ".join(_BYGONE.format(cell=f"{name}_raw", year=night.year) for name in dict.fromkeys(dated)),
        same=" AND ".join(f"raw.{name} IS NOT DISTINCT FROM core.{name}_raw" for name in names),
    )
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {_same(sector.name)} AS {sql}")
    except duckdb.Error:
        # Other columns, a torn file: what cannot be read is no help, and no harm.
        return False
    return run_tables.query(connection, f"SELECT 1 FROM {_same(sector.name)} LIMIT 1").height > 0


def found(connection: duckdb.DuckDBPyConnection, sector: str, first: int, behind: int) -> pl.DataFrame:
    """The found rows among those places: `place` in `raw_<sector>`, then `core_<sector>` without `content_hash`."""
    core, raw = run_schema.core_table(sector), run_schema.raw_table(sector)
    sql = _FOUND.format(core=core, raw=raw, same=_same(sector))
    return run_tables.query(connection, sql, {"first": first, "behind": behind})


def _same(sector: str) -> str:
    return run_schema.identifier(f"same_{sector}")


NOT_FOUND = " AND rowid NOT IN (SELECT place FROM same_{sector})"
"""SQL of rows of `raw_<sector>` that stood in no table of the last night."""
_BYGONE = """
(coalesce(trim({cell}), '') = '' OR
 regexp_full_match({cell}, '([0-9]{{1,2}}[/.-][0-9]{{1,2}}[/.-])?[0-9]{{4}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')
 AND regexp_extract({cell}, '[0-9]{{4}}')::INTEGER < {year})
"""
_SAME = """
WITH known AS (
    SELECT min(rowid) AS at, hash({known}) AS said FROM before.{core} WHERE {bygone} GROUP BY said
)
SELECT raw.rowid AS place, known.at
FROM {raw} AS raw JOIN known ON known.said = hash({cells}) JOIN before.{core} AS core ON core.rowid = known.at
WHERE {same}
"""
_FOUND = """
SELECT same.place, raw.record_id, raw.sector, raw.source_file, raw.sheet, raw.source_row,
       core.* EXCLUDE (record_id, sector, source_file, sheet, source_row, content_hash)
FROM {same} AS same JOIN {raw} AS raw ON raw.rowid = same.place JOIN before.{core} AS core ON core.rowid = same.at
WHERE same.place >= $first AND same.place < $behind
"""


def _run_before(run: Run) -> Path | None:
    """The tables of the newest run of this night or an earlier one, but for this run."""
    others = [path for path in run.database.parent.glob("????-??-??-*.duckdb") if path != run.database]
    earlier = [path for path in others if path.name[:10] <= run.run_id[:10]]
    # DuckDB would take such a path for another one.
    usable = [path for path in earlier if not set("?\\") & set(str(path.resolve()))]
    return max(usable, key=lambda path: (path.name[:10], int(path.stem[11:])), default=None)


def _attached(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    try:
        connection.execute(f"ATTACH {duckdb_path.quoted(path.resolve())} AS before (READ_ONLY)")
    except duckdb.Error:
        return False
    return True


def _made_alike(connection: duckdb.DuckDBPyConnection, run: Run) -> bool:
    try:
        made = run_tables.query(connection, f"SELECT night, made_by FROM before.{run_schema.STANDARDISED}")
    except duckdb.Error:
        return False
    return made.rows() == [(made["night"].item(), _made_by(run))] and made["night"].item()[:4] == run.run_id[:4]


def _made_by(run: Run) -> str:
    """One digest of the code and tables that decide on a row's values."""
    own = sorted(run.settings.sectors_directory.glob("*.toml"))
    parts = [
        provenance.code_digest("vn", "pipelines.standardise", "pipelines.sectors"),
        pl.__version__,
        *(hashlib.sha256(path.read_bytes()).hexdigest() for path in own),
    ]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
