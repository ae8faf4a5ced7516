"""What rules say of each record: one table for all families, later ones beside earlier ones, broken rules by name."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from pipelines.workspace import run_tables
from rules import judge
from rules.database import Database, opened
from rules.errors import RuleBroken
from rules.sql import Condition

SAYS = "SELECT * FROM judged_students ORDER BY record_id"
GIVEN = Condition("true", "sex IS NULL")
BOY = Condition("sex IS NOT NULL", "sex <> 'Nam'")


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "run.duckdb"
    with run_tables.open_database(path) as connection:
        connection.execute(
            "CREATE TABLE core_students AS FROM (VALUES ('a', 'Nam'), ('b', 'Nữ'), ('c', NULL)) t(record_id, sex)"
        )
    with opened(partial(run_tables.open_database, path)) as found:
        yield found


def test_true_follows_false_breaks_null_does_not_apply(source: Database) -> None:
    judge.keep(source, "students", "core_students", {"complete-sex": GIVEN, "correct-boy": BOY}, anew=True)
    assert source.query(SAYS).rows() == [("a", True, True), ("b", True, False), ("c", False, None)]


def test_a_later_family_stands_beside_the_earlier_ones_however_often_it_is_asked(source: Database) -> None:
    judge.keep(source, "students", "core_students", {"complete-sex": GIVEN}, anew=True)
    for _ in range(2):
        judge.keep(source, "students", "core_students", {"live-boy": BOY}, anew=False)
    found = source.query(SAYS)
    assert found.columns == ["record_id", "complete-sex", "live-boy"]
    assert found.rows() == [("a", True, True), ("b", True, False), ("c", False, None)]


def test_every_broken_rule_is_named(source: Database) -> None:
    rules = {"correct-x": Condition("x > 0", "true"), "complete-sex": GIVEN, "correct-y": Condition("true", "y")}
    with pytest.raises(RuleBroken) as raised:
        judge.keep(source, "students", "core_students", rules, anew=True)
    assert raised.value.rule_ids == ("correct-x", "correct-y")


def test_what_is_no_rules_id_never_reaches_sql() -> None:
    with pytest.raises(ValueError, match="not a column or table name"):
        judge.column('x" FROM core; DROP TABLE core; --')
