"""Opens the registry for one shard's link: a view over the Parquet snapshot, and its side files.

The snapshot is never loaded whole; whom a record is compared with is looked up in its side files (matching/index.py).
`p` is the row's place in the snapshot: the file is sorted by person_id, so ordering by `p` is ordering by it.
"""

import os
from pathlib import Path

import duckdb
import polars as pl

from matching import duckdb_path, index
from matching.lookup import Lookup
from matching.model import Model, load


def connect(
    registry: Path,
    threads: int,
    memory_mb: int,
    model: Model | None = None,
    on_share: index.OnShare = lambda share: None,
) -> duckdb.DuckDBPyConnection:
    """A new in-memory database with the view `registry` over the snapshot, and its side files.

    Side files that are missing, or that other tables made, are made here.
    """
    # What does not fit into memory stays where the registry is, not in whatever folder the process was started in.
    spill = registry.with_name(f".{registry.stem}.{os.getpid()}.spill.part")
    connection = duckdb.connect(config={"threads": threads, "memory_limit": f"{memory_mb}MB"})
    duckdb_path.spill_into(connection, spill)
    connection.execute("SET enable_progress_bar = false")  # a worker process would draw one
    rows = duckdb_path.rows(connection, registry, "file_row_number = true")
    connection.execute(f"CREATE VIEW registry AS SELECT file_row_number AS p, * FROM {rows}")
    connection.execute("CREATE TABLE side_files (snapshot VARCHAR, folder VARCHAR)")
    folder = index.prepare(connection, registry, model or load(), on_share)
    connection.execute(
        "INSERT INTO side_files VALUES ($snapshot, $folder)", {"snapshot": str(registry), "folder": str(folder)}
    )
    return connection


def prepare(
    registry: Path,
    threads: int,
    memory_mb: int,
    model: Model | None = None,
    on_share: index.OnShare = lambda share: None,
) -> None:
    """Makes the snapshot's side files now, so that no link has to wait for them."""
    connect(registry, threads, memory_mb, model, on_share).close()


def lookup(connection: duckdb.DuckDBPyConnection, model: Model | None = None) -> Lookup:
    """The side files of the connection's snapshot, made again if they are not those of `model`."""
    snapshot, folder = connection.sql("SELECT snapshot, folder FROM side_files").fetchall()[0]
    if model is not None:
        folder = index.prepare(connection, Path(snapshot), model)
        connection.execute("UPDATE side_files SET folder = $folder", {"folder": str(folder)})
    return Lookup(Path(folder))


def add(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Stores `frame` as table `name`."""
    connection.register("incoming", frame.to_arrow())
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def query(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, object] | None = None) -> pl.DataFrame:
    """The rows of a query."""
    result = connection.sql(sql, params=parameters) if parameters else connection.sql(sql)
    frame = pl.from_arrow(result.to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame


def folder(connection: duckdb.DuckDBPyConnection) -> Path:
    """The folder with the side files of the connection's snapshot."""
    return Path(connection.sql("SELECT folder FROM side_files").fetchall()[0][0])


def size(connection: duckdb.DuckDBPyConnection) -> int:
    """Number of people in the registry."""
    return lookup(connection).people


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Number of rows of a table."""
    return int(connection.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0])
