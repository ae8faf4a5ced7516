"""The whole link on people and records that can be judged by hand."""

from pathlib import Path

import polars as pl
import pytest

from matching import COLUMNS, LinkOptions, link, model
from tests.matching.cases import AN, AN_TWIN, CASES, HANH, NOT_FOUND, PEOPLE, TAM
from tests.matching.tables import core, links, person, record, registry


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registry(tmp_path_factory.mktemp("registry"), PEOPLE)


@pytest.fixture(scope="module")
def found(snapshot: Path) -> list[dict[str, object]]:
    """The links of CASES, each record for itself (no record competes for a person)."""
    return links(snapshot, [case[0] for case in CASES], one=False).to_dicts()


@pytest.mark.parametrize("at", range(len(CASES)), ids=[case[4] for case in CASES])
def test_found(found: list[dict[str, object]], at: int) -> None:
    _, decision, status, differs, why = CASES[at]
    assert (found[at]["decision"], found[at]["status"], found[at]["differs"]) == (decision, status, differs), why


def test_the_right_person_is_found(found: list[dict[str, object]]) -> None:
    person_ids = [each["person_id"] for each in found]
    by_name = {str(each["name_key"]): each["person_id"] for each in PEOPLE}
    assert person_ids[0] == AN["person_id"]
    assert person_ids[1:13] == [HANH["person_id"]] * 12
    assert person_ids[13:17] == [by_name[name] for name in ("le van tam", "vo thi bay", "ho van chin", "phan gia binh")]
    assert person_ids[17] == AN_TWIN["person_id"]
    assert person_ids[18] in {AN["person_id"], AN_TWIN["person_id"]}


def test_not_found(snapshot: Path) -> None:
    rows = links(snapshot, [case[0] for case in NOT_FOUND]).select("decision", "status", "person_id", "differs").rows()
    assert rows == [("none", status, None, "") for _, status, _ in NOT_FOUND]


def test_an_unregistered_twin_is_never_linked(snapshot: Path) -> None:
    """Same day, surname, middle name and commune, a number next to it: not decisive."""
    home = {"province_code": "01", "commune_code": "00001"}
    rows = [
        record(name, "2000-05-06", "Nam", number, **home)
        for name in ("Nguyễn Minh Ấn", "Nguyễn Minh Am", "Nguyễn Minh Tú", "Nguyen Minh Tu")
        for number in (None, "001200000003", "001200000011", "001200654321")
    ]
    assert "link" not in links(snapshot, rows, one=False)["decision"].to_list()


def test_a_son_with_his_fathers_name_and_number_is_the_son(tmp_path: Path) -> None:
    home = {"province_code": "66", "commune_code": "24001"}
    father = person("066080152122", "Y Thăng Êban", "1980-03-08", "Nam", **home)
    son = person("066209682675", "Y Thăng Êban", "2009-08-11", "Nam", **home)
    row = record("Y Thăng Êban", "2009-08-11", "Nam", "066080152122", **home)
    found = links(registry(tmp_path, [father, son]), [row]).row(0, named=True)
    assert (found["person_id"], found["status"]) == ("066209682675", "id_of_another")
    alone = links(registry(tmp_path, [father]), [row]).row(0, named=True)
    assert alone["decision"] != "link", "the son is in no registry; the father is a generation older"


def test_a_namesake_of_the_same_day_is_ambiguous(tmp_path: Path) -> None:
    namesakes = [
        person("001180000010", "Lê Thị Hoa", "1980-01-01", "Nữ"),
        person("079180000020", "Lê Thị Hoa", "1980-01-01", "Nữ"),
    ]
    found = links(registry(tmp_path, namesakes), [record("Lê Thị Hoa", "1980-01-01", "Nữ", None)]).row(0, named=True)
    assert (found["decision"], found["status"], found["margin"]) == ("review", "ambiguous", 0.0)
    assert found["person_id"] == "001180000010", "of equals the smaller number is shown"
    half = dict(model.load().weights.calibration.points)[0.5]
    assert found["probability"] == pytest.approx(half, abs=0.001), "they share what there is to share"


def test_a_person_is_linked_to_one_record_only(tmp_path: Path) -> None:
    rows = [
        record("Tran Thi Hong Hanh", "1990-07-12", "Nữ", "079190123456"),
        record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "079190123456"),
        record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "079190123456"),
    ]
    once = links(registry(tmp_path, PEOPLE), rows)
    assert once["status"].to_list() == ["duplicate", "duplicate", "agreed"]
    assert once["decision"].to_list() == ["link"] * 3, "whose they are is not in doubt"
    many = links(registry(tmp_path, PEOPLE), rows, one=False)
    assert many["decision"].to_list() == ["link"] * 3, "a person has many doses"


def test_a_field_that_is_missing_needs_mending_too(tmp_path: Path) -> None:
    row = record("Trần Thị Hồng Hạnh", None, None, "079190123456")
    found = links(registry(tmp_path, PEOPLE), [row]).row(0, named=True)
    assert (found["decision"], found["differs"]) == ("link", "date_of_birth,sex")


def test_one_row_a_record_in_order(tmp_path: Path) -> None:
    records = core([case[0] for case in CASES] + [case[0] for case in NOT_FOUND])
    found = link(records, registry(tmp_path, PEOPLE), LinkOptions(one_record_per_person=True))
    assert found.columns == list(COLUMNS)
    assert found["record_id"].to_list() == records["record_id"].to_list()
    assert found["decision"].is_in(["link", "review", "none"]).all()
    assert (found["person_id"].is_null() == (found["decision"] == "none")).all()
    assert found["reason"].null_count() == 0


def test_threads_chunks_and_order_change_nothing(tmp_path: Path) -> None:
    rows = [case[0] for case in CASES] * 90
    records, snapshot = core(rows), registry(tmp_path, PEOPLE)
    one = link(records, snapshot, LinkOptions(one_record_per_person=False, threads=1))
    four = link(records, snapshot, LinkOptions(one_record_per_person=False, threads=4, chunk_pairs=1_000))
    assert one.equals(four, null_equal=True)
    turned = link(records.reverse(), snapshot, LinkOptions(one_record_per_person=False, threads=2))
    assert turned.reverse().equals(one, null_equal=True)


def test_no_records(tmp_path: Path) -> None:
    found = link(core([]), registry(tmp_path, PEOPLE), LinkOptions(one_record_per_person=True))
    assert found.height == 0
    assert found.columns == list(COLUMNS)


def test_a_sector_without_optional_columns(tmp_path: Path) -> None:
    records = core([CASES[0][0]]).drop("mother_name", "father_name", "province_code", "commune_code", "id_number_raw")
    assert (
        link(records, registry(tmp_path, PEOPLE), LinkOptions(one_record_per_person=True))["status"].item() == "agreed"
    )


def test_an_empty_registry(tmp_path: Path) -> None:
    found = links(registry(tmp_path, []), [CASES[0][0]])
    assert found.select("decision", "status").row(0) == ("none", "not_found")


def test_a_year_is_no_date(snapshot: Path) -> None:
    """Name and year agree, to the letter: in a country of namesakes that is not a person."""
    found = links(snapshot, [record("Lê Văn Tám", "1955", "Nam", None)])
    assert found.select("decision", "person_id").row(0) == ("review", TAM["person_id"])


def test_types(tmp_path: Path) -> None:
    found = links(registry(tmp_path, PEOPLE), [CASES[0][0]])
    assert found.schema["source_row"] == pl.Int32
    assert [found.schema[name] for name in ("weight", "probability", "margin")] == [pl.Float64] * 3
