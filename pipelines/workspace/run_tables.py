"""How hops keep tables: one DuckDB file a run, written whole-table, and Parquet files written atomically.

Identifiers in SQL come only from here; values are always parameters.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from pipelines.config import Run
from pipelines.workspace.run_schema import identifier


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
