"""The level of each field, on values that a person can judge."""

from pathlib import Path

import polars as pl
import pytest

from matching import stages
from matching.model import load
from tests.matching.tables import core, person, record, registry

BASE = ("001190000001", "Nguyễn Thị Hồng Hạnh", "1990-07-12", "Nữ")

NAMES = [
    ("Nguyễn Thị Hồng Hạnh", "same"),
    ("Nguyen Thi Hong Hanh", "unmarked"),
    ("Nguyễn Thị Hông Hạnh", "marks"),
    ("Nguyễn Thi Hồng Hạnh", "marks_lost"),
    ("Hạnh Nguyễn Thị Hồng", "rotated"),
    ("Nguyễn Hồng Thị Hạnh", "shuffled"),
    ("Nguyễn Hồng Hạnh", "part_middle"),
    ("Nguyễn Hạnh", "part"),
    ("Nguyễn T H Hạnh", "initials"),
    ("Nguyễn Thị Hồn Hạnh", "slip"),
    ("Nguyễn Thị Hồng Hạnhj", "misspelt"),
    ("Nguyễn Thị Hồng Hạn", "given_unheard"),
    ("Nguyễn Thị Hồng Hanh", "marks_given"),
    ("Nguyễn Thị Hồng Hãnh", "marks_unheard"),
    ("Nguyễn Thị Hồng Oanh", "given_near"),
    ("Nguyễn Thị Bồng Hạnh", "slip"),
    ("Nguyễn Thị Bông Hạnh", "middle"),
    ("Nguyễn Ngọc Bảo Hạnh", "middle"),
    ("Đoàn Thị Hồng Hạnh", "surname"),
    ("Nguyễn Thị Hồng Thắm", "given"),
    ("Lê Bích Hạnh", "only_given"),
    ("Nguyễn Quốc Dũng", "only_surname"),
    ("Trương Quốc Dũng", "different"),
    (None, "missing"),
]
DATES = [
    ("1990-07-12", None, "same"),
    ("1990", None, "coarser"),
    ("1990-07", None, "coarser"),
    ("1990-12-07", None, "swapped"),
    ("1890-07-12", "1990-07-12", "alternative"),
    ("1990-01-01", None, "new_year"),
    ("1990-07-13", None, "slip"),
    ("1990-07-11", None, "slip"),
    ("1991-07-12", None, "slip"),
    ("1988-07-12", None, "month_day"),
    ("1990-07-25", None, "year_month"),
    ("1990-06-05", None, "lunar"),
    ("1990-10-29", None, "year"),
    ("1979-10-29", None, "far"),
    ("1972-10-29", None, "different"),
    (None, None, "missing"),
]
NUMBERS = [
    ("001190000001", "same"),
    ("001190000091", "slip"),
    ("001190000010", "slip"),
    ("00119000000", "zeros_lost"),
    ("079055000001", "tail"),
    ("001190000089", "two_slips"),
    ("038066123123", "different"),
    ("123", "unreadable"),
    (None, "missing"),
    ("001190777777", "old_number"),
    ("012345678", "old_card"),
]

WITH_ITS_PERSON = """
CREATE TABLE hits (r INTEGER, p BIGINT, owner_key VARCHAR);
CREATE TABLE pairs AS SELECT r, 0::BIGINT AS p FROM records
"""
EARLIER_NUMBERS = "INSERT INTO hits SELECT r, 0, NULL FROM records WHERE list_contains($old_ids::VARCHAR[], number)"


def _levels(tmp_path: Path, rows: list[dict[str, object]], **more: object) -> pl.DataFrame:
    """Levels of each row against the one person, as labels."""
    snapshot = registry(tmp_path, [person(*BASE, **more)])
    model, records = load(), core(rows)
    options = stages.LinkOptions(one_record_per_person=False)
    with stages.snapshot.connect(snapshot, 1, 256) as connection:
        stages.snapshot.add(connection, "records", stages.prepare(records))
        connection.execute(WITH_ITS_PERSON)
        connection.execute(EARLIER_NUMBERS, {"old_ids": more.get("old_ids", [])})
        scored = stages.compared(connection, model, options)
    return scored.select(
        pl.col(field.field).replace_strict(dict(enumerate(field.labels())), return_dtype=pl.String)
        for field in model.comparison
    )


def test_names(tmp_path: Path) -> None:
    found = _levels(tmp_path, [record(name, "1990-07-12", "Nữ", BASE[0]) for name, _ in NAMES])["name"].to_list()
    assert found == [expected for _, expected in NAMES]


def test_other_names(tmp_path: Path) -> None:
    rows = [record(name, "1990-07-12", "Nữ", BASE[0]) for name in ("Trần Thị Đào", "Tran Thi Dao")]
    assert _levels(tmp_path, rows, other_names=["Trần Thị Đào"])["name"].to_list() == ["other_name", "other_like"]


def test_doublets(tmp_path: Path) -> None:
    snapshot = [person("001190000002", "Huỳnh Thị Phúc", "1990-07-12", "Nữ")]
    model = load()
    with stages.snapshot.connect(registry(tmp_path, snapshot), 1, 256) as connection:
        records = stages.prepare(core([record("Hoàng Thị Phước", "1990-07-12", "Nữ", None)]))
        stages.snapshot.add(connection, "records", records)
        connection.execute(WITH_ITS_PERSON)
        level = stages.compared(connection, model, stages.LinkOptions(one_record_per_person=False))["name"].item()
    assert model.find("name").labels()[level] == "doublet"


