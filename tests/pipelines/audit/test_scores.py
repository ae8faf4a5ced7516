"""Scores: states of records, denominators and sums, with values that a person can count."""

from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.evaluation.intervals import wilson
from pipelines.audit import scores
from pipelines.config import Run
from pipelines.report.hop import report
from pipelines.workspace import run_schema, run_tables

RULES = (
    ("correct", "correct-a", "ID_SEX"),
    ("correct", "correct-b", "NAME_LENGTH"),
    ("live", "live-alive", "PERSON_DECEASED"),
    ("live", "live-asked", "NOT_ASKED"),
)
"""An error and a warning of correct; of live an error, and a warning of what nobody knows yet."""

VERIFICATIONS = """
CREATE TABLE verifications AS SELECT 'f' AS record_id, 'link' AS decision
"""
"""The registry's answer settled f, who was a human's to decide."""

Verdicts = tuple[bool | None, ...]


def scored(records: dict[str, tuple[str | None, str | None, str, Verdicts]]) -> duckdb.DuckDBPyConnection:
    """Pupils: id → province, unit, decision, what each of RULES says."""
    connection = run_tables.open_database()
    core = [("students", name, place, None, unit) for name, (place, unit, *_) in records.items()]
    names = ["sector", "record_id", "province_code", "commune_code", "unit"]
    run_tables.replace_table(
        connection, "core_students", pl.DataFrame(core, dict.fromkeys(names, pl.String), orient="row")
    )
    judged = [(name, *verdicts) for name, (*_, verdicts) in records.items()]
    types = {"record_id": pl.String(), **{rule_id: pl.Boolean() for _, rule_id, _ in RULES}}
    run_tables.replace_table(connection, "judged_students", pl.DataFrame(judged, types, orient="row"))
    links = [("students", name, decision) for name, (_, _, decision, _) in records.items()]
    run_tables.replace_table(
        connection,
        "links",
        pl.DataFrame(links, dict.fromkeys(["sector", "record_id", "decision"], pl.String), orient="row"),
    )
    connection.execute(VERIFICATIONS)
    results = [("students", family, rule_id, issue, 0, 0, None) for family, rule_id, issue in RULES]
    schema = run_schema.BY_NAME[run_schema.RULE_RESULTS].schema
    run_tables.replace_table(connection, "rule_results", pl.DataFrame(results, schema, orient="row"))
    scores.keep(connection, "2026-11-22")
    return connection


@pytest.fixture(scope="module")
def five() -> duckdb.DuckDBPyConnection:
    return scored(
        {
            "a": ("79", "THCS A", "link", (True, True, True, True)),
            "b": ("79", "THCS A", "link", (False, True, True, False)),
            "c": ("79", None, "link", (True, False, False, False)),
            "d": ("01", "THCS A", "review", (None, False, True, None)),
            "e": (None, None, "none", (None, None, None, None)),
            "f": ("33", None, "review", (True, True, True, True)),
        }
    )


@pytest.mark.parametrize(
    ("record", "correct", "live", "why"),
    [
        ("a", "pass", "pass", "follows all"),
        ("b", "fail", "not_known", "breaks an error; nobody was asked whether the person lives"),
        ("c", "pass", "fail", "a warning is no failure; the person is dead, whoever was asked"),
        ("d", "pass", "not_known", "nobody knows who it is"),
        ("e", "not_applicable", "not_applicable", "no rule applies"),
        ("f", "pass", "pass", "the registry's answer says who it is"),
    ],
)
def test_a_records_card(five: duckdb.DuckDBPyConnection, record: str, correct: str, live: str, why: str) -> None:
    card = run_tables.read_table(five, run_schema.CARDS).row(by_predicate=pl.col("record_id") == record, named=True)
    assert (card["correct"], card["complete"], card["clean"], card["live"]) == (
        correct, "not_applicable", "not_applicable", live,
    ), why  # fmt: skip


def row(connection: duckdb.DuckDBPyConnection, **named: str | None) -> dict[str, object]:
    told = run_tables.read_table(connection, run_schema.SCORES)
    (found,) = told.filter(*(pl.col(name).eq_missing(pl.lit(value)) for name, value in named.items())).to_dicts()
    return found


@pytest.mark.parametrize(
    ("named", "counts", "why"),
    [
        ({"level": "sector", "family": "correct", "rule_id": None}, (6, 5, 4, 1, 0, 2), "e is under no rule"),
        ({"level": "sector", "family": "live", "rule_id": None}, (6, 5, 2, 1, 2, 0), "two are not known"),
        ({"level": "sector", "family": "clean", "rule_id": None}, (6, 0, 0, 0, 0, 0), "no rule of clean ran"),
        ({"level": "sector", "family": "correct", "rule_id": "correct-a"}, (6, 4, 3, 1, 0, 0), "b breaks it"),
        ({"level": "province", "province_code": "79", "family": "correct", "rule_id": None}, (3, 3, 2, 1, 0, 1), ""),
        ({"level": "unit", "province_code": "79", "unit": "THCS A", "family": "live", "rule_id": None},
         (2, 2, 1, 0, 1, 0), "the school of the same name in another province is another"),
    ],
)  # fmt: skip
def test_counts(
    five: duckdb.DuckDBPyConnection, named: dict[str, str | None], counts: tuple[int, ...], why: str
) -> None:
    found = row(five, **named)
    assert tuple(found[name] for name in scores.COUNTS) == counts, why
    interval = wilson(counts[2], counts[1])
    assert [found[name] for name in ("share", "low", "high")] == [
        value if (value := interval[name]) is None else pytest.approx(value) for name in ("share", "low", "high")
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["79", "01", None]),
            st.sampled_from(["THCS A", None]),
            st.sampled_from(["link", "review", "none"]),
            st.tuples(*[st.sampled_from([True, False, None])] * len(RULES)),
        ),
        max_size=12,
    )
)
def test_every_level_adds_up_to_the_whole(people: list[tuple[str | None, str | None, str, Verdicts]]) -> None:
    connection = scored({f"r{number}": person for number, person in enumerate(people)})
    told = run_tables.read_table(connection, run_schema.SCORES)
    connection.close()
    families = told.filter(pl.col("rule_id").is_null())
    assert families.filter(pl.col("applicable") != pl.sum_horizontal("passing", "failing", "not_known")).is_empty()
    sums = told.group_by("level", "family", "rule_id").agg(pl.col(scores.COUNTS[1:]).sum())
    for _, same in sums.group_by("family", "rule_id"):
        assert same.select(scores.COUNTS[1:]).n_unique() == 1, same


def test_the_files_are_the_tables(written: Run) -> None:
    told = pl.read_parquet(written.directory / "scores.parquet")
    assert list(told.columns) == list(run_schema.BY_NAME[run_schema.SCORES].schema)
    cards = pl.read_parquet(written.directory / "cards.parquet")
    assert cards.height == 61
    correct = told.filter(level="sector", sector="students", family="correct").filter(pl.col("rule_id").is_null())
    assert correct["failing"].to_list() == [cards.filter(sector="students", correct="fail").height]


def test_without_judgements_there_are_no_scores(run: Run, tmp_path: Path) -> None:
    with run_tables.connect(run) as connection:
        connection.execute("DROP TABLE judged_students; DROP TABLE judged_insurance; DROP TABLE judged_vaccination")
    report(run)
    assert pl.read_parquet(run.directory / "scores.parquet").is_empty()
