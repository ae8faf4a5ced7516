"""What changes of the registry did, counted for the page by hand; few newborns of one commune are not told apart."""

from pathlib import Path

import polars as pl

from pipelines.report import registry_changes
from pipelines.workspace import run_schema, run_tables


def _table(name: str, rows: list[tuple[object, ...]], *columns: str) -> pl.DataFrame:
    schema = run_schema.BY_NAME[name].schema
    return pl.DataFrame(rows, schema={column: schema[column] for column in columns}, orient="row")


def test_events_newborns_and_small_counts(tmp_path: Path) -> None:
    with run_tables.open_database(tmp_path / "one.duckdb") as connection:
        touched = [("r1", "death"), ("r2", "death"), ("r3", "birth"), ("r1", "correction")]
        issues = [("r1", "live", "live-person-alive"), ("r3", "correct", "correct-id-sex")]
        # Of two communes with few missing the one with more of them stands behind: their order tells nothing.
        born = [("79", "26740", 7, 6), ("79", "26737", 30, 9), ("01", "00004", 7, 1), ("48", None, 3, 0)]
        run_tables.replace_table(
            connection, run_schema.TOUCHED, _table(run_schema.TOUCHED, touched, "record_id", "event")
        )
        run_tables.replace_table(
            connection, run_schema.ISSUES, _table(run_schema.ISSUES, issues, "record_id", "family", "rule_id")
        )
        run_tables.replace_table(
            connection,
            run_schema.NEWBORNS,
            _table(run_schema.NEWBORNS, born, "province_code", "commune_code", "born", "missing"),
        )
        told = registry_changes.told(connection)
    assert [(row["event"], row["records"], row["with_issue"]) for row in told["events"]] == [
        ("birth", 1, 0),
        ("death", 2, 1),
        ("correction", 1, 1),
    ]
    assert [(row["province"], row["born"], row["missing"]) for row in told["newborns"]] == [
        ("Hồ Chí Minh", "30", "10"),
        ("Hà Nội", "*", "*"),
        ("Hồ Chí Minh", "*", "*"),
    ]


def test_nothing_is_told_where_no_feed_was_loaded(tmp_path: Path) -> None:
    with run_tables.open_database(tmp_path / "one.duckdb") as connection:
        assert registry_changes.told(connection) == {"events": [], "newborns": []}
