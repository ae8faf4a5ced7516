"""Text files: what is read right, what is rejected in which row, and that where a file is cut changes nothing."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import UnreadableFile
from pipelines.files.sheet import Sheet
from pipelines.files.text import encoding
from pipelines.files.text import sheet as delimited
from tests.pipelines.files.whole import together

Rows = list[tuple[object, ...]]

GOOD = "7,An,Nam\n"
LONG = "x" * 1_000_001
CASES = [
    # what stands in the file below the header a,b,c; the rows that are read; the rows that are rejected
    ('1,5" ống,x\n', [(2, "1", '5" ống', "x")], [], "a quote inside a cell is a letter"),
    ('1,Trường "Lê Lợi,x\n' + GOOD, [(2, "1", 'Trường "Lê Lợi', "x"), (3, "7", "An", "Nam")], [], "a lone one too"),
    ('1,Nguyễn "Tý" An,x\n', [(2, "1", 'Nguyễn "Tý" An', "x")], [], "two of them"),
    ('1, "An, b" ,x\n', [(2, "1", "An, b", "x")], [], "spaces around a quoted cell are no text"),
    ('1," An ",x\n', [(2, "1", " An ", "x")], [], "spaces inside are"),
    ('1,"An ""Tý"" B",x\n', [(2, "1", 'An "Tý" B', "x")], [], "doubled quotes"),
    ('1,"An "Tý" B",x\n', [(2, "1", 'An "Tý" B', "x")], [], "quotes that should have been doubled, in a row that fits"),
    ('1,"An "Tý", B",x\n', [], [(2, "ragged_row")], "the same where it is not certain"),
    ('"1",5" ống,"a,b"\n', [(2, "1", '5" ống', "a,b")], [], "quoted cells beside a quote that is a letter"),
    ('1,"x\ny\r\nz",2\n' + GOOD, [(2, "1", "x\ny\r\nz", "2"), (3, "7", "An", "Nam")], [], "line breaks in quotes"),
    ('1,"x\n2,y,z\n' + GOOD, [(3, "2", "y", "z"), (4, "7", "An", "Nam")], [(2, "unclosed_quote")], "never closed"),
    ('"1,x,y\n' + GOOD + '2,y",z\n' + GOOD, [(3, "7", "An", "Nam"), (4, "2", 'y"', "z"), (5, "7", "An", "Nam")],
     [(2, "unclosed_quote")], "closed two rows below, which would swallow them"),
    ('1,"x,y\n2,z",w\n', [(3, "2", 'z"', "w")], [(2, "unclosed_quote")], "two whole rows are not one of several lines"),
    ('1,"x,y";"\n",w\n', [], [(2, "ragged_row"), (3, "unclosed_quote")], "quotes that part cells by another sign"),
    ('"1,2","x\ny","3,4"\n', [(2, "1,2", "x\ny", "3,4")], [], "delimiters in other quoted cells are no evidence"),
    ('1,"' + "x\n" * 98 + 'y",z\n', [(2, "1", "x\n" * 98 + "y", "z")], [], "99 lines"),
    ('1,"x",y\n1,"' + LONG + '\nx",y\n' + GOOD, [(2, "1", "x", "y"), (5, "7", "An", "Nam")],
     [(3, "row_too_long"), (4, "ragged_row")], "a quoted cell over 1 MB"),
    ("1,x\n" + GOOD, [(3, "7", "An", "Nam")], [(2, "ragged_row")], "too few cells"),
    ("1,x,y,z\n" + GOOD, [(3, "7", "An", "Nam")], [(2, "ragged_row")], "too many cells"),
    ("1,x,y,, ,\n", [(2, "1", "x", "y")], [], "blank cells behind the last column"),
    ("1,x,y" + "," * 51 + "\n", [], [(2, "ragged_row")], "more blank cells than anybody leaves"),
    ("1,x\x00,y\n" + GOOD, [(3, "7", "An", "Nam")], [(2, "nul_byte")], "a NUL byte"),
    (LONG + "\n" + GOOD, [(3, "7", "An", "Nam")], [(2, "row_too_long")], "a row over 1 MB"),
    ("\n,,\n \t\n\"\",\n" + GOOD, [(6, "7", "An", "Nam")], [], "blank rows have a number and are no data"),
    ("1,a\u2028b,c\x85d\n2,e\x0bf,g\x0ch\n", [(2, "1", "a\u2028b", "c\x85d"), (3, "2", "e\x0bf", "g\x0ch")], [],
     "only CR and LF end lines"),
    ("1,x,y\r2,x,y\r\n3,x,y\n4,x,y", [(row, str(row - 1), "x", "y") for row in (2, 3, 4, 5)], [], "mixed line ends"),
    ("1,x,y\n\ufeffa,b,c\n2,x,y\n", [(2, "1", "x", "y"), (3, "a", "b", "c"), (4, "2", "x", "y")], [],
     "two files one behind the other"),
    ("", [], [], "nothing below the header"),
]  # fmt: skip


def sheet_of(path: Path, data: bytes, part_bytes: int = 1 << 24) -> delimited.DelimitedSheet:
    path.write_bytes(data)
    return delimited.DelimitedSheet(encoding.recognise(path), part_bytes)


def rows(sheet: Sheet, header_row: int = 1, width: int = 3) -> tuple[Rows, Rows]:
    whole = together(list(sheet.parts(header_row, width)))
    counted = [row for some in sheet.filled_rows(header_row) for row in some]
    assert counted == sorted([*whole.rows["source_row"], *whole.rejected["source_row"]])
    assert whole.counted == len(counted)
    return whole.rows.rows(), whole.rejected.select("source_row", "code").rows()


@pytest.mark.parametrize(("below", "read", "rejected", "why"), CASES, ids=[case[3] for case in CASES])
def test_rows(tmp_path: Path, below: str, read: Rows, rejected: Rows, why: str) -> None:
    # Two rows of the table's width show which width that is.
    sheet = sheet_of(tmp_path / "a.csv", f"a,b,c\n{below}".encode())
    assert rows(sheet) == (read, rejected), why


@pytest.mark.parametrize("part", [1, 3, 10, 64])
@pytest.mark.parametrize("case", [case for case in CASES if len(case[0]) < 1_000], ids=lambda case: str(case[3]))
def test_parts(tmp_path: Path, case: tuple[str, Rows, Rows, str], part: int) -> None:
    assert rows(sheet_of(tmp_path / "a.csv", f"a,b,c\n{case[0]}".encode(), part)) == case[1:3], case[3]


TEXT = st.text(alphabet='aễ "\u0301\u2028\x0b.Đ', max_size=5)
BROKEN = st.sampled_from(["x\ny", "x\r\ny", "\n", "a,b", "a;b", 'say "no"', '"', '""', " x", "x "])


@given(
    cells=st.lists(st.lists(st.one_of(TEXT, BROKEN), min_size=3, max_size=3), max_size=9),
    delimiter=st.sampled_from(",;\t|^~:"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    code=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    part=st.sampled_from([1, 5, 50, 1 << 24]),
)
def test_what_the_csv_module_writes_comes_back_cell_for_cell(
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[list[str]],
    delimiter: str,
    quoting: int,
    line_end: str,
    code: str,
    part: int,
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=line_end)  # type: ignore[arg-type]
    writer.writerows([["họ tên", "ngày sinh", "giới tính"], *cells])
    data = (f"sep={delimiter}{line_end}" + out.getvalue()).encode(code)
    sheet = sheet_of(tmp_path_factory.getbasetemp() / "written.csv", data, part)
    assert sheet.head_rows[:2] == [1, 2]
    assert list(sheet.head[1]) == ["họ tên", "ngày sinh", "giới tính"]
    expected = [
        (number, *(cell if cell.strip() else None for cell in row))
        for number, row in enumerate(cells, start=3)
        if any(cell.strip('," \t\r\n' + delimiter) for cell in row)
    ]
    assert rows(sheet, header_row=2) == (expected, [])


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "empty_file"), (b"\n \n", "empty_file"), (b',;,\n"",\n', "empty_file")]
)
def test_files_without_a_row_are_refused(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(UnreadableFile) as refusal:
        list(delimited.sheets(tmp_path / "a.csv"))
    assert refusal.value.code == code


def test_a_very_wide_table(tmp_path: Path) -> None:
    names = [f"c{position}" for position in range(10_000)]
    sheet = sheet_of(tmp_path / "a.csv", ("\n".join([",".join(names)] * 3) + "\n").encode())
    assert list(sheet.head[0]) == names
    assert rows(sheet, width=10_000) == ([(2, *names), (3, *names)], [])


# Short rows

FULL = "An,01/02/1990,Nam,079,6A\n"
CUT = "An,01/02/1990,Nam,079\n"
SHORTER = "An,01/02/1990\n"
SHORT_ROWS = [
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
@pytest.mark.parametrize(("below", "read", "rejected", "why"), SHORT_ROWS, ids=[case[3] for case in SHORT_ROWS])
def test_short_rows_are_read_where_their_writer_cuts_rows(
    tmp_path: Path, below: str, read: int, rejected: list[int], why: str, part: int
) -> None:
    """And only there: nothing is shifted in silence."""
    (tmp_path / "a.csv").write_text("a,b,c,d,e\n" + below, encoding="utf-8")
    sheet = delimited.DelimitedSheet(encoding.recognise(tmp_path / "a.csv"), part)
    whole = together(list(sheet.parts(1, 5)))
    assert (whole.rows.height, whole.rejected["source_row"].to_list()) == (read, rejected), why
    full = ("An", "01/02/1990", "Nam", "079", "6A")
    assert {row[1:] for row in whole.rows.rows()} <= {full, (*full[:4], None)}, "every cell in its column"
