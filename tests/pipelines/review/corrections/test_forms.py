"""Corrections are written as the file writes its own cells."""

import polars as pl
import pytest

from pipelines.review.corrections.forms import as_written

FILE = {"source_file": "a.csv", "sheet": ""}


def told(column: str, after: str, names: list[str], dates: list[str], sexes: list[tuple[str, str]]) -> str | None:
    rows = [
        {**FILE, "full_name_raw": name, "date_of_birth_raw": day, "sex_raw": raw, "sex": sex}
        for name, day, (raw, sex) in zip(names, dates, sexes, strict=True)
    ]
    change = pl.DataFrame([{**FILE, "column": column, "before": "?", "after": after}])
    found = as_written(change, pl.DataFrame(rows))["after"].to_list()
    return found[0] if found else None


SEXES = [("1", "Nam"), ("1", "Nam"), ("0", "Nữ")]
NAMES, CAPITALS = ["Lê An", "LÊ ÂN", "Lê Ba"], ["LÊ AN", "LÊ ÂN", "Lê Ba"]


@pytest.mark.parametrize(
    ("column", "after", "names", "dates", "wanted"),
    [
        ("date_of_birth", "1987-09-05", NAMES, ["01/02/1990", "11/12/1991", "1992-03-04"], "05/09/1987"),
        ("date_of_birth", "1987-09-05", NAMES, ["1990-02-01", "1991-12-11", "04/03/1992"], "1987-09-05"),
        ("date_of_birth", "1987-09-05", NAMES, ["1/2/1990", "3/4/1991", "11/12/1991"], "5/9/1987"),
        ("date_of_birth", "1987-09-05", NAMES, ["01.02.1990", "?", "?"], "05.09.1987"),
        ("date_of_birth", "1987-09", NAMES, ["01/02/1990", "?", "?"], None),
        ("full_name", "Lê Thị Ánh", NAMES, ["?"] * 3, "Lê Thị Ánh"),
        ("full_name", "Lê Thị Ánh", CAPITALS, ["?"] * 3, "LÊ THỊ ÁNH"),
        ("sex", "Nam", NAMES, ["?"] * 3, "1"),
        ("sex", "Nữ", NAMES, ["?"] * 3, "0"),
        ("id_number", "079087001234", NAMES, ["?"] * 3, "079087001234"),
    ],
)
def test_as_the_file_writes(column: str, after: str, names: list[str], dates: list[str], wanted: str | None) -> None:
    assert told(column, after, names, dates, SEXES) == wanted
