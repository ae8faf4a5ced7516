"""What comes out of an ODS file, cell by cell; rows and cells that stand for many."""

from pathlib import Path

import pytest

from pipelines.errors import UnreadableFile
from tests.pipelines.files.workbooks.building import ods, rows_of, sheets_of, table


def cell(text: str, attributes: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


def valued(kind: str, attribute: str, shown: str) -> str:
    return f'<table:table-cell office:value-type="{kind}" {attribute}><text:p>{shown}</text:p></table:table-cell>'


def row(*cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


def bare(content: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}>{content}</table:table-cell>"


EMPTY = "<table:table-cell/>"
NOTE = "<office:annotation><text:p>ghi chú</text:p></office:annotation>"
SHAPE = "<draw:frame><draw:text-box><text:p>hình</text:p></draw:text-box></draw:frame>"
INNER = '<table:table table:name="in"><table:table-row><table:table-cell><text:p>trong</text:p></table:table-cell>'
NESTED = f"{INNER}</table:table-row></table:table><text:p>ngoài</text:p>"
STRING = 'office:value-type="string"'


@pytest.mark.parametrize(
    ("cells", "text", "why"),
    [
        (cell("Nguyễn Văn An"), "Nguyễn Văn An", "a text"),
        (cell("<text:span>Ng</text:span>uyễn"), "Nguyễn", "formatted in pieces"),
        (cell("a<text:s text:c='2'/>b"), "a  b", "several spaces"),
        (cell("Nguyễn<text:line-break/>An"), "Nguyễn\nAn", "a line break: the first reader joins the words"),
        (cell("a<text:tab/>b"), "a\tb", "a tab: likewise"),
        (cell("a</text:p><text:p>b"), "a\nb", "two paragraphs"),
        (cell("a\n      b"), "a\n      b", "white space is left as it is, as the first reader does"),
        (bare(f"{NOTE}<text:p>An</text:p>", STRING), "An", "a comment is no text"),
        (bare(f"{SHAPE}<text:p>An</text:p>", STRING), "An", "nor is what a drawing says"),
        (bare(NESTED, STRING), "ngoài", "nor a table within the cell"),
        (bare("<text:p>An</text:p>"), "An", "a text without a type: the first reader loses it"),
        (bare("<text:p>hiện</text:p>", f'{STRING} office:string-value="thật"'), "thật", "a value of its own"),
        (valued("float", 'office:value="79203012345"', "079203012345"), "079203012345", "twelve digits are seen"),
        (valued("float", 'office:value="79203012345"', "79.203.012.345"), "79203012345", "grouped digits"),
        (valued("float", 'office:value="79203012345"', "7.92E+10"), "79203012345", "shortened by its format"),
        (valued("float", 'office:value="123456789012345678"', "1.2E+17"), "123456789012345678", "eighteen digits"),
        (valued("percentage", 'office:value="0.5"', "50%"), "0.5", "a percentage"),
        (valued("boolean", 'office:boolean-value="true"', "TRUE"), "true", "yes or no"),
        (valued("date", 'office:date-value="2012-10-06"', "06/10/2012"), "2012-10-06", "a date"),
        (valued("time", 'office:time-value="PT10H00M00S"', "10:00"), "10:00", "a time: the first reader loses it"),
        (valued("string", 'table:formula="of:=NA()" office:string-value=""', "#N/A"), "#N/A", "an error: likewise"),
    ],
)
def test_a_cell(tmp_path: Path, cells: str, text: str, why: str) -> None:
    assert rows_of(ods(tmp_path / "x.ods", table(row(cells)))) == [(1, text)], why


@pytest.mark.parametrize(
    ("rows", "read", "why"),
    [
        (row(cell("a", 'table:number-columns-repeated="2"'), cell("b")), [(1, "a", "a", "b")], "a cell for two"),
        (row(cell("a"), times=2) + row(cell("b")), [(1, "a"), (2, "a"), (3, "b")], "a row for two"),
        (row(cell("a")) + row(EMPTY, times=4) + row(cell("b")), [(1, "a"), (6, "b")], "an empty row for four"),
        (row(cell("a")) + row(EMPTY, times=1_048_575), [(1, "a")], "empty down to the end of the sheet"),
        (row(EMPTY) + row(EMPTY, cell("a")), [(2, None, "a")], "columns count from A, rows from 1"),
        (row(cell(" "), cell("a")) + row(cell(" ")), [(1, None, "a")], "white space is nothing"),
        (row(bare(NOTE), cell("a")) + row(bare(NOTE)), [(1, None, "a")], "a comment alone is nothing"),
        (
            f"<table:table-header-rows>{row(cell('a'))}</table:table-header-rows>"
            f"<table:table-row-group>{row(cell('b'))}</table:table-row-group>",
            [(1, "a"), (2, "b")],
            "rows in groups",
        ),
        (row("<table:covered-table-cell/>", cell("a")), [(1, None, "a")], "a cell under a merged one"),
        (f"<table:shapes>{SHAPE}</table:shapes>" + row(cell("a")), [(1, "a")], "drawings beside the cells"),
        (
            row(valued("float", 'office:value="7"', "07"), times=2),
            [(1, "07"), (2, "07")],
            "a padded number for two rows",
        ),
    ],
)
def test_rows(tmp_path: Path, rows: str, read: list[tuple[object, ...]], why: str) -> None:
    assert rows_of(ods(tmp_path / "x.ods", table(rows))) == read, why


def test_sheets_hidden_ones_and_merges(tmp_path: Path) -> None:
    styles = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    spans = 'table:number-columns-spanned="2" table:number-rows-spanned="3"'
    tables = table(row(cell("a", spans)), "Lớp 6") + table("", "trống")
    tables += table(row(cell("b"), bare("", 'table:formula="of:=1"')), "Ẩn", 'table:style-name="ta2"')
    found = sheets_of(ods(tmp_path / "x.ods", tables, styles=styles))
    assert [(sheet["number"], sheet["name"], sheet["hidden"]) for sheet in found] == [
        (1, "Lớp 6", False),
        (3, "Ẩn", True),
    ]
    assert found[0]["merges"] == [(1, 3, 1, 2)]
    assert (found[1]["unvalued"], found[1]["first_unvalued"]) == (1, "B1")


@pytest.mark.parametrize(
    ("tables", "code", "told"),
    [
        (table(row(EMPTY)), "empty_file", "không có dòng nào"),
        (table(row(cell("a"))) + table(row(cell("b"))), "damaged_file", "trùng tên"),
        (table(row(cell("a"), times=1_048_577)), "damaged_file", "1048577"),
        (table(row(cell("a", 'table:number-columns-repeated="16385"'))), "damaged_file", "16385"),
        (table(row(cell("a", 'table:number-columns-repeated="16384"'), times=2000)), "too_heavy", "XFD2000"),
        (table(row(cell("a")))[:-3], "damaged_file", "content.xml"),
        (table(row(cell("a", 'table:number-columns-repeated="x"'))), "damaged_file", "content.xml"),
    ],
)
def test_workbooks_that_are_refused(tmp_path: Path, tables: str, code: str, told: str) -> None:
    with pytest.raises(UnreadableFile, match=told) as refusal:
        sheets_of(ods(tmp_path / "x.ods", tables))
    assert refusal.value.code == code
