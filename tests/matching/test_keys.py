"""A key's number is the same on both sides, and is missing where a part is missing."""

import polars as pl
import pytest

from matching import keys
from matching.model import Key, ModelError, load

ROW = {
    "person_id": "079190123456", "name_key": "tran thi hong hanh", "date_of_birth": "1990-07-12",
    "birth_year": 1990, "sex": "Nữ", "province_code": "79", "commune_code": "26734",
    "mother_key": "le thi dao", "father_key": "tran duc",
}  # fmt: skip
SCHEMA = dict.fromkeys(ROW, pl.String) | {"birth_year": pl.Int16}

WANTED = {
    "given": "hanh", "surname": "tran", "birth_date": "1990-07-12", "birth_year": 1990, "month_day": "07-12",
    "sex": "Nữ", "province": "79", "commune": "26734", "mother": "le thi dao", "father": "tran duc",
    "birth_place": "079", "serial": "123456", "first_eight": "07919012", "last_eight": "90123456",
    "outer_eight": "07913456", "first_half": "079190", "last_half": "123456",
}  # fmt: skip


@pytest.mark.parametrize("part", WANTED)
def test_each_part(part: str) -> None:
    assert sides(ROW).select(keys.PARTS[part].value).item() == WANTED[part]


@pytest.mark.parametrize(
    ("part", "name", "is_same"),
    [
        ("words", "hanh tran thi hong", True),
        ("words", "tran thi hanh", False),
        ("words", "tran thi thi hong hanh", False),
        ("initials", "ha ho ta tu", True),
        ("initials", "ha ho tu", False),
    ],
)
def test_words_and_initials_in_whatever_order(part: str, name: str, is_same: bool) -> None:
    found = sides(ROW, ROW | {"name_key": name}).select(keys.PARTS[part].value).to_series()
    assert (found[0] == found[1]) == is_same


def test_every_part_is_of_its_column() -> None:
    assert {name for name, part in keys.PARTS.items() if part.value.meta.root_names() != [part.column]} == {
        "outer_eight", "first_half", "last_half", "month_day",
    }  # fmt: skip
    assert all(set(part.value.meta.root_names()) == {part.column} for part in keys.PARTS.values())


def test_a_key_without_one_of_its_parts_is_null() -> None:
    found = keys.values(sides(ROW | {"date_of_birth": None, "birth_year": None}), load().key)
    assert {name for name in found.columns if found[name].item() is None} == {
        key.name for key in load().key if {"birth_date", "birth_year", "month_day"} & set(key.parts)
    }


def test_a_number_leaves_room_for_the_persons_place() -> None:
    found = keys.values(sides(ROW), load().key).row(0)
    assert all(0 < value < 2**64 and value % 2**keys.PLACE_BITS == 0 for value in found)
    assert len(set(found)) == len(load().key)
    assert keys.of_numbers(pl.Series(["079190123456", None])).to_list()[1] is None


def test_a_year_is_the_same_whatever_the_width_of_its_column() -> None:
    key = [Key(name="year", parts=("birth_year",), cap=1)]
    wide = sides(ROW).with_columns(pl.col("birth_year").cast(pl.Int64))
    assert keys.values(wide, key).equals(keys.values(sides(ROW), key))


def test_a_person_is_found_by_every_name_and_number() -> None:
    people = sides(ROW).with_columns(
        p=pl.lit(7), old_ids=pl.lit(["271450001"]), other_keys=pl.lit(["do my duyen", "do duyen"])
    )
    assert keys.by_every_name(people)["p", "name_key", "sex"].rows() == [
        (7, "tran thi hong hanh", "Nữ"), (7, "do my duyen", "Nữ"), (7, "do duyen", "Nữ"),
    ]  # fmt: skip
    assert keys.by_every_number(people).rows() == [(7, "079190123456"), (7, "271450001")]


def test_an_unknown_part_is_named() -> None:
    with pytest.raises(ModelError, match="shoe_size"):
        keys.values(sides(ROW), [Key(name="odd", parts=("shoe_size",), cap=1)])


def sides(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)
