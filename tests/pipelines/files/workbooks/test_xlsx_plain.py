"""The quick count says what the walk says, or nothing."""

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from pipelines.files.workbooks import xlsx_plain
from pipelines.files.workbooks.survey import Survey
from pipelines.files.workbooks.xlsx import Workbook
from pipelines.files.workbooks.xlsx_cells import Cells
from tests.pipelines.files.workbooks.building import ELEVEN_ZEROS, TWELVE_ZEROS, worksheet, xlsx
from tests.pipelines.files.workbooks.random_tables import Rows, tables, write_openpyxl, write_xlsx

DIGITS = {str(TWELVE_ZEROS): 12, str(ELEVEN_ZEROS): 12}
BLANK = {"1"}


def quick(sheet: str) -> Survey | None:
    return xlsx_plain.survey(io.BytesIO(sheet.encode()), BLANK, DIGITS)


def walked(path: Path, sheet: str) -> Survey:
    survey = Survey()
    cells = Cells(survey, BLANK, DIGITS)
    book = Workbook(xlsx(path, sheet))
    book._parts.walk("xl/worksheets/sheet1.xml", cells.starts(), cells.ends(), cells.take)
    return survey


def said(survey: Survey) -> tuple[object, ...]:
    shown = sorted(zip(survey.shown_at, survey.shown, strict=True))
    reach = (survey.last_row, survey.last_column)
    return (list(survey.rows), list(survey.counts), survey.columns, shown, sorted(survey.merges), reach)


def cell(at: str, value: str, attributes: str = "") -> str:
    return f'<c r="{at}"{attributes}><v>{value}</v></c>'


USUAL = [
    f'<row r="1" spans="1:2" ht="15" x14ac:dyDescent="0.25">{cell("A1", "0", TEXT)}{cell("B1", "1", TEXT)}</row>'
    for TEXT in (' s="1" t="s"', ' t="s"')
] + [
    f'<row r="2"/><row r="3" s="1">{cell("B3", "79203012345", " s=" + chr(34) + "2" + chr(34))}</row>',
    f'<row r="3">{cell("B3", "1234567890123456")}{cell("C3", "5.0", " s=" + chr(34) + "3" + chr(34))}</row>',
    '<row r="3"><c r="B3" s="2"/><c r="C3" t="str"><f>A1&amp;"x"</f><v>a &amp; b</v></c><c r="D3"><v/></c></row>',
    '<row r="3"><c r="C3" t="inlineStr"><is><t xml:space="preserve"> An </t></is></c></row>',
    '<row r="3"><c r="C3" t="inlineStr"><is><t xml:space="preserve">\u00a0 </t></is></c></row>',
    '\n<row r="3">' + cell("C3", "1", ' t="b"') + '</row>\n<row r="9">' + cell("A9", "\n") + "</row>\n",
    f'<row r="9">{cell("A9", "1")}</row><row r="3">{cell("XFD3", "2")}</row>',
    "",
]


@pytest.mark.parametrize("rows", USUAL)
@pytest.mark.parametrize("after", ["", '<mergeCells count="1"><mergeCell ref="A3:B5"/></mergeCells><pageMargins/>'])
def test_the_usual_is_counted_as_the_walk_counts_it(tmp_path: Path, rows: str, after: str) -> None:
    sheet = worksheet(rows, before='<sheetViews><sheetView tabSelected="1"/></sheetViews>', after=after)
    sheet = sheet.replace("<worksheet ", '<worksheet xmlns:x14ac="x" ')
    found = quick(sheet)
    assert found is not None
    assert said(found) == said(walked(tmp_path / "x.xlsx", sheet))


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        (worksheet("<row><c><v>1</v></c></row>"), "no addresses"),
        (worksheet('<row r="1"><c r="A1"><f>1+1</f></c></row>'), "a formula without a value"),
        (worksheet('<row r="1"><c r="A1"><f>1+1</f><v></v></c></row>'), "a formula with an empty value"),
        (worksheet('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>'), "an error"),
        (worksheet('<row r="1"><c r="A1"><v>1<!-- c --></v></c></row>'), "a comment"),
        (worksheet('<row r="1"><c r="A1" t="str"><v><![CDATA[x]]></v></c></row>'), "CDATA"),
        (worksheet('<row r="1"><c r="A1" t="str"><v>&#32;</v></c></row>'), "a numbered entity"),
        (worksheet('<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r></is></c></row>'), "formatted runs"),
        (worksheet("<row r='1'><c r='A1'><v>1</v></c></row>"), "other quotation marks"),
        (worksheet('<row r="1"><c r="XFE1"><v>1</v></c></row>'), "no such column"),
        (worksheet('<row r="1"><c r="A0"><v>1</v></c></row>'), "no such row"),
        (worksheet('<row r="1"><c r="A1"><v>1</v></c></row>', after="<sheetData><row/></sheetData>"), "two tables"),
        (worksheet('<row r="1"><c r="A1"><v>1</v></c></row>', after='<mergeCell  ref="A1:B1"/>'), "unusual merges"),
        ("<!DOCTYPE x>" + worksheet(""), "a DTD"),
        (worksheet('<row r="1"><c r="A1"><v>1</v></c></row>')[:-3], "cut off behind the rows"),
        (worksheet('<row r="1"><c r="A1"><v>1</v></c></row>')[:-40], "cut off within the rows"),
        (worksheet('<row r="1"><c r="A1"><v>1</v></c>'), "a row that is not closed"),
        ("<worksheet/>", "no rows"),
    ],
)
def test_the_unusual_is_left_to_the_walk(sheet: str, why: str) -> None:
    assert quick(sheet) is None, why


def test_many_blank_texts_are_left_to_the_walk() -> None:
    blank = {str(index) for index in range(2000)}
    assert xlsx_plain.survey(io.BytesIO(worksheet("").encode()), blank, {}) is None


def test_rows_that_lie_across_two_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f'<row r="{row}">{cell(f"A{row}", str(row))}</row>' for row in range(1, 200))
    expected = said(walked(tmp_path / "x.xlsx", worksheet(rows)))
    for size in (7, 1000):
        monkeypatch.setattr(xlsx_plain, "_BLOCK_BYTES", size)
        found = quick(worksheet(rows))
        assert found is not None
        assert said(found) == expected


@settings(max_examples=25, deadline=None)
@given(tables)
def test_random_tables_are_counted_alike(table: Rows) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for write in (write_xlsx, write_openpyxl):
            write(Path(folder) / "x.xlsx", table)
            book = Workbook(Path(folder) / "x.xlsx")
            (entry,) = book.entries()
            assert said(book.survey(entry)) == said(book.walked(entry))
