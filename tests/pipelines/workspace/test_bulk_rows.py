"""Many rows in one statement say what one statement a row says, whatever the values are."""

from collections.abc import Iterator

import polars as pl
import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, bindparam, insert, select, update

from pipelines.workspace import state
from pipelines.workspace.bulk_rows import among, execute_each, frame

_METADATA = MetaData()
_LISTS = Table("lists", _METADATA, Column("name", String, primary_key=True), Column("rows", Integer))
SCHEMA = pl.Schema({"name": pl.String, "rows": pl.Int64})
NAMES = ["a.csv", "Đêm 'nay'.csv", 'two"quotes', "back\\slash", ""]


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = state.connect("sqlite://")
    with state.transaction(engine) as connection:
        _METADATA.create_all(connection)
        execute_each(connection, insert(_LISTS), pl.DataFrame({"name": NAMES, "rows": [1, 2, 3, 4, None]}))
        yield connection
    engine.dispose()


def test_rows_come_back_as_they_went_in(connection: Connection) -> None:
    found = frame(connection, select(_LISTS.c.name, _LISTS.c.rows).order_by(_LISTS.c.rows), SCHEMA)
    assert found.rows() == [("", None), *zip(NAMES[:4], [1, 2, 3, 4], strict=True)]
    assert found.schema == SCHEMA


@pytest.mark.parametrize("wanted", [[], ["a.csv"], NAMES, ["no such", NAMES[1]]])
def test_among(connection: Connection, wanted: list[str]) -> None:
    found = frame(
        connection, select(_LISTS.c.name, _LISTS.c.rows).where(among(connection, _LISTS.c.name, wanted)), SCHEMA
    )
    assert set(found["name"]) == set(wanted) & set(NAMES)


def test_what_waits_for_no_value_is_the_same_for_all(connection: Connection) -> None:
    change = update(_LISTS).where(_LISTS.c.name == bindparam("which"), _LISTS.c.rows < 4).values(rows=9)
    assert execute_each(connection, change, pl.DataFrame({"which": NAMES})) == 3
    found = frame(connection, select(_LISTS.c.name, _LISTS.c.rows).where(_LISTS.c.rows == 9), SCHEMA)
    assert set(found["name"]) == set(NAMES[:3])


def test_a_value_may_be_taken_away(connection: Connection) -> None:
    change = update(_LISTS).where(_LISTS.c.name == bindparam("which")).values(rows=None)
    execute_each(connection, change, pl.DataFrame({"which": ["a.csv"]}))
    found = frame(connection, select(_LISTS.c.name, _LISTS.c.rows).where(_LISTS.c.rows.is_(None)), SCHEMA)
    assert set(found["name"]) == {"a.csv", ""}


def test_no_row_changes_nothing(connection: Connection) -> None:
    change = update(_LISTS).where(_LISTS.c.name == bindparam("which")).values(rows=0)
    assert execute_each(connection, change, pl.DataFrame(schema={"which": pl.String})) == 0
