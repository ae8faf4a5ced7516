"""Cells become typed values; the original stands beside them."""

from datetime import date

import polars as pl
import pytest

from pipelines.sectors import schema
from pipelines.sectors.schema import Column
from pipelines.standardise import core_rows

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
    return core_rows.core_rows(pl.DataFrame([row], schema_overrides=text), STUDENTS, NIGHT).row(0, named=True)


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


def test_the_unit_is_the_column_with_that_role() -> None:
    assert (one(**AN, school_name="  THCS  Lê Lợi ")["unit"], one(**AN)["unit"]) == ("THCS Lê Lợi", None)
    assert one(**AN)["zone"] is None, "a school lies in no industrial zone"


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


@pytest.mark.parametrize(
    ("column", "cell", "meant", "repairs", "why"),
    [
        ("address", "12 Lª Lîi, ph\u00adêng BÕn NghÐ", "12 Lê Lợi, phường Bến Nghé", "address:tcvn3", "a font"),
        ("school_name", "Tröôøng THCS Leâ Lôïi", "Trường THCS Lê Lợi", "school_name:vni_font", "another font"),
        ("school_name", "TRÝÕÌNG THCS LÊ LÕòI", "TRƯỜNG THCS LÊ LỢI", "school_name:cp1258", "windows-1258"),
        ("mother_name", "TrÇn ThÞ Cóc", "Trần Thị Cúc", "mother_name:tcvn3", "a parent's name"),
        ("sex", "N÷", "Nữ", "sex:tcvn3", "Nữ in TCVN3"),
        ("sex", "NÖÕ", "Nữ", "sex:vni_font", "NỮ in VNI"),
        ("sex", "Ná»¯", "Nữ", "sex:mojibake", "Nữ read as windows-1252"),
        ("province_code", "Hµ Néi", "01", "province_code:tcvn3", "a province by its name"),
        ("province_code", "Ä\x90áº¯k Láº¯k", "66", "province_code:mojibake", "a province by its name"),
        ("province_code", "CaÌn Thơ", None, "", "nothing that is certain"),
        ("class_name", "6A1", "6A1", "", "nothing to mend"),
        ("address", "Công ty Nestlé, 5 Rue Müller", "Công ty Nestlé, 5 Rue Müller", "", "foreign words"),
    ],
)
def test_text_in_old_encodings(column: str, cell: str, meant: str | None, repairs: str, why: str) -> None:
    row = one(**{**AN, column: cell})
    assert (row[column], row["text_repairs"], row[f"{column}_raw"]) == (meant, repairs, cell), why


def test_repairs_are_listed_by_column_and_the_own_name_has_its_own() -> None:
    cells = {"full_name": "NguyÔn V¨n An", "address": "Phoá Hueá", "father_name": "e\u0302".join(("L", " Lợi"))}
    row = one(**{**AN, **cells})
    assert row["name_repairs"] == "tcvn3"
    assert row["text_repairs"] == "address:vni_font,father_name:unicode"
    assert (row["full_name"], row["address"], row["father_name"]) == ("Nguyễn Văn An", "Phố Huế", "Lê Lợi")


@pytest.mark.parametrize(
    ("cell", "bygone", "to_come"),
    [
        ("15/03/2021", "2021-03-15", "2021-03-15"),
        ("15/03/2031", None, "2031-03-15"),
        ("15/03/31", "1931-03-15", "2031-03-15"),
        ("15/03/2077", None, None),  # beyond fifty years
    ],
)
def test_a_date_that_may_lie_ahead(cell: str, bygone: str | None, to_come: str | None) -> None:
    rows, column = pl.DataFrame({"on": [cell]}), Column(name="on", kind="date", title_vi="Ngày", title_en="Day")
    columns = [column, column.model_copy(update={"to_come": True})]
    found = [core_rows._other(rows, each, NIGHT)["on"][0] for each in columns]
    assert found == [bygone, to_come]


def test_an_address_in_an_old_font_still_says_where() -> None:
    row = one(**{**AN, "province_code": "", "address": "12 Lª Lîi, §ång Nai"})
    assert row["province_code"] == "75"


def test_no_rows_have_the_columns_of_rows() -> None:
    nothing = core_rows.core_rows(core_rows.no_rows(STUDENTS), STUDENTS, NIGHT)
    assert nothing.is_empty()
    assert set(nothing.columns) == set(one(**AN))