def test_a_number_of_the_father(tmp_path: Path) -> None:
    """The number that stands on the record belongs to somebody of the name of this person's father, or it does not."""
    people = [
        person(*BASE, father_name="Nguyễn Văn Bình"),
        person("001065000009", "Nguyễn Văn Bình", "1965-03-02", "Nam"),
        person("001066000008", "Nguyễn Văn Cường", "1966-03-02", "Nam"),
    ]
    rows = [record(BASE[1], "1990-07-12", "Nữ", number) for number in ("001065000009", "001066000008")]
    with stages.snapshot.connect(registry(tmp_path, people), 1, 256) as connection:
        stages.block.settle(connection, stages.prepare(core(rows)))
        connection.execute("CREATE TABLE pairs AS SELECT r, 2::BIGINT AS p FROM records")
        levels = stages.compared(connection, load(), stages.LinkOptions(one_record_per_person=False))["id"]
    labels = load().find("id").labels()
    assert [labels[level] for level in levels] == ["of_father", "of_another"]


def test_dates(tmp_path: Path) -> None:
    rows = [record(BASE[1], date, "Nữ", None, birth_alternative=other) for date, other, _ in DATES]
    assert _levels(tmp_path, rows)["birth"].to_list() == [expected for _, _, expected in DATES]


@pytest.mark.parametrize(
    ("record_date", "registry_date", "expected"),
    [
        ("1950-01-01", "1950", "default_day"),
        ("1950-06-01", "1950-06", "default_day"),
        ("1950-01-01", "1950-01", "default_day"),
        ("1950-01-02", "1950", "coarser"),
        ("1950-06-01", "1950", "coarser"),
        ("1950-01", "1950", "coarser"),
        ("1950", "1950", "same_part"),
        ("1950", "1950-01-01", "coarser"),
        ("1951-01-01", "1950", "near"),
    ],
)
def test_a_day_that_the_form_asked_for(tmp_path: Path, record_date: str, registry_date: str, expected: str) -> None:
    snapshot = registry(tmp_path, [person("001190000001", BASE[1], registry_date, "Nữ")])
    with stages.snapshot.connect(snapshot, 1, 256) as connection:
        stages.snapshot.add(connection, "records", stages.prepare(core([record(BASE[1], record_date, "Nữ", None)])))
        connection.execute(WITH_ITS_PERSON)
        scored = stages.compared(connection, load(), stages.LinkOptions(one_record_per_person=False))
    assert load().find("birth").labels()[scored["birth"].item()] == expected


def test_a_day_across_a_month_is_the_day_before(tmp_path: Path) -> None:
    snapshot = registry(tmp_path, [person("001190000001", BASE[1], "1990-08-01", "Nữ")])
    with stages.snapshot.connect(snapshot, 1, 256) as connection:
        stages.snapshot.add(connection, "records", stages.prepare(core([record(BASE[1], "1990-07-31", "Nữ", None)])))
        connection.execute(WITH_ITS_PERSON)
        scored = stages.compared(connection, load(), stages.LinkOptions(one_record_per_person=False))
    assert load().find("birth").labels()[scored["birth"].item()] == "day_before"


def test_numbers(tmp_path: Path) -> None:
    rows = [record(BASE[1], "1990-07-12", "Nữ", number) for number, _ in NUMBERS]
    found = _levels(tmp_path, rows, old_ids=["012345678", "001190777777"])["id"].to_list()
    assert found == [expected for _, expected in NUMBERS]


@pytest.mark.parametrize(
    ("province", "commune", "expected"),
    [("01", "00001", "commune"), ("01", "00002", "province"), ("79", None, "different"), (None, None, "missing")],
)
def test_places(tmp_path: Path, province: str | None, commune: str | None, expected: str) -> None:
    rows = [record(BASE[1], "1990-07-12", "Nữ", None, province_code=province, commune_code=commune)]
    assert _levels(tmp_path, rows, province_code="01", commune_code="00001")["place"].item() == expected


def test_parents(tmp_path: Path) -> None:
    names = ["Lê Thị Mai", "le thi mai", "Lê Thị Mại", "Lê Thị Mao", "Trần Bích Đào", None]
    rows = [record(BASE[1], "1990-07-12", "Nữ", None, mother_name=name, father_name=name) for name in names]
    found = _levels(tmp_path, rows, mother_name="Lê Thị Mai", father_name="Lê Thị Mai")
    expected = ["same", "same", "same", "similar", "different", "missing"]
    assert found["mother"].to_list() == expected
    assert found["father"].to_list() == expected


def test_parents_who_are_just_similar_enough(tmp_path: Path) -> None:
    """Three letters added and three taken away of twenty and twenty: 1 - 6 / 40 is the 0.85 of the table."""
    found = _levels(
        tmp_path,
        [
            record(BASE[1], "1990-07-12", "Nữ", None, mother_name=f"Nguyễn Thị Hồng {name}")
            for name in ("Luyt", "Luytk")
        ],
        mother_name="Nguyễn Thị Hồng Lebo",
    )
    assert found["mother"].to_list() == ["similar", "different"]
