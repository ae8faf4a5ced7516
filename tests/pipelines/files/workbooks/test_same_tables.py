"""Random tables, written by other people's libraries, come back the same; openpyxl reads the same files."""

import tempfile
from pathlib import Path

import openpyxl
import xlsxwriter
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from tests.pipelines.files.workbooks.building import rows_of

LETTERS = "aĐ ễỹ0.,;'\"<&>-=_x"
texts = st.text(LETTERS, min_size=1, max_size=12).filter(lambda text: text == text.strip())
numbers = st.integers(0, 10**15 - 1)
cells = st.one_of(st.none(), texts, numbers)
tables = st.lists(st.lists(cells, min_size=1, max_size=5), min_size=1, max_size=6).filter(
    lambda rows: any(cell is not None for row in rows for cell in row)
)
Table_ = list[list[str | int | None]]


def expected(table: Table_) -> list[tuple[object, ...]]:
    """What any reader should give."""
    width = max(at for row in table for at, cell in enumerate(row, start=1) if cell is not None)
    rows = [[None if cell is None else str(cell) for cell in row] + [None] * width for row in table]
    return [(number, *row[:width]) for number, row in enumerate(rows, start=1) if any(row)]


def write_xlsx(path: Path, table: Table_) -> None:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for row, cells_ in enumerate(table):
            for column, cell in enumerate(cells_):
                if cell is not None:
                    (sheet.write_number if isinstance(cell, int) else sheet.write_string)(row, column, cell)


def write_openpyxl(path: Path, table: Table_) -> None:
    book = openpyxl.Workbook()
    for row, cells_ in enumerate(table, start=1):
        for column, cell in enumerate(cells_, start=1):
            if cell is not None:
                made = book.active.cell(row, column)
                made.value = cell
                made.data_type = "n" if isinstance(cell, int) else "s"
    book.save(path)


def write_xls(path: Path, table: Table_) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("S")
    for row, cells_ in enumerate(table):
        for column, cell in enumerate(cells_):
            if cell is not None:
                sheet.write(row, column, cell)
    book.save(str(path))


def write_ods(path: Path, table: Table_) -> None:
    book = OpenDocumentSpreadsheet()
    sheet = Table(name="S")
    for cells_ in table:
        row = TableRow()
        for cell in cells_:
            if isinstance(cell, int):
                row.addElement(TableCell(valuetype="float", value=str(cell)))
            elif cell is None:
                row.addElement(TableCell())
            else:
                made = TableCell(valuetype="string")
                made.addElement(P(text=cell))
                row.addElement(made)
        sheet.addElement(row)
    book.spreadsheet.addElement(sheet)
    book.save(str(path))


WRITERS = {"a.xlsx": write_xlsx, "b.xlsx": write_openpyxl, "a.xls": write_xls, "a.ods": write_ods}


@settings(max_examples=25, deadline=None)
@given(tables)
def test_tables_come_back_from_each_format(table: Table_) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, write in WRITERS.items():
            path = Path(folder) / name
            write(path, table)
            assert rows_of(path) == expected(table), name


@settings(max_examples=25, deadline=None)
@given(tables)
def test_openpyxl_reads_the_same(table: Table_) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsx"
        write_xlsx(path, table)
        values = openpyxl.load_workbook(path, data_only=True).active.values
        assert rows_of(path) == expected([list(row) for row in values])
