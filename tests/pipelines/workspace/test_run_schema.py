"""The contract between hops, beside what a night really wrote."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.sectors import schema
from pipelines.workspace import run_schema
from rules.tables import load_rules

ROOT = Path(__file__).parents[3]
SECTORS = schema.load_all()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the sample's night."""
    workspace = tmp_path_factory.mktemp("night")
    subprocess.run([sys.executable, "-m", "tests.whole_night", workspace, "2", "200000"], cwd=ROOT, check=True)
    (found,) = (workspace / "work").glob("*.duckdb")
    return found


def declared() -> dict[str, tuple[run_schema.RunTable, list[str]]]:
    """Table → what the contract says of it, and its columns in order, for the package's own sectors."""
    found = {}
    for table in run_schema.TABLES:
        if not table.sector_columns:
            found[table.name] = (table, run_schema.columns_of(table, ()))
            continue
        for sector in SECTORS.values():
            own = [column.name for column in sector.column]
            columns = run_schema.columns_of(table, rules_of(sector) if table.name == run_schema.JUDGED else own)
            found[table.name.replace("<sector>", sector.name)] = (table, columns)
    return found


def rules_of(sector: schema.Sector) -> list[str]:
    """In the order of the families, each as its file has them."""
    return [
        rule.id
        for rule in load_rules()
        if rule.concerns(sector.name, date(2026, 11, 22))
        and not (rule.family == "complete" and rule.column in sector.not_asked)
    ]


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    columns = "SELECT column_name, data_type FROM information_schema.columns"
    sql = f"{columns} WHERE table_name = $table ORDER BY ordinal_position"
    return dict(connection.execute(sql, {"table": table}).fetchall())


def test_a_night_writes_the_tables_that_are_declared_and_no_others(database: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
    assert {name for (name,) in rows} == set(declared())


@pytest.mark.parametrize("name", sorted(declared()))
def test_columns_types_and_order_are_as_declared(database: Path, name: str) -> None:
    table, columns = declared()[name]
    with duckdb.connect(str(database), read_only=True) as connection:
        written = columns_of(connection, name)
        types = pl.from_arrow(connection.sql(f"FROM {name} LIMIT 0").to_arrow_table())
        assert isinstance(types, pl.DataFrame)
        assert list(written) == columns
        assert {column: types.schema[column] for column in table.schema} == table.schema
        if table.order:
            keys = ", ".join(f"{column} NULLS LAST" for column in table.order)
            out_of_order = f"""
                SELECT count(*) FROM (SELECT rowid AS lies, row_number() OVER (ORDER BY {keys}, rowid) - 1 AS belongs
                                      FROM {name}) WHERE lies <> belongs
            """
            assert connection.execute(out_of_order).fetchall() == [(0,)], f"{name} is not sorted by {table.order}"


def test_a_name_that_a_table_uses_is_no_name_of_a_sectors_column() -> None:
    taken = run_schema.beside_sector_columns()
    assert {"record_id", "name_key", "tenant", "status", "extra", "province_registry"} <= taken
    assert not taken & {column.name for sector in SECTORS.values() for column in sector.column}


@pytest.mark.parametrize("name", ["", "a b", "1a", "a;b", "A", "x" * 64])
def test_what_is_no_name_never_reaches_sql(name: str) -> None:
    with pytest.raises(ValueError, match="not a table or column name"):
        run_schema.identifier(name)
