"""Great Expectations on DuckDB: every failing record, the right denominators, broken rules by name, same bytes."""

import re
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from pipelines.workspace import run_tables
from rules.check import ISSUE_COLUMNS, RESULT_COLUMNS, Findings, check
from rules.errors import RuleBroken
from rules.tables import FAMILIES, Cells, Family, Rule, load
from tests.rules import records

NIGHT = date(2026, 11, 22)
SECTORS = {"insurance": "Bảo hiểm xã hội", "students": "Học sinh"}
MANY = 450
"""More failing records than the 20 and 200 at which GX cuts its lists."""


def people() -> dict[str, list[Cells]]:
    """450 pupils whose sex disagrees with their number, 50 who agree, 100 without one; five insured people."""
    wrong: list[Cells] = [
        {"full_name": f"Lê An {n}", "id_number": f"079015{n:06d}", "id_sex": "Nữ", "id_birth_year": 2015, "sex": "Nam"}
        for n in range(MANY)
    ]
    right: list[Cells] = [{"id_number": f"079115{n:06d}", "id_sex": "Nữ", "sex": "Nữ"} for n in range(50)]
    none: list[Cells] = [{"sex": "Nam"} for _ in range(100)]
    insured: list[Cells] = [
        {"full_name": "Trần Bình", "id_number": "001099000001", "status": "agreed", "decision": "link"},
        {"full_name": "Trần Bình", "id_number": "001099000001", "status": "duplicate", "decision": "link"},
        {"date_of_birth": "1980-02-03", "status": "agreed", "state": "answered", "answer_status": "deceased"},
        {"social_insurance_number_raw": "7912345678901234", "date_of_birth_raw": "31/02/1999"},
        {"cmnd_number": "271450001", "id_number_raw": "271450001", "decision": "link", "state": "waiting"},
    ]
    return {"students": [*wrong, *right, *none], "insurance": insured}


def run(
    folder: Path, families: tuple[Family, ...] = FAMILIES, threads: int = 2, **changed: tuple[Rule, ...]
) -> Findings:
    database = folder / "run.duckdb"
    if not database.exists():
        records.create(database, people())
    opened = partial(run_tables.open_database, database, threads=threads)
    return check(opened, SECTORS, families, folder / "docs", NIGHT, tables=replace(load(), **changed))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("check")


@pytest.fixture(scope="module")
def found(folder: Path) -> Findings:
    return run(folder)


def of(found: Findings, sector: str, rule_id: str) -> tuple[int, int, float | None]:
    row = found.results.row(by_predicate=(pl.col("sector") == sector) & (pl.col("rule_id") == rule_id), named=True)
    return row["applicable"], row["failing"], row["share"]


def test_every_failing_record_is_listed(found: Findings) -> None:
    listed = found.issues.filter(rule_id="correct-id-sex")
    assert listed["record_id"].to_list() == [f"students-{n + 1}" for n in range(MANY)]
    assert set(listed["issue"]) == {"ID_SEX"}
    assert set(listed["value"]) == {"Nam"}


@pytest.mark.parametrize(
    ("sector", "rule_id", "figures", "why"),
    [
        ("students", "correct-id-sex", (500, 450, 0.1), "a hundred have no number to disagree with"),
        ("students", "complete-id", (600, 100, 5 / 6), "completeness is asked of all"),
        ("students", "clean-id-once", (500, 0, 1.0), "all numbers differ"),
        ("insurance", "clean-id-once", (2, 2, 0.0), "the number stands twice, both records are listed"),
        ("insurance", "clean-id-one-person", (2, 0, 1.0), "it is the same person"),
        ("insurance", "correct-birth-date", (2, 1, 0.5), "31 February; an absent date is not asked"),
        ("insurance", "correct-bhxh", (1, 1, 0.0), "sixteen digits"),
        ("insurance", "correct-bhyt-bhxh", (0, 0, None), "nobody has both: no share, not 100 %"),
        ("insurance", "live-person-alive", (3, 1, 2 / 3), "the answer's status counts, not the link's"),
        ("insurance", "live-asked", (3, 3, 0.0), "two have no question, one is still waiting"),
        ("insurance", "live-no-cmnd", (5, 1, 0.8), "the kind of number is always known"),
        ("insurance", "live-confirmed-lately", (0, 0, None), "no day of asking"),
    ],
)
def test_figures(found: Findings, sector: str, rule_id: str, figures: tuple[int, int, float | None], why: str) -> None:
    assert (
        of(found, sector, rule_id) == pytest.approx(figures, nan_ok=False)
        if figures[2] is not None
        else (of(found, sector, rule_id) == figures)
    ), why


