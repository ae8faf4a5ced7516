"""The way of records of a real night: every step told, masked, by id, by place, by code; logged when unmasked."""

import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.night import runs
from pipelines.review.explain import Wanted
from pipelines.review.trace import gather
from pipelines.review.trace.model import Rejected, Trace
from pipelines.workspace import audit_log, run_tables, state

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's night."""
    workspace = tmp_path_factory.mktemp("traced")
    subprocess.run([sys.executable, "-m", "tests.whole_night", workspace, "2", "200000"], cwd=ROOT, check=True)
    return workspace


def links(night: Path) -> pl.DataFrame:
    (found,) = night.glob("runs/*/links.parquet")
    return pl.read_parquet(found)


def one(night: Path, **wanted: str | int) -> Trace:
    (found,) = gather.trace(Settings(workspace=night), Wanted.model_validate(wanted))
    assert isinstance(found, Trace)
    return found


@pytest.mark.parametrize("status", ["verified", "wrong_information", "not_found", "duplicate"])
def test_every_step_is_told(night: Path, status: str) -> None:
    link = links(night).filter(status=status).row(0, named=True)
    found = one(night, record_id=link["record_id"])
    assert found.missing() == []
    assert (found.final_status, found.final_decision) == (status, link["decision"])
    assert {said.verdict for said in found.rules} <= {"pass", "fail", "not_applicable"}
    assert not re.search(r"\d{9}", found.model_dump_json(include={"cells", "person", "link"}))


def test_the_rules_that_fail_are_the_issues(night: Path) -> None:
    (path,) = night.glob("runs/*/issues.parquet")
    issues = pl.read_parquet(path)
    record_id = issues["record_id"][0]
    found = one(night, record_id=record_id)
    told = sorted(said.rule_id for said in found.rules if said.verdict == "fail")
    assert told == sorted(issues.filter(record_id=record_id)["rule_id"].to_list())


def test_the_same_record_by_its_place_and_by_its_code(night: Path) -> None:
    link = links(night).filter(sector="students", status="verified").row(0, named=True)
    found = one(night, record_id=link["record_id"])
    cells = {cell.column: cell for cell in found.cells}
    assert cells["full_name"].header
    place = {"file": link["source_file"], "row": link["source_row"], "sheet": found.origin.sheet}
    assert one(night, **place).origin == found.origin
    (table,) = night.glob("runs/*/cleaned/students.parquet")
    code = pl.read_parquet(table).filter(record_id=link["record_id"])["student_code"][0]
    assert one(night, code=code).origin.record_id == link["record_id"]


def test_a_rejected_row_is_told_in_its_place(night: Path) -> None:
    settings = Settings(workspace=night)
    with run_tables.connect(runs.last_run(settings)) as connection:
        connection.execute("INSERT INTO rejected VALUES ('students', 'x.csv', '', 9, 'cells', 'Dòng có 9 ô')")
    (found,) = gather.trace(settings, Wanted(file="x.csv", row=9))
    assert gather.trace(settings, Wanted(file=f"{found.sector}/x.csv", row=9)) == [found]
    assert isinstance(found, Rejected)
    assert found.code == "cells"


def test_what_nobody_has_is_told(night: Path) -> None:
    with pytest.raises(BadInput) as told:
        one(night, code="no such code")
    assert told.value.code == "unknown_record"


def test_reading_unmasked_is_logged(night: Path) -> None:
    record_id = links(night).filter(status="verified")["record_id"][0]
    settings = Settings(workspace=night)
    (found,) = gather.trace(settings, Wanted(record_id=record_id), unmasked=("Kiểm toán viên A", "đối chiếu hồ sơ"))
    assert isinstance(found, Trace)
    assert any(re.fullmatch(r"\d{12}", cell.value or "") for cell in found.cells)
    with state.opened(settings) as engine, state.reading(engine) as connection:
        (entry,) = audit_log.entries(connection, "unmasked")
    assert (entry.by, entry.details["records"]) == ("Kiểm toán viên A", [record_id])


@pytest.mark.long
def test_a_thousand_sampled_rows_are_all_whole(night: Path) -> None:
    sampled = links(night).sample(1_000, seed=15)["record_id"]
    assert {record_id: lacking for record_id in sampled if (lacking := one(night, record_id=record_id).missing())} == {}


def test_twenty_sampled_rows_are_all_whole(night: Path) -> None:
    sampled = links(night).sample(20, seed=15)["record_id"]
    assert {record_id: lacking for record_id in sampled if (lacking := one(night, record_id=record_id).missing())} == {}
