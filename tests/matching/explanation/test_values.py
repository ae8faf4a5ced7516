"""The record's own values with what differs marked, and nothing of the person's."""

import pytest

from matching.explanation.model import Value
from matching.explanation.values import values
from matching.records import prepare
from tests.matching.tables import core, person, record

HANH = person(
    "079190123456", "Trần Thị Hồng Hạnh", "1990-07-12", "Nữ",
    old_ids=["023456789"], other_names=["Trần Thị Hạnh"], province_code="79", commune_code="26734",
    mother_name="Lê Thị Bưởi",
)  # fmt: skip


def marked(row: dict[str, object], person: dict[str, object] | None = HANH) -> dict[str, str]:
    """Field → its pieces, those that differ as `text:kind`."""
    found = values(prepare(core([row])).row(0, named=True), person)
    return {value.field: written(value) for value in found}


def written(value: Value) -> str:
    texts = [piece.text if piece.kind == "same" else f"{piece.text}:{piece.kind}" for piece in value.pieces]
    return value.separator.join(texts)


CASES = [
    ("name", record("Trần Hồng Hạnh", None, None, None), "Trần :missing Hồng Hạnh", "Thị dropped: where, not what"),
    ("name", record("Tran Thi Hong Hanh", None, None, None),
     "Tran:marks_lost Thi:marks_lost Hong:marks_lost Hanh:marks_lost", "typed without marks"),
    ("name", record("Trần Thị Hạnh", None, None, None), "Trần Thị Hạnh", "a registered other name is right"),
    ("birth", record(None, "1990-12-07", None, None), "07:swapped/12:swapped/1990", "day and month"),
    ("birth", record(None, "1990", None, None), ":missing/:missing/1990", "the year only"),
    ("sex", record(None, None, "Nam", None), "Nam:other", "the other sex"),
    ("id", record(None, None, None, "079190123465"), "0/7/9/*/*/*/*/*/3/4/6:exchanged/5:exchanged", "masked"),
    ("id", record(None, None, None, "07919012345"), "0/7/*/*/*/*/*/*/*/4/5/:missing", "a digit lost"),
    ("id", record(None, None, None, "038055000777"), "038*****0777:other", "another number: no digit told apart"),
    ("id", record(None, None, None, "023456789"), "0/2/*/*/*/*/*/8/9", "an old number is the person's"),
    ("place", record(None, None, None, None, province_code="01"), "Hà Nội:other", "another province"),
    ("mother", record(None, None, None, None, mother_name="Lê Thị Buoi"), "Lê Thị Buoi", "read without marks"),
    ("mother", record(None, None, None, None, mother_name="Lê Thị Bướm"), "Lê Thị Bướm:letter", "another letter"),
    ("father", record(None, None, None, None, father_name="Trần Văn Ba"), "Trần Văn Ba", "the registry has none"),
    ("name", record(None, None, None, None), "", "nothing stands there"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "row", "wanted", "why"), CASES, ids=[case[3] for case in CASES])
def test_marks(field: str, row: dict[str, object], wanted: str, why: str) -> None:
    found = marked(row)[field]
    assert found.replace("/", "") == wanted.replace("/", "") if field == "id" else found == wanted, why


def test_without_a_person_nothing_is_marked() -> None:
    row = record("Trần Hồng Hạnh", "1990", "Nam", "079190123465", mother_name="Lê Thị Bướm")
    assert ":" not in "".join(marked(row, None).values())


def test_kinds_are_said_once_in_both_languages() -> None:
    row = prepare(core([record("Tran Thi Hong Hanh", None, None, None)])).row(0, named=True)
    name = values(row, HANH)[0]
    assert (name.differs_vi, name.differs_en) == (("thiếu dấu",), ("marks lost",))


def test_no_piece_is_the_persons() -> None:
    row = record("Phạm Quốc Khánh", "1985-03-04", "Nam", "038055000777", mother_name="Võ Thị Na", province_code="01")
    said = " ".join(marked(row).values())
    for secret in ("Trần", "Thị Hồng", "Hạnh", "1990", "079190", "3456", "Bưởi", "Hồ Chí Minh"):
        assert secret not in said
