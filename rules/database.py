"""Opens a run's DuckDB file once for Great Expectations and for the listing of records, and closes it at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import great_expectations as gx
import polars as pl
from duckdb_sqlalchemy import ConnectionWrapper
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

# Importing the class is what gives GX's factory its `add_duckdb`.
from rules.expectations import DuckDBDatasource


class Database:
    """A DuckDB file that Great Expectations and the listing of records read over one connection."""

    def __init__(self, datasource: DuckDBDatasource) -> None:
        self.datasource = datasource
        self._engine = datasource.get_execution_engine()

    def execute(self, sql: str) -> None:
        """Runs a statement."""
        with self._engine.get_connection() as connection:
            connection.exec_driver_sql(sql)

    def query(self, sql: str) -> pl.DataFrame:
        """The rows of a query."""
        with self._engine.get_connection() as connection:
            frame = pl.from_arrow(connection.connection.driver_connection.sql(sql).to_arrow_table())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def close(self) -> None:
        """Closes the file, so that another process may open it."""
        self._engine.close()


@contextmanager
def opened(connect: Callable[[], duckdb.DuckDBPyConnection]) -> Iterator[Database]:
    """The database that `connect` opens, for the block; nothing is written outside it and nothing to the terminal."""
    # Without this GX makes a folder for its site in /tmp and draws a progress bar for each metric.
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )
    # The factory has a method for each datasource class that was imported; its stubs know only GX's own.
    sources: Any = context.data_sources
    datasource = sources.add_duckdb(
        name="run",
        # No pool: GX's datasource and engines would each keep the file open after the check.
        connection_string="duckdb:///:memory:?duckdb_sqlalchemy_pool=null",
        # Each statement by itself: one broken rule must not abort a transaction that the next ones stand in.
        kwargs={"isolation_level": "AUTOCOMMIT", "creator": lambda: ConnectionWrapper(connect())},
    )
    source = Database(datasource)
    try:
        yield source
    finally:
        source.close()
