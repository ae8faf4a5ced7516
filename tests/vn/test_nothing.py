"""Marks of nothing: the same ones for every kind of cell, and no person, sex, place or code among them."""

from datetime import date

import polars as pl
import pytest

from vn import dates, ids, names, nothing, sexes, territories
from vn.nothing import is_nothing

NIGHT = date(2026, 11, 28)

EVERYWHERE = [
    r"\N", "NULL", "null", "(null)", "<null>", "[NULL]", "undefined", "NaN", "nan", "None", "nil", "<NA>", "NaT",
    "#N/A", "#REF!", "#VALUE!", "n/a", "N.A.", "Không có", "KHÔNG RÕ", "chưa có", "Chưa rõ.", "(trống)", "«không có»",
    "-", "--", ".", "…", "?", "???", "\u200bNULL", "Invalid Date", "Nothing",
]  # fmt: skip


@pytest.mark.parametrize("cell", EVERYWHERE)
def test_nothing_is_said_in_every_column(cell: str) -> None:
    assert names.why_not(cell) == "filler"
    assert ids.read(cell).id_kind == "filler"
    assert dates.why_not(cell, NIGHT) == "filler"
    assert sexes.why_not(cell) == "filler"
    assert ids.normalise_code(cell, "code") is None
    assert ids.normalise_code(cell, "bhxh") is None
    assert territories.normalise_province(cell) is None
    assert nothing.drop(pl.Series([cell, "Thôn 1"])).to_list() == [None, "Thôn 1"]


@pytest.mark.parametrize(
    "name",
    ["Trần Không", "Nguyễn Na", "Na", "Lê Thị Nan", "Khổng", "Trọng", "Trong", "Lò Nan", "Nguyễn Null", "Vô Danh Phúc"],
)
def test_a_person_is_not_nothing(name: str) -> None:
    assert names.normalise(name) == name


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("n", "sex"),
        ("x", "sex"),
        ("0", "sex"),
        ("Không", "text"),
        ("N", "code"),
        ("0", "code"),
        ("Na", "name"),
        ("Thôn Không Tên", "place"),
        ("Mất", "name"),
    ],
)
def test_what_means_something_there(cell: str, kind: nothing.Kind) -> None:
    assert not is_nothing(cell, kind)


def test_texts_without_a_mark_are_left_alone() -> None:
    texts = pl.Series(["Thôn 1", None, "Null Island", "Không"])
    assert nothing.drop(texts).to_list() == ["Thôn 1", None, "Null Island", "Không"]
