"""Values that stand in several columns become one, as it would stand in one column."""

import polars as pl
import pytest

from pipelines.files.columns import joined, sex_of_place

DATE = ("day", "month", "year")
NAME = ("family", "middle", "given")


def value(kind: str, parts: tuple[str, ...], cells: tuple[str | None, ...]) -> str | None:
    frame = pl.DataFrame(dict(zip(parts, ([cell] for cell in cells), strict=True)), dict.fromkeys(parts, pl.String))
    return frame.select(joined(kind, {part: pl.col(part) for part in parts})).item()


@pytest.mark.parametrize(
    ("kind", "parts", "cells", "told", "why"),
    [
        ("name", NAME, ("Nguyễn", " Thị ", "An"), "Nguyễn Thị An", "in the order of a name"),
        ("name", NAME, ("Nguyễn", None, "An"), "Nguyễn An", "no middle name"),
        ("name", ("given", "family"), ("An", "Nguyễn Thị"), "Nguyễn Thị An", "whichever column comes first"),
        ("name", NAME, (None, None, None), None, "nobody"),
        ("date", DATE, ("5", "09", "1987"), "5/09/1987", "with strokes between"),
        ("date", DATE, ("5.0", "9.0", "1987.0"), "5/9/1987", "numbers of a workbook"),
        ("date", DATE, (None, None, "1987"), "1987", "the year alone"),
        ("date", DATE, ("0", "00", "1987"), "1987", "zeros say nothing"),
        ("date", DATE, ("5", None, "1987"), "5/?/1987", "a day without a month is no month"),
        ("date", DATE, (None, "9", "1987"), "9/1987", "month and year"),
        ("date", ("male", "female"), (None, "1987"), "1987", "the year stands in the column of the sex"),
    ],
)
def test_the_value_of_its_parts(
    kind: str, parts: tuple[str, ...], cells: tuple[str | None, ...], told: str | None, why: str
) -> None:
    assert value(kind, parts, cells) == told, why


@pytest.mark.parametrize(
    ("male", "female", "told"),
    [
        ("x", None, "Nam"),
        (None, "x", "Nữ"),
        ("0", "1", "Nữ"),
        ("x", "x", "Nam/Nữ"),
        (None, None, None),
        ("-", "", "Nữ"),
    ],
)
def test_a_mark_in_a_column_says_the_sex(male: str | None, female: str | None, told: str | None) -> None:
    frame = pl.DataFrame({"male": [male], "female": [female]}, {"male": pl.String, "female": pl.String})
    assert frame.select(sex_of_place({"male": pl.col("male"), "female": pl.col("female")})).item() == told
