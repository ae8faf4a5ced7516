"""Hidden rows and columns that hold something, however they came to be hidden, in each format."""

from pathlib import Path

import pytest
import xlwt

from tests.pipelines.files.workbooks.building import ods, sheets_of, table, worksheet, xlsx

_ROW = '<row r="{}"{}><c r="A{}"><v>1</v></c><c r="B{}"><v>2</v></c></row>'


def xlsx_rows(*attributes: str) -> str:
    return "".join(_ROW.format(at, each, at, at) for at, each in enumerate(attributes, start=1))


def hidden(path: Path) -> tuple[int, list[tuple[int, int]], list[int]]:
    (sheet,) = sheets_of(path)
    return sheet["hidden_rows"], sheet["hidden_stretches"], sheet["hidden_columns"]


@pytest.mark.parametrize("comment", ["", "<!-- the walk, not the quick count -->"])
@pytest.mark.parametrize(
    ("rows", "before", "told", "why"),
    [
        (("", "", ""), '<sheetFormatPr defaultRowHeight="15"/>', (0, [], []), "nothing is hidden"),
        (("", ' hidden="1"', ' hidden="true"'), "", (2, [(2, 3)], []), "by hand or by a filter"),
        (("", ' hidden="0"', ' outlineLevel="1" hidden="1"'), "", (1, [(3, 3)], []), "in a folded group"),
        ((' ht="0" customHeight="1"', ' ht="0.75"'), "", (1, [(1, 1)], []), "without any height"),
        (("",), '<cols><col min="2" max="16384" hidden="1"/></cols>', (0, [], [2]), "only columns that hold something"),
        (("",), '<cols><col min="1" max="1" width="0" customWidth="1"/></cols>', (0, [], [1]), "without any width"),
        (
            ("",),
            '<sheetFormatPr defaultColWidth="0"/><cols><col min="2" max="2" width="9"/></cols>',
            (0, [], [1]),
            "all but one",
        ),
    ],
)
def test_xlsx(
    tmp_path: Path,
    rows: tuple[str, ...],
    before: str,
    told: tuple[int, list[tuple[int, int]], list[int]],
    why: str,
    comment: str,
) -> None:
    assert hidden(xlsx(tmp_path / "x.xlsx", worksheet(xlsx_rows(*rows), before=before + comment))) == told, why


def ods_row(attributes: str) -> str:
    cell = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
    return f"<table:table-row {attributes}>{cell}</table:table-row>"


_FLAT = (
    '<style:style style:name="x" style:family="table-row"><style:table-row-properties style:row-height="0cm"/>'
    '</style:style><style:style style:name="x" style:family="table-column">'
    '<style:table-column-properties style:column-width="2cm"/></style:style>'
)


@pytest.mark.parametrize(
    ("content", "told", "why"),
    [
        (ods_row("") + ods_row('table:visibility="visible"'), (0, [], []), "nothing is hidden"),
        (
            ods_row('table:visibility="collapse"') + ods_row('table:visibility="filter"'),
            (2, [(1, 2)], []),
            "by hand, and by a filter",
        ),
        (
            ods_row("") + ods_row('table:visibility="collapse" table:number-rows-repeated="3"'),
            (3, [(2, 4)], []),
            "a row for three",
        ),
        (
            f'<table:table-row-group table:display="false">{ods_row("")}</table:table-row-group>{ods_row("")}',
            (1, [(1, 1)], []),
            "in a folded group",
        ),
        (
            '<table:table-column table:style-name="x"/>' + ods_row('table:style-name="x"'),
            (1, [(1, 1)], []),
            "without any height; the style of the columns is another of the same name",
        ),
        (
            '<table:table-column table:visibility="collapse" table:number-columns-repeated="5"/>' + ods_row(""),
            (0, [], [1]),
            "columns",
        ),
    ],
)
def test_ods(tmp_path: Path, content: str, told: tuple[int, list[tuple[int, int]], list[int]], why: str) -> None:
    assert hidden(ods(tmp_path / "x.ods", table(content), styles=_FLAT)) == told, why


def test_xls(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("S")
    for row in range(4):
        for column in range(3):
            sheet.write(row, column, "a")
    sheet.row(1).hidden = True
    sheet.row(9).hidden = True
    sheet.col(2).hidden = True
    sheet.col(7).hidden = True
    book.save(str(tmp_path / "x.xls"))
    assert hidden(tmp_path / "x.xls") == (1, [(2, 2)], [3])
