"""What each number code does, on numbers that can be checked by hand."""

import polars as pl
import pytest

from pipelines.synthetic import catalogue
from pipelines.synthetic.chance import Chance
from pipelines.synthetic.damage import plant
from pipelines.synthetic.damaged_numbers import DAMAGES, INSTEAD, SEX_DAMAGES

RECORD = {
    "person_id": "079203012345",
    "cmnd": "023456789",
    "cancelled_id": None,
    "father_id": "079073000001",
    "mother_id": None,
    "another_id": "001099000001",
    "nobodys_id": "040199000009",
    "sex": "Nam",
}
SCHEMA = dict.fromkeys(RECORD, pl.String)


def records(times: int = 1) -> pl.DataFrame:
    return pl.DataFrame([RECORD] * times, schema=SCHEMA)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("id_zeros_lost", "79203012345"),
        ("id_scientific", "7.92E+10"),
        ("id_point_zero", "079203012345.0"),
        ("id_apostrophe", "'079203012345"),
        ("id_letter", "O79203012345"),
        ("id_missing", ""),
        ("id_cmnd", "023456789"),
        ("id_too_short", "0792030123"),
        ("id_of_another", "001099000001"),
        ("id_of_parent", "079073000001"),
        ("id_cancelled", None),
        ("id_invented", "040199000009"),
    ],
)
def test_a_code_by_hand(code: str, wrong: str | None) -> None:
    assert DAMAGES[code](records(), Chance(1, code)).to_list() == [wrong]


def test_there_is_a_function_for_every_code_and_a_way_out() -> None:
    assert set(DAMAGES) == set(catalogue.of_field("id"))
    assert set(SEX_DAMAGES) == set(catalogue.of_field("sex"))
    assert set(INSTEAD) | set(INSTEAD.values()) <= set(DAMAGES)


def test_one_digit_or_two_neighbours_differ() -> None:
    right = RECORD["person_id"]
    assert right is not None
    for wrong in DAMAGES["id_digit"](records(100), Chance(1, "d")):
        assert sum(a != b for a, b in zip(wrong, right, strict=True)) == 1
    for wrong in DAMAGES["id_transposed"](records(100), Chance(1, "t")):
        assert sorted(wrong) == sorted(right)
        assert sum(a != b for a, b in zip(wrong, right, strict=True)) in (0, 2)


def test_a_spaced_number_has_all_its_digits() -> None:
    for wrong in DAMAGES["id_spaced"](records(20), Chance(1, "s")):
        assert wrong in ("079 203 012 345", "079.203.012.345")


def test_a_code_without_effect_becomes_another_and_the_truth_says_which() -> None:
    frame = records(2)
    wanted = pl.Series(["id_cancelled", None], dtype=pl.String)
    text, planted = plant(frame, frame["person_id"], wanted, DAMAGES, INSTEAD, (1, 0, 0))
    assert text.to_list() == ["001099000001", "079203012345"]
    assert planted.to_list() == ["id_of_another", None]


def test_a_missing_cell_is_null() -> None:
    frame = records()
    text, planted = plant(frame, frame["person_id"], pl.Series(["id_missing"]), DAMAGES, INSTEAD, (1, 0, 0))
    assert text.to_list() == [None]
    assert planted.to_list() == ["id_missing"]
