"""Tables that Hypothesis draws, and the libraries of other people that write them as workbooks."""

from pathlib import Path

import openpyxl
import xlsxwriter
import xlwt
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

Rows = list[list[str | int | None]]

LETTERS = "aĐ ễỹ0.,;'\"<&>-=_x"
_texts = st.text(LETTERS, min_size=1, max_size=12).filter(lambda text: text == text.strip())
_cells = st.one_of(st.none(), _texts, st.integers(0, 10**15 - 1))
tables = st.lists(st.lists(_cells, min_size=1, max_size=5), min_size=1, max_size=6).filter(
    lambda rows: any(cell is not None for row in rows for cell in row)
)
"""Tables of a few cells, not all of them empty; in a text also what a format must escape."""


def write_xlsx(path: Path, table: Rows) -> None:
    """XLSX by XlsxWriter."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for row, cells_ in enumerate(table):
            for column, cell in enumerate(cells_):
                if cell is not None:
                    (sheet.write_number if isinstance(cell, int) else sheet.write_string)(row, column, cell)


def write_openpyxl(path: Path, table: Rows) -> None:
    """XLSX by openpyxl."""
    book = openpyxl.Workbook()
    for row, cells_ in enumerate(table, start=1):
        for column, cell in enumerate(cells_, start=1):
            if cell is not None:
                made = book.active.cell(row, column)
                made.value = cell
                made.data_type = "n" if isinstance(cell, int) else "s"
    book.save(path)


def write_xls(path: Path, table: Rows) -> None:
    """XLS by xlwt."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("S")
    for row, cells_ in enumerate(table):
        for column, cell in enumerate(cells_):
            if cell is not None:
                sheet.write(row, column, cell)
    book.save(str(path))


def write_ods(path: Path, table: Rows) -> None:
    """ODS by odfpy."""
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
