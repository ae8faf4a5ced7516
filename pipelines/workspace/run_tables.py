"""Opens a run's DuckDB file and reads and writes its tables, each as a whole.

Identifiers in SQL come only from here; values are always parameters.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from matching import duckdb_path
from pipelines.config import Run
from pipelines.errors import BadInput
from pipelines.workspace import owner_only
from pipelines.workspace.run_schema import identifier

_Config = dict[str, str | bool | int | float | list[str]]


@contextmanager
def connect(run: Run, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the run's database, closed at the end (one process may own the file)."""
    connection = of_run(run, read_only=read_only)
    try:
        yield connection
    finally:
        connection.close()


def of_run(run: Run, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to the run's database, which the caller closes."""
    owner_only.make_private(run.database.parent)
    return open_database(
        run.database, read_only=read_only, threads=run.settings.threads, memory_mb=run.settings.memory_mb
    )


def open_database(
    path: Path | None = None, *, read_only: bool = False, threads: int = 2, memory_mb: int = 3_000
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection that never reaches the network and stays within `memory_mb`; in memory if there is no path.

    Errors: BadInput if DuckDB can keep no tables at the path.
    """
    config: _Config = {
        "threads": threads,
        "memory_limit": f"{memory_mb}MB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if path is not None:
        require_openable(path)
        path = path.resolve()  # as DuckDB does, so that both mean the same letters
    if path is None:
        connection = duckdb.connect(config=config)
        # Else what does not fit would be written into the folder in which the command was given.
        connection.execute("SET temp_directory = ''")
    elif "\\" in str(path):
        connection = _attached(path, read_only, config)
    else:
        connection = duckdb.connect(str(path), read_only=read_only, config=config)
    connection.execute("SET enable_progress_bar = false")  # a worker process would draw one
    return connection


def require_openable(path: Path) -> None:
    """Errors: BadInput if DuckDB can keep no tables at the path: it writes its log where another path begins."""
    if "?" in str(path.resolve()):
        raise BadInput(
            "question_mark",
            f"Đường dẫn «{path.resolve()}» có dấu «?», DuckDB không ghi được bảng ở đó; hãy đặt TMPDIR là thư mục có "
            "tên không có dấu này / DuckDB cannot keep tables under a path with «?»: name another folder as TMPDIR.",
        )


def _attached(path: Path, read_only: bool, config: _Config) -> duckdb.DuckDBPyConnection:
    """A connection to a database whose path has a `\\`, which `duckdb.connect` takes for `/`."""
    # By its name, so that two connections to one file share it as they do elsewhere.
    connection = duckdb.connect(f":memory:{hashlib.sha256(str(path).encode()).hexdigest()}", config=config)
    place = f"{duckdb_path.held(connection, path.parent)}/{path.name}"
    options = "TYPE duckdb, READ_ONLY" if read_only else "TYPE duckdb"
    connection.execute(f"ATTACH IF NOT EXISTS {duckdb_path.quoted(place)} AS run ({options})")
    connection.execute("USE run")
    duckdb_path.spill_into(connection, path.with_name(f"{path.name}.tmp"))
    return connection


def replace_table(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Stores `frame` as table `name`, in one transaction, in place of the table that was there."""
    incoming = frame.to_arrow()
    connection.register("incoming", incoming)
    try:
        connection.execute(f"CREATE OR REPLACE TABLE {identifier(name)} AS SELECT * FROM incoming")
    finally:
        connection.unregister("incoming")


def append(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Appends the rows of `frame` to the table `name`; columns by name."""
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
