"""How hops keep tables: one DuckDB file a run, written whole-table, and Parquet files written atomically.

Identifiers in SQL come only from here; values are always parameters.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from pipelines.config import Run

FILES = "files"
REJECTED = "rejected"
LINKS = "links"
HABITS = "habits"
RESIDENCES = "residences"
ISSUES = "issues"
VERIFICATIONS = "verifications"
PLAN = "plan"

OUTCOMES_SQL = """
SELECT links.* REPLACE (coalesce(verifications.status, links.status) AS status),
       verifications.state, verifications.result, verifications.asked_on
FROM links LEFT JOIN verifications USING (record_id)
ORDER BY links.sector, links.source_file, links.source_row, links.record_id
"""
"""Each record's link with the status that the gateway's answer left it with."""


def raw_table(sector: str) -> str:
    """Name of the table of a sector's cells as text."""
    return identifier(f"raw_{sector}")


def core_table(sector: str) -> str:
    """Name of the table of a sector's standardised values."""
    return identifier(f"core_{sector}")


def identifier(name: str) -> str:
    """The same name, if it is safe to put in SQL unquoted; ValueError otherwise."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a table or column name: {name!r}")
    return name


@contextmanager
def connect(run: Run, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the run's database, closed at the end (one process may own the file)."""
    run.database.parent.mkdir(parents=True, exist_ok=True)
    connection = open_database(
        run.database, read_only=read_only, threads=run.settings.threads, memory_mb=run.settings.memory_mb
    )
    try:
        yield connection
    finally:
        connection.close()


def open_database(
    path: Path | str = ":memory:", *, read_only: bool = False, threads: int = 2, memory_mb: int = 3_000
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection that never reaches the network and stays within `memory_mb`."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": f"{memory_mb}MB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(str(path), read_only=read_only, config=config)
    connection.execute("SET enable_progress_bar = false")  # a worker process would draw one
    return connection


def replace_table(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Store `frame` as table `name`, in one transaction, in place of what was there."""
    incoming = frame.to_arrow()
    connection.register("incoming", incoming)
    try:
        connection.execute(f"CREATE OR REPLACE TABLE {identifier(name)} AS SELECT * FROM incoming")
    finally:
        connection.unregister("incoming")


def append(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Put the rows of `frame` behind those of the table `name`; columns by name."""
    if frame.is_empty():
        return
    incoming = frame.to_arrow()
    connection.register("incoming", incoming)
    try:
        connection.execute(f"INSERT INTO {identifier(name)} BY NAME SELECT * FROM incoming")
    finally:
        connection.unregister("incoming")


def read_table(connection: duckdb.DuckDBPyConnection, name: str, order_by: str = "") -> pl.DataFrame:
    """The whole table, sorted by the given columns."""
    return query(connection, f"SELECT * FROM {identifier(name)}" + (f" ORDER BY {order_by}" if order_by else ""))


def query(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, object] | None = None) -> pl.DataFrame:
    """The rows of a query. Give an ORDER BY wherever the order reaches an output."""
    result = connection.sql(sql, params=parameters) if parameters else connection.sql(sql)
    frame = pl.from_arrow(result.to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame


def has_table(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether the table exists in this database."""
    sql = "SELECT 1 FROM information_schema.tables WHERE table_name = $name"
    # Fetched whole: a result that is still open blocks the connection's next query.
    return bool(connection.execute(sql, {"name": name}).fetchall())


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write `frame` to `path` so that the file is either whole or absent, and the same frame gives the same bytes."""
    with atomic(path) as temporary:
        frame.write_parquet(temporary, compression="zstd", statistics=True, row_group_size=122_880)


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """The folder, empty at first and removed at the end; what a killed attempt left in it is removed before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`; on success it is synced and renamed to it, on failure removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    finally:
        temporary.unlink(missing_ok=True)
