"""Which of a person's records is to be kept, and that the registry is asked about them once."""

from pathlib import Path

import polars as pl

from pipelines.workspace import run_tables
from tests.pipelines.verify.world import World, number, record


def _night(tmp_path: Path, *rows: dict[str, object]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables `duplicates` and `verifications`, after the registry answered."""
    world = World(tmp_path, people=[{"person_id": number(1)}, {"person_id": number(2)}])
    run = world.prepare(list(rows))
    world.verify(run)
    with run_tables.connect(run, read_only=True) as connection:
        return run_tables.read_table(connection, "duplicates"), run_tables.read_table(connection, "verifications")


AGAIN = {"status": "duplicate", "full_name": "Nguyen Van A", "differs": "full_name"}


def test_the_verified_one_is_kept_and_one_question_serves_both(tmp_path: Path) -> None:
    kept, asked = _night(tmp_path, record(1, record_id="a"), record(1, record_id="b", **AGAIN), record(2))
    assert kept.rows() == [("students", "b", "a", "verified")]
    assert asked["request_id"].n_unique() == 2, "of three records"
    told = {row["record_id"]: (row["status"], row["state"], row["name_flag"]) for row in asked.to_dicts()}
    assert told["a"] == ("verified", "answered", "M")
    assert told["b"] == (None, "answered", None), "its own name was not asked about"


def test_why_a_record_is_kept_where_none_is_verified(tmp_path: Path) -> None:
    differs = {"status": "wrong_information", "differs": "full_name", "full_name": "Nguyễn Văn Am"}
    worse = {"status": "duplicate", "differs": "full_name,sex", "full_name": "Nguyễn Am", "sex": "Nữ"}
    kept, _ = _night(tmp_path, record(1, record_id="a", **differs), record(1, record_id="b", **worse))
    assert kept["why"].to_list() == ["agrees"]
    emptier = differs | {"status": "duplicate", "sex": None}
    kept, _ = _night(tmp_path / "2", record(1, record_id="a", **differs), record(1, record_id="b", **emptier))
    assert kept["why"].to_list() == ["completest"]
    same = differs | {"status": "duplicate"}
    kept, _ = _night(tmp_path / "3", record(1, record_id="a", **same), record(1, record_id="b", **differs))
    assert kept.rows() == [("students", "a", "b", "latest")]
    kept, _ = _night(tmp_path / "4", record(1, record_id="a", **differs), record(1, record_id="b", **same))
    assert kept["why"].to_list() == ["assigned"], "a human named it, or others were in view"


def test_doses_are_no_duplicates(tmp_path: Path) -> None:
    kept, _ = _night(tmp_path, record(1, sector="vaccination"), record(1, sector="vaccination"))
    assert kept.is_empty()
