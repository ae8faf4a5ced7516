"""Sheets as the bytes of a workbook: XLSX by xlsxwriter, XLS by xlwt, ODS by odfpy, Parquet by polars."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import odf.opendocument  # type: ignore[import-untyped]
import odf.style  # type: ignore[import-untyped]
import odf.table  # type: ignore[import-untyped]
import odf.text  # type: ignore[import-untyped]
import polars as pl
import xlsxwriter
import xlwt  # type: ignore[import-untyped]

from tests.corpus.grid import Cell, Day, Failed, Formula, Number, Sheet, shown

_LONG_AGO = (2026, 11, 1, 0, 0, 0)
_DAY_FORMAT = "dd/mm/yyyy"


def workbook(format_: str, sheets: Sequence[Sheet], merged: Sequence[str] = (), *, since_1904: bool = False) -> bytes:
    """The workbook's bytes, the same on every run. `merged` are ranges (`A1:C1`) of the first sheet."""
    if format_ == "xlsx":
        return _xlsx(sheets, merged, since_1904=since_1904)
    return {"xls": _xls, "ods": _ods}[format_](sheets, merged)


def parquet(sheet: Sheet) -> bytes:
    """A Parquet file: the first row is the column names; a column of numbers or dates alone has that type."""
    names, *rows = sheet.rows
    columns = {str(name): _typed([row[at] if at < len(row) else None for row in rows]) for at, name in enumerate(names)}
    out = io.BytesIO()
    pl.DataFrame(columns).write_parquet(out)
    return out.getvalue()


def _typed(cells: Sequence[Cell]) -> list[Any]:
    if all(isinstance(cell, Number | Day) or cell is None for cell in cells):
        plain = [cell.value if isinstance(cell, Number | Day) else None for cell in cells]
        return [
            int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**63 else value
            for value in plain
        ]
    return [None if cell is None else shown(cell) for cell in cells]


def _xlsx(sheets: Sequence[Sheet], merged: Sequence[str], *, since_1904: bool) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": since_1904})
    book.set_properties({"created": datetime(2026, 11, 1)})  # noqa: DTZ001
    as_day = book.add_format({"num_format": _DAY_FORMAT})
    write: dict[type, Callable[..., Any]] = {
        str: lambda page, at, cell: page.write_string(*at, cell),
        Number: lambda page, at, cell: page.write_number(*at, cell.value),
        Day: lambda page, at, cell: page.write_datetime(*at, cell.value, as_day),
        Formula: lambda page, at, cell: page.write_formula(*at, cell.text, value=cell.result),
        Failed: lambda page, at, cell: page.write_formula(*at, "=1/0", value=cell.text),
    }
    for number, sheet in enumerate(sheets):
        page = book.add_worksheet(sheet.name)
        if sheet.visibility == "hidden":
            page.hide()
        if sheet.visibility == "very hidden":
            page.very_hidden()
        for area in merged if number == 0 else ():
            page.merge_range(area, "")
        for at, cell in _cells(sheet):
            write[type(cell)](page, at, cell)
    book.close()
    return repacked(out.getvalue())


def _xls(sheets: Sequence[Sheet], merged: Sequence[str]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    as_day = xlwt.easyxf(num_format_str=_DAY_FORMAT)
    for number, sheet in enumerate(sheets):
        page = book.add_sheet(sheet.name, cell_overwrite_ok=True)
        page.visibility = {"visible": 0, "hidden": 1, "very hidden": 2}[sheet.visibility]
        for area in merged if number == 0 else ():
            (row, column), (last_row, last_column) = map(_corner, area.split(":"))
            page.merge(row, last_row, column, last_column)
        for at, cell in _cells(sheet):
            if isinstance(cell, Number):
                page.write(*at, cell.value)
            elif isinstance(cell, Day):
                page.write(*at, cell.value, as_day)
            else:
                page.write(*at, shown(cell))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _ods(sheets: Sequence[Sheet], merged: Sequence[str]) -> bytes:
    book = odf.opendocument.OpenDocumentSpreadsheet()
    unseen = odf.style.Style(name="unseen", family="table")
    unseen.addElement(odf.style.TableProperties(display="false"))
    book.automaticstyles.addElement(unseen)
    for number, sheet in enumerate(sheets):
        hidden = {"stylename": unseen} if sheet.visibility != "visible" else {}
        page = odf.table.Table(name=sheet.name, **hidden)
        spans = _spans(merged) if number == 0 else {}
        for y, row in enumerate(sheet.rows):
            line = odf.table.TableRow()
            for x, cell in enumerate(row):
                line.addElement(_ods_cell(cell, spans.get((y, x))))
            page.addElement(line)
        book.spreadsheet.addElement(page)
    out = io.BytesIO()
    book.write(out)
    return repacked(out.getvalue())


def _ods_cell(cell: Cell, span: tuple[int, int] | None) -> odf.table.TableCell:
    about: dict[str, Any] = {}
    if isinstance(cell, Number):
        about = {"valuetype": "float", "value": shown(cell)}
    elif isinstance(cell, Day):
        about = {"valuetype": "date", "datevalue": cell.value.isoformat()}
    elif isinstance(cell, Formula):
        about = {"valuetype": "string", "formula": f"of:{cell.text}"}
    elif cell is not None:
        about = {"valuetype": "string"}
    if span:
        about |= {"numberrowsspanned": span[0], "numbercolumnsspanned": span[1]}
    made = odf.table.TableCell(**about)
    for line in shown(cell).split("\n") if cell is not None else ():
        made.addElement(odf.text.P(text=line))
    return made


def _spans(merged: Sequence[str]) -> dict[tuple[int, int], tuple[int, int]]:
    corners = [tuple(map(_corner, area.split(":"))) for area in merged]
    return {first: (last[0] - first[0] + 1, last[1] - first[1] + 1) for first, last in corners}


def _corner(reference: str) -> tuple[int, int]:
    """`B3` → (2, 1); columns to Z."""
    return int(reference[1:]) - 1, ord(reference[0]) - ord("A")


def _cells(sheet: Sheet) -> list[tuple[tuple[int, int], Cell]]:
    return [((y, x), cell) for y, row in enumerate(sheet.rows) for x, cell in enumerate(row) if cell is not None]


def repacked(package: bytes, changed: Callable[[str, bytes], bytes] | None = None, **added: bytes) -> bytes:
    """The same ZIP with fixed times, its parts changed and others `added`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        parts = [(name, old.read(name)) for name in old.namelist()] + list(added.items())
        for name, data in parts:
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            new.writestr(info, changed(name, data) if changed else data)
    return out.getvalue()
