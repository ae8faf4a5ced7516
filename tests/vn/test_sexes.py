"""Sex: the table's words, what is never guessed, and that scalar and column agree."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vn import sexes
from vn.provinces import TABLES

CASES = [
    ("Nam", "Nam", None),
    ("NAM", "Nam", None),
    (" nam ", "Nam", None),
    ("Nam.", "Nam", None),
    ("nam giới", "Nam", None),
    ("M", "Nam", None),
    ("male", "Nam", None),
    ("1", "Nam", None),
    ("1.0", "Nam", None),
    ("'1", "Nam", None),
    ("１", "Nam", None),
    ("Trai", "Nam", None),
    ("Nữ", "Nữ", None),
    ("NỮ", "Nữ", None),
    ("Nu\u031b\u0303", "Nữ", None),  # decomposed
    ("nu", "Nữ", None),
    ("Nử", "Nữ", None),
    ("F", "Nữ", None),
    ("Female", "Nữ", None),
    ("0", "Nữ", None),
    ("0.0", "Nữ", None),
    ("2", "Nữ", None),
    ("gái", "Nữ", None),
    ("Con gái", "Nữ", None),
    ("Nuwx", "Nữ", None),
    ("N÷", "Nữ", None),
    ("NÖÕ", "Nữ", None),
    ("Ná»¯", "Nữ", None),
    ("x", None, "ambiguous"),
    ("N", None, "ambiguous"),
    ("Nam/Nữ", None, "ambiguous"),
    ("khác", None, "other"),
    ("9", None, "other"),
    ("không rõ", None, "filler"),
    ("-", None, "filler"),
    ("?", None, "filler"),
    ("", None, "missing"),
    (None, None, "missing"),
    ("\u200b", None, "missing"),
    ("Nguyễn", None, "unknown"),
    ("10", None, "unknown"),
    ("Namm", None, "unknown"),
]


@pytest.mark.parametrize(("cell", "sex", "why_not"), CASES)
def test_a_sex_is_read_or_the_reason_given(cell: str | None, sex: str | None, why_not: str | None) -> None:
    assert sexes.read(cell) == (sex, why_not)
    assert sexes.normalise(cell) == sex
    assert sexes.why_not(cell) == why_not


def test_every_row_of_the_table_is_found_and_has_a_source() -> None:
    table = pl.read_csv(TABLES / "sexes.csv", infer_schema=False)
    assert table["source"].null_count() == 0
    assert table["value"].is_unique().all()
    for value, sex, why_not, _ in table.rows():
        assert sexes.read(value) == (sex, why_not)
        assert (sex is None) != (why_not is None)


@given(st.lists(st.none() | st.text(max_size=12) | st.sampled_from([c for c, _, _ in CASES]), max_size=12))
def test_the_column_is_the_scalar(cells: list[str | None]) -> None:
    frame = sexes.standardise(pl.Series("gioi_tinh", cells, dtype=pl.String))
    assert frame.columns == ["sex", "sex_why_not"]
    assert frame.rows() == [sexes.read(cell) for cell in cells]


@given(st.text(max_size=12))
def test_normalise_is_idempotent(text: str) -> None:
    sex = sexes.normalise(text)
    assert sex is None or sexes.normalise(sex) == sex
