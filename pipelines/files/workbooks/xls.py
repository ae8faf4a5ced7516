"""Surveys an XLS workbook as the second reader (xlrd)."""

import os
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import xlrd
from xlrd.sheet import Sheet

from pipelines.errors import UnreadableFile
from pipelines.files.workbooks import number_formats
from pipelines.files.workbooks.survey import Entry, Places, Survey, cell_at, damaged, locked

_FIRST_READABLE_BIFF = 50
"""Excel 5; the first reader knows no older one."""
_EMPTY = frozenset({xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK})


class Workbook:
    """The second reader of XLS."""

    def __init__(self, path: Path) -> None:
        self._book = _open(path)
        if self._book.biff_version < _FIRST_READABLE_BIFF:
            raise UnreadableFile(
                "old_excel",
                "Bảng tính của Excel 4 hoặc cũ hơn; hãy mở bằng Excel rồi lưu thành XLSX / the workbook is older than "
                "Excel 5: open it in Excel and save it as XLSX.",
            )

    def entries(self) -> Sequence[Entry]:
        """Worksheets in their order; chart and macro sheets are no tables and have no number."""
        names = self._book.sheet_names()
        if len({name.lower() for name in names}) < len(names):
            raise damaged("hai trang tính trùng tên", "two sheets have one name")
        return [
            Entry(number, name, bool(self._book.sheet_by_name(name).visibility), "")
            for number, name in enumerate(names, start=1)
        ]

    def survey(self, entry: Entry) -> Survey:
        """The survey of a sheet's cells."""
        survey, sheet = Survey(), self._sheet(entry)
        for row, cells in _rows(sheet):
            survey.rows.append(row)
            if _is_hidden(sheet, row):
                survey.hidden_rows.append(row)
            survey.counts.append(len(cells))
            for column, kind, value in cells:
                survey.columns[column] = survey.columns.get(column, 0) + 1
                if self._digits and kind == xlrd.XL_CELL_NUMBER:
                    self._take_shown(survey, sheet, row, column, value)
        survey.last_row, survey.last_column = sheet.nrows, sheet.ncols
        survey.refuse_too_wide()
        for column, described in sheet.colinfo_map.items():
            if described.hidden or not described.width:
                survey.hide_columns(column + 1, column + 1)
        survey.merges = [(first + 1, end, left + 1, right) for first, end, left, right in sheet.merged_cells]
        return survey

    def places(self, entry: Entry, rows: Collection[int]) -> Places:
        """The texts in these rows."""
        return {
            cell_at(row, column): [_text(kind, value)]
            for row, cells in _rows(self._sheet(entry))
            if row in rows
            for column, kind, value in cells
        }

    def _sheet(self, entry: Entry) -> Sheet:
        return self._book.sheet_by_index(entry.number - 1)

    @cached_property
    def _digits(self) -> dict[int, int]:
        """Cell style → least number of digits that it shows."""
        formats = {
            key: number_formats.least_digits(each.format_str or "") for key, each in self._book.format_map.items()
        }
        return {
            index: formats[style.format_key]
            for index, style in enumerate(self._book.xf_list)
            if formats.get(style.format_key)
        }

    def _take_shown(self, survey: Survey, sheet: Sheet, row: int, column: int, value: object) -> None:
        least = self._digits.get(sheet.cell_xf_index(row - 1, column - 1))
        shown = number_formats.shown(_text(xlrd.XL_CELL_NUMBER, value), least) if least else None
        if shown is not None:
            survey.shown_at.append(cell_at(row, column))
            survey.shown.append(shown)


def _open(path: Path) -> xlrd.book.Book:
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
            return xlrd.open_workbook(
                str(path), logfile=nowhere, formatting_info=True, on_demand=True, ragged_rows=True
            )
    except xlrd.XLRDError as fault:
        raise locked() if "encrypted" in str(fault) else damaged("không đọc được", "cannot be read") from fault
    except (IndexError, KeyError) as fault:  # which are LookupErrors, too
        raise damaged("không đọc được", "cannot be read") from fault
    except LookupError as fault:
        raise damaged("bảng mã chữ lạ", "unknown code page") from fault


def _rows(sheet: Sheet) -> Iterator[tuple[int, list[tuple[int, int, object]]]]:
    """Each row that holds more than white space, with (column, kind, value) of such cells."""
    for index in range(sheet.nrows):
        cells = [
            (column, kind, value)
            for column, (kind, value) in enumerate(
                zip(sheet.row_types(index), sheet.row_values(index), strict=True), start=1
            )
            if kind not in _EMPTY and str(value).strip()
        ]
        if cells:
            yield index + 1, cells


def _is_hidden(sheet: Sheet, row: int) -> bool:
    described = sheet.rowinfo_map.get(row - 1)
    return bool(sheet.default_row_hidden if described is None else described.hidden or not described.height)


def _text(kind: int, value: object) -> str:
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#ERROR"))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
