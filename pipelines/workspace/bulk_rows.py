"""Reads and writes many rows of a database in one statement, without an object a row or a parameter a value."""

import json
from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import ARRAY, ColumnElement, Connection, CursorResult, Executable, any_, bindparam, func, select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement


def among(connection: Connection, column: ColumnElement[Any], values: Sequence[str | int]) -> ColumnElement[bool]:
    """The condition that the column has one of these values, which go to the database as one parameter."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), type_=ARRAY(column.type)))
    listed = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(listed.c.value))


def frame(connection: Connection, wanted: Executable, schema: pl.Schema) -> pl.DataFrame:
    """The rows of a query as a data frame. Shape: as `schema`, in the order of the query's columns."""
    result = connection.execute(wanted)
    assert isinstance(result, CursorResult)
    assert result.cursor is not None
    # As the driver gives them: SQLAlchemy's row objects would cost as much as the query.
    rows = result.cursor.fetchall()
    result.close()
    # Column by column: polars would look at each value of a row for its type.
    return pl.DataFrame(
        [pl.Series(name, [row[at] for row in rows], dtype) for at, (name, dtype) in enumerate(schema.items())]
    )


def execute_each(connection: Connection, change: ClauseElement, rows: pl.DataFrame) -> int:
    """Number of rows that the statement changed, run once for each of `rows`, whose columns are its parameters."""
    if rows.is_empty():
        return 0
    compiled = change.compile(dialect=connection.dialect, column_keys=rows.columns)
    assert isinstance(compiled, SQLCompiler)
    fixed = {name: value for name, value in compiled.params.items() if name not in rows.columns}
    whole = rows.with_columns(
        pl.lit(value, dtype=None if value is not None else pl.String).alias(name) for name, value in fixed.items()
    )
    # To the driver itself: looking at each value of millions would take half of the time.
    if compiled.positiontup:
        return connection.exec_driver_sql(str(compiled), whole.select(compiled.positiontup).rows()).rowcount
    return connection.exec_driver_sql(str(compiled), whole.to_dicts()).rowcount
