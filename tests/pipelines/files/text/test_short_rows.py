"""Short rows are read where the file shows that its writer cuts rows, and only there: nothing is shifted in silence."""

from pathlib import Path

import pytest

from pipelines.files.text import encoding
from pipelines.files.text import sheet as delimited
from tests.pipelines.files.whole import together

FULL = "An,01/02/1990,Nam,079,6A\n"
CUT = "An,01/02/1990,Nam,079\n"
SHORTER = "An,01/02/1990\n"
HEADER = "a,b,c,d,e\n"
CASES = [
    # rows below the header, how many are read, which are rejected, why
    (FULL * 9 + CUT + FULL, 10, [11], "one short row may have lost a delimiter anywhere"),
    (FULL * 9 + CUT * 5 + FULL, 15, [], "five alike, a tenth of all: the writer leaves empty cells out"),
    ((FULL + CUT) * 5, 10, [], "also one by one"),
    ((SHORTER + CUT) * 5, 0, list(range(2, 12)), "two short rows that make one: a cell was broken in two"),
    ((CUT + FULL) * 5 + SHORTER + FULL, 11, [12], "another width is not common"),
    ((CUT + FULL) * 5 + "An\n" + CUT + FULL, 11, [12, 13], "the row behind a piece of one cell could be its end"),
    ((FULL + CUT) * 5 + CUT + '"An,x\n' + CUT + FULL, 11, [12, 13, 14], "rows beside a torn one"),
    ((FULL + CUT) * 5 + "\n" + CUT + "\n" + FULL, 12, [], "blank rows are no neighbours"),
]


@pytest.mark.parametrize("part", [1, 30, 1 << 20])
@pytest.mark.parametrize(("below", "read", "rejected", "why"), CASES, ids=[case[3] for case in CASES])
def test_short_rows(tmp_path: Path, below: str, read: int, rejected: list[int], why: str, part: int) -> None:
    (tmp_path / "a.csv").write_text(HEADER + below, encoding="utf-8")
    sheet = delimited.DelimitedSheet(encoding.recognise(tmp_path / "a.csv"), part)
    whole = together(list(sheet.parts(1, 5)))
    assert (whole.rows.height, whole.rejected["source_row"].to_list()) == (read, rejected), why
    full = ("An", "01/02/1990", "Nam", "079", "6A")
    assert {row[1:] for row in whole.rows.rows()} <= {full, (*full[:4], None)}, "every cell in its column"
