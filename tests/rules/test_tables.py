"""The tables agree with each other and with the rest of the product, and their faults are all told at once."""

import dataclasses
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.sectors import schema
from pipelines.workspace import run_tables
from rules import conditions, examples, tables
from rules.errors import TableError
from rules.tables import Example, Rule, load, load_issues, load_rules, statuses
from tests.rules.records import COLUMNS
from vn import dates, encodings, ids, names

NIGHT = date(2026, 11, 22)
CONTRACT = {
    *("verified", "agreed", "wrong_information", "wrong_id", "missing_id", "bad_id_format", "id_of_another"),
    *("ambiguous", "duplicate", "not_found", "deceased", "cancelled_id", "moved", "unverifiable"),
}
EXAMPLES = [
    pytest.param(rule, example, fails, id=f"{rule.id}-{'bad' if fails else 'good'}-{number}")
    for rule in load_rules()
    for fails, examples in ((False, rule.good), (True, rule.bad))
    for number, example in enumerate(examples, start=1)
]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with run_tables.open_database() as connection:
        yield connection


@pytest.mark.parametrize(("rule", "example", "fails"), EXAMPLES)
def test_examples_behave(database: duckdb.DuckDBPyConnection, rule: Rule, example: Example, fails: bool) -> None:
    assert examples.is_broken(rule, example, COLUMNS, load().fillers, database) == fails


def test_there_are_rules_of_every_family_and_sector() -> None:
    found = {
        (rule.family, sector) for rule in load_rules() for sector in schema.known() if rule.concerns(sector, NIGHT)
    }
    assert found == {(family, sector) for family in tables.FAMILIES for sector in schema.known()}
    assert len(load_rules()) >= 24


def test_every_status_of_the_contract_has_words() -> None:
    assert set(statuses()) == CONTRACT


def test_rules_name_columns_that_their_sectors_have() -> None:
    for rule in load_rules():
        for sector in schema.known() if "*" in rule.sectors else rule.sectors:
            assert rule.column in {column.name for column in schema.load(sector).column}, rule.id


def test_every_condition_is_used() -> None:
    assert {rule.expect for rule in load_rules()} == set(conditions.CONDITIONS)


@pytest.mark.parametrize(
    ("column", "known"),
    [
        ("id_repairs", set(ids.REPAIRS)),
        ("name_repairs", set(names.CODES)),
        ("text_repairs", set(encodings.CODES)),
        ("birth_repairs", set(dates.REPAIRS)),
    ],
)
def test_repairs_are_those_that_the_normalisers_name(column: str, known: set[str]) -> None:
    named = {
        code
        for rule in load_rules()
        if rule.args.get("of") == column
        for code in [*rule.args.get("only", []), *rule.args.get("but", [])]
    }
    assert named
    assert named <= known


def test_kinds_are_those_that_the_normaliser_names() -> None:
    named = {kind for rule in load_rules() if rule.args.get("of") == "id_kind" for kind in rule.args["values"]}
    assert {"bhxh", "cmnd", "scientific"} <= named <= set(ids.KINDS)


def test_masked_columns_are_columns_of_some_sector() -> None:
    known = {column.name for sector in schema.known() for column in schema.load(sector).column}
    assert set(load().masks) <= known


def test_fillers_can_match() -> None:
    assert all(filler == filler.strip().lower() for filler in load().fillers)


def test_a_rule_is_not_asked_before_its_source_is_in_force() -> None:
    rule = next(rule for rule in load_rules() if rule.since == date(2025, 8, 1))
    assert not rule.concerns("insurance", date(2025, 7, 31))
    assert rule.concerns("insurance", date(2025, 8, 1))
    assert not rule.concerns("students", date(2025, 8, 1))


def test_issues_have_a_remedy_in_vietnamese() -> None:
    assert all(issue.remedy.endswith(".") and not issue.remedy.isascii() for issue in load_issues().values())


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for path in tables.DIRECTORY.glob("*.toml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_all_faults_of_all_tables_are_told_at_once(directory: Path) -> None:
    (directory / "correct.toml").write_text(
        _replaced(directory, "correct.toml", 'expect = "column_pair_to_agree"', 'expect = "no_such_thing"')
    )
    (directory / "complete.toml").write_text(_replaced(directory, "complete.toml", "mostly = 0.99", "mostly = 7"))
    (directory / "clean.toml").write_text(_replaced(directory, "clean.toml", "ID_SHARED", "ID_SHARDE"))
    (directory / "live.toml").write_text(
        _replaced(directory, "live.toml", "nights = 30", "nights = 30, evenings = 2")
        + '\n[[rule]]\nid = "live-asked"\nsurprise = 1\n'
    )
    (directory / "cells.toml").write_text("fillers = [")
    with pytest.raises(TableError) as raised:
        load(directory)
    told = str(raised.value)
    for said in (
        "correct-id-sex: expect 'no_such_thing' is not one of",
        "complete-name: mostly: ",
        "clean-id-one-person: issue ID_SHARDE is not in issues.toml",
        "issue ID_SHARED is used by no rule",
        "live-confirmed-lately: args: got an unexpected keyword argument 'evenings'",
        "live-asked: surprise: Extra inputs are not permitted",
        "cells.toml: ",
    ):
        assert said in told


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("live.toml", 'id = "live-asked"', 'id = "live-answered"', "rule live-answered stands 2 times"),
        ("live.toml", 'id = "live-asked"', 'id = "clean-asked"', "does not begin with the family"),
        ("clean.toml", 'issue = "ID_SHARED"', 'issue = "NOT_ASKED"', "NOT_ASKED belongs to another family"),
        ("live.toml", 'severity = "warning"', 'severity = "error"', "is not what issues.toml says"),
        ("issues.toml", 'code = "verified"', 'code = "agreed"', "status agreed stands 2 times"),
        ("issues.toml", "message_en", "message_eng", "message_en: Field required"),
    ],
)
def test_each_fault_is_found(directory: Path, file: str, old: str, new: str, said: str) -> None:
    (directory / file).write_text(_replaced(directory, file, old, new))
    with pytest.raises(TableError) as raised:
        load(directory)
    assert said in str(raised.value)


def test_a_missing_table_is_a_fault(directory: Path) -> None:
    (directory / "live.toml").unlink()
    with pytest.raises(TableError) as raised:
        load(directory)
    assert "live.toml" in raised.value.faults[0]


def test_tables_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load().fillers = ()  # type: ignore[misc]


def _replaced(directory: Path, file: str, old: str, new: str) -> str:
    text = (directory / file).read_text()
    assert old in text
    return text.replace(old, new, 1)
