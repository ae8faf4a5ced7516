"""A key's number is the same on both sides, and is missing where a part is missing."""

import duckdb
import pytest

from matching import keys
from matching.model import Key, ModelError, load

ROW = {
    "person_id": "'079190123456'", "name_key": "'tran thi hong hanh'", "date_of_birth": "'1990-07-12'",
    "birth_year": "1990::SMALLINT", "sex": "'Nữ'", "province_code": "'79'", "commune_code": "'26734'",
    "mother_name": "'Lê Thị Đào'", "father_name": "'Trần Đức'",
}  # fmt: skip


WANTED = {
    "words": "hanh hong thi tran", "given": "hanh", "surname": "tran", "initials": "hhtt", "birth_date": "1990-07-12",
    "birth_year": 1990, "month_day": "07-12", "sex": "Nữ", "province": "79", "commune": "26734",
    "mother": "le thi dao", "father": "tran duc", "birth_place": "079", "serial": "123456", "first_eight": "07919012",
    "last_eight": "90123456", "outer_eight": "07913456", "first_half": "079190", "last_half": "123456",
}  # fmt: skip


@pytest.mark.parametrize("part", keys.PARTS)
def test_each_part(part: str) -> None:
    assert _rows(f"SELECT {keys.PARTS[part]} FROM {_table(ROW)}") == [(WANTED[part],)]


def test_a_key_without_one_of_its_parts_is_null() -> None:
    lacking = ROW | {"date_of_birth": "NULL::VARCHAR", "birth_year": "NULL::SMALLINT"}
    (row,) = _rows(keys.select(load().key, "7", _table(lacking)))
    found = dict(zip((key.name for key in load().key), row[1:], strict=True))
    assert {name for name, value in found.items() if value is None} == {
        key.name for key in load().key if {"birth_date", "birth_year", "month_day"} & set(key.parts)
    }


def test_a_number_leaves_room_for_the_persons_place() -> None:
    (row,) = _rows(keys.select(load().key, "7", _table(ROW)))
    assert row[0] == 7
    assert all(0 < value < 2**64 and value % 2**keys.PLACE_BITS == 0 for value in row[1:])


def test_a_year_is_the_same_whatever_the_width_of_its_column() -> None:
    key = [Key(name="year", parts=("birth_year",), cap=1)]
    wide = _table(ROW | {"birth_year": "1990::BIGINT"})
    assert _rows(keys.select(key, "7", wide)) == _rows(keys.select(key, "7", _table(ROW)))


def test_an_unknown_part_is_named() -> None:
    with pytest.raises(ModelError, match="shoe_size"):
        keys.select([Key(name="odd", parts=("shoe_size",), cap=1)], "r", "searches")


def _table(row: dict[str, str]) -> str:
    return "(SELECT " + ", ".join(f"{value} AS {name}" for name, value in row.items()) + ") AS one"


def _rows(sql: str) -> list[tuple[object, ...]]:
    return duckdb.sql(sql).fetchall()