def test_issues_and_results_agree_and_have_the_contracts_shape(found: Findings) -> None:
    assert dict(found.issues.schema) == ISSUE_COLUMNS
    assert dict(found.results.schema) == RESULT_COLUMNS
    counted = found.issues.group_by("sector", "rule_id").len().sort("sector", "rule_id")
    failing = found.results.filter(pl.col("failing") > 0).select("sector", "rule_id", pl.col("failing").alias("len"))
    assert counted.to_dicts() == failing.sort("sector", "rule_id").to_dicts()
    asked = {(rule.id, sector) for rule in load().rules for sector in SECTORS if rule.concerns(sector, NIGHT)}
    assert set(found.results.select("rule_id", "sector").iter_rows()) == asked


def test_issues_are_in_order(found: Findings) -> None:
    order = ["sector", "source_file", "source_row", "rule_id"]
    assert found.issues.equals(found.issues.sort(order, maintain_order=True))


def test_personal_values_are_masked(found: Findings) -> None:
    shown = dict(found.issues.filter(pl.col("value").is_not_null()).select("column", "value").iter_rows())
    assert shown["id_number"] == "27*****01"
    assert shown["social_insurance_number"] == "791*********1234"
    assert shown["date_of_birth"] == "**/**/1999"
    assert not found.issues["value"].drop_nulls().str.contains(r"\d{6}").any()


def test_the_pages_hold_counts_and_no_values(folder: Path, found: Findings) -> None:
    pages = {path.name: path.read_text(encoding="utf-8") for path in (folder / "docs").iterdir()}
    assert set(pages) == {f"{sector}-{family}.html" for sector in SECTORS for family in FAMILIES}
    for page in pages.values():
        assert not re.search(r"\d{9}|Trần Bình|Lê An", page)
        assert "http" not in page.replace("http://www.w3.org", "")
    correct = pages["students-correct.html"]
    assert "correct-id-sex: Giới tính không khớp với số định danh" in correct
    assert "450 / 500 sai / failing (90.00%)" in correct
    assert "không áp dụng / not applicable" in correct


def test_the_same_input_gives_the_same_bytes(folder: Path, found: Findings, tmp_path: Path) -> None:
    again = run(tmp_path, threads=1)
    assert again.issues.equals(found.issues)
    assert again.results.equals(found.results)
    first = {path.name: path.read_bytes() for path in (folder / "docs").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "docs").iterdir()} == first


def test_the_file_is_given_back(folder: Path, found: Findings) -> None:
    # Another configuration than GX had: DuckDB refuses it while a connection is open.
    with run_tables.open_database(folder / "run.duckdb", threads=1, memory_mb=500) as connection:
        assert connection.execute("SELECT count(*) FROM live_students").fetchone() == (600,)


def test_nothing_reaches_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, families=("correct",))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("folder_name", ["Đêm 22 tháng 11", "50% a#b&c", "x;y,z+1"])
def test_a_workspace_may_have_any_name(tmp_path: Path, folder_name: str) -> None:
    found = run(tmp_path / folder_name, families=("live",))
    assert of(found, "insurance", "live-no-cmnd")[:2] == (5, 1)


def broken(rule_id: str, **changes: object) -> tuple[Rule, ...]:
    return tuple(rule.model_copy(update=changes) if rule.id == rule_id else rule for rule in load().rules)


@pytest.mark.parametrize(
    ("rules", "named", "why"),
    [
        (broken("correct-sex", column="no_such_column"), "correct-sex", "a column that is not there"),
        (broken("correct-bhyt", args={"pattern": "(["}), "correct-bhyt", "a pattern that is none"),
        (
            broken("correct-id-sex", args={"left": "id_sex", "right": "id_birth_year"}),
            "correct-id-sex",
            "'Nữ' cannot be compared with a number: fails while running, on a value",
        ),
        (broken("correct-sex", column="sex; DROP TABLE core_insurance"), "correct-sex", "no name of a column"),
    ],
)
def test_a_broken_rule_is_named_and_stops(
    folder: Path, found: Findings, rules: tuple[Rule, ...], named: str, why: str
) -> None:
    with pytest.raises(RuleBroken) as raised:
        run(folder, families=("correct",), rules=rules)
    assert raised.value.rule_ids == (named,), why
    assert "Nữ" not in str(raised.value)
    with run_tables.open_database(folder / "run.duckdb") as connection:
        assert connection.execute("SELECT count(*) FROM core_insurance").fetchone() == (5,)


def test_a_rule_that_only_fails_on_data_stops_nothing(found: Findings) -> None:
    assert of(found, "insurance", "correct-bhxh")[2] == 0.0
