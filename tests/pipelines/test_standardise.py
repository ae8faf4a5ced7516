"""Cells become typed values; the original stands beside them; rows stay in their order."""

from datetime import date

import polars as pl
import pytest

from pipelines import standardise
from pipelines.sectors import schema

NIGHT = date(2026, 11, 22)
STUDENTS = schema.load("students")


def one(**cells: str) -> dict[str, object]:
    """The core row of one pupil with these cells."""
    row = {
        "record_id": "r",
        "sector": "students",
        "source_file": "a.csv",
        "sheet": "",
        "source_row": 2,
        **{column.name: cells.get(column.name) for column in STUDENTS.column},
        "extra": None,
    }
    text = {column.name: pl.String for column in STUDENTS.column}
    return standardise.core_rows(pl.DataFrame([row], schema_overrides=text), STUDENTS, NIGHT).row(0, named=True)


AN = {
    "full_name": "NGUYỄN VĂN AN",
    "date_of_birth": "5/9/2012",
    "sex": "1",
    "id_number": "'079212001234",
    "province_code": "79",
    "mother_name": "trần thị cúc",
    "mother_birth_year": "1983",
    "class_name": " 6A1 ",
}


def test_a_pupil_is_understood_and_the_cells_are_kept() -> None:
    row = one(**AN)
    expected = {
        "full_name": "Nguyễn Văn An",
        "name_key": "nguyen van an",
        "date_of_birth": "2012-09-05",
        "birth_precision": "day",
        "birth_year": 2012,
        "sex": "Nam",
        "id_number": "079212001234",
        "id_kind": "cccd",
        "id_province_code": "079",
        "province_code": "79",
        "tenant": "students-79",
        "mother_name": "Trần Thị Cúc",
        "mother_birth_year": 1983,
        "class_name": "6A1",
    }
    assert {name: row[name] for name in expected} == expected
    assert {name: row[f"{name}_raw"] for name in AN} == AN


@pytest.mark.parametrize(
    ("cells", "number", "repairs", "why"),
    [
        ({"id_number": "1212001234"}, "001212001234", "zero_padded", "date and sex agree: Excel took two zeros"),
        ({"id_number": "1212001234", "sex": "Nữ"}, None, "", "the sex disagrees: it may be another number"),
        ({"id_number": "1212001234", "date_of_birth": "2011"}, None, "", "the year disagrees"),
        ({"id_number": "79212001234"}, "079212001234", "zero_padded", "one zero lost: no doubt"),
    ],
)
def test_lost_zeros(cells: dict[str, str], number: str | None, repairs: str, why: str) -> None:
    row = one(**{**AN, **cells})
    assert (row["id_number"], row["id_repairs"]) == (number, repairs), why


@pytest.mark.parametrize(
    ("cells", "province", "why"),
    [
        ({"province_code": "074"}, "79", "Bình Dương belongs to TP.HCM since July 2025"),
        ({"province_code": None, "address": "12 Lê Lợi, TP. Hồ Chí Minh"}, "79", "from the address"),
        ({"province_code": None}, None, "nothing says where"),
    ],
)
def test_the_province_is_one_of_the_34(cells: dict[str, str], province: str | None, why: str) -> None:
    row = one(**{**AN, **cells})
    assert row["province_code"] == province, why
    assert row["tenant"] == f"students-{province or '00'}"
