"""Examples that contradict their rule or cannot be judged, each told with its place; those of the tables all hold."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.workspace import run_tables
from rules import examples, tables
from rules.tables import load
from tests.rules.records import COLUMNS


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with run_tables.open_database() as connection:
        yield connection


def told(directory: Path, database: duckdb.DuckDBPyConnection, *names: str) -> list[str]:
    known = load(directory)
    rules = [rule for rule in known.rules if rule.id in names]
    return examples.faults(rules, COLUMNS, known.fillers, database, directory)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for path in tables.DIRECTORY.glob("*.toml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_every_fault_is_told_with_its_place(directory: Path, database: duckdb.DuckDBPyConnection) -> None:
    lines = (directory / "correct.toml").read_text("utf-8").splitlines()
    at = lines.index('id = "correct-id-sex"')
    good, bad = (next(n for n in range(at, len(lines)) if lines[n].startswith(kind)) for kind in ("good", "bad"))
    lines[good] = 'good = [{ sex = "Nam", id_sex = "Nữ" }, { sex = "Nam", id_sex = "Nam", shoe = "44" }]'
    lines[bad] = 'bad = [{ sex = "Nam", id_sex = "Nam" }, { date_of_birth = "1/2/2000" }]'
    (directory / "correct.toml").write_text("\n".join(lines), encoding="utf-8")
    place = f"correct.toml:{at} correct-id-sex: "
    assert told(directory, database, "correct-id-sex", "correct-id-format") == [
        f"{place}good example 1: the rule is broken by it",
        f"{place}good example 2: there is no column shoe",
        f"{place}bad example 1: the rule is followed by it",
        f"{place}bad example 2: date_of_birth is not YYYY, YYYY-MM or YYYY-MM-DD",
    ]


def test_a_rule_of_no_sector_and_one_that_cannot_be_run_are_told(
    directory: Path, database: duckdb.DuckDBPyConnection
) -> None:
    rule = next(rule for rule in load(directory).rules if rule.id == "correct-id-format")
    columns = {name: COLUMNS[name] for name in COLUMNS}
    lost = rule.model_copy(update={"sectors": ("pensions",)})
    blind = rule.model_copy(update={"column": "shoe", "good": ("44",), "bad": ({"sex": "Nam"},)})
    found = examples.faults([lost, blind], columns, (), database, directory)
    assert found[0].endswith("correct-id-format: sectors: there is no sector pensions")
    assert "good example 1: there is no column shoe" in found[1]
    assert "cannot be judged" in found[2]


def test_the_examples_of_the_tables_hold(database: duckdb.DuckDBPyConnection) -> None:
    known = load()
    assert examples.faults(known.rules[::7], COLUMNS, known.fillers, database) == []
