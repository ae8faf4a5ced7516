"""Writes notes on a workbook's sheet: formulas without a value, hidden rows and columns, merged cells."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from pipelines.files.sheet import Merge, Note
from pipelines.files.workbooks.survey import cell_name

_SHOWN = 5
"""Stretches of rows or columns that a note names."""


def unvalued(formulas: int, first: str) -> Iterator[Note]:
    """Note on formulas that were never computed. `first`: the first one's cell."""
    if formulas:
        yield Note(
            "formula_without_value",
            f"Có {formulas} ô công thức chưa được tính (ô đầu tiên: {first}), coi như trống; hãy mở bằng Excel và lưu "
            f"lại / {formulas} formulas have no value (the first in {first}) and count as blank: open the workbook in "
            "Excel and save it.",
        )


def hidden(described: Mapping[str, Any], header_row: int) -> Iterator[Note]:
    """Note on hidden rows below the header and hidden columns: how many, and which.

    `described`: by `pipelines.files.workbooks.open_workbook.sheets`.
    """
    stretches: list[tuple[int, int]] = []
    above = 0
    for first, last in described["hidden_stretches"]:
        above += max(0, min(last, header_row) - first + 1)
        if last > header_row:
            stretches.append((max(first, header_row + 1), last))
    rows = described["hidden_rows"] - above
    if rows:
        which = _named(str(first) if first == last else f"{first}–{last}" for first, last in stretches)
        yield Note(
            "hidden_rows",
            f"Có {rows} dòng đang ẩn (dòng {which}) vẫn được đọc như mọi dòng khác; hãy bỏ ẩn hoặc bỏ lọc để xem, dòng "
            f"nào không thuộc danh sách thì xóa rồi nạp lại / {rows} hidden rows (rows {which}) were read like all "
            "others: unhide them, delete what is not part of the list, and load it again.",
        )
    columns = described["hidden_columns"]
    if columns:
        which = _named(cell_name(0, column).rstrip("0") for column in columns)
        yield Note(
            "hidden_columns",
            f"Có {len(columns)} cột đang ẩn (cột {which}) vẫn được đọc như mọi cột khác; hãy bỏ ẩn để xem, cột nào "
            f"không thuộc danh sách thì xóa rồi nạp lại / {len(columns)} hidden columns (columns {which}) were read "
            "like all others: unhide them, delete what is not part of the list, and load it again.",
        )


def merged(left: Sequence[Merge], filled: pl.DataFrame) -> Iterator[Note]:
    """Note on merged cells over several rows below the header. `left`: those that were not filled downwards; `filled`:
    the cells that got their merge's text, as `pipelines.files.workbooks.merged.covered` gives them.
    """
    if filled.height:
        ranges = filled.select("first_row", "column").unique().sort("first_row", "column")
        cell, cells, count = cell_name(*ranges.row(0)), filled.height, ranges.height
        yield Note(
            "merged_rows_filled",
            f"Có {count} vùng gộp nhiều dòng trong một cột (vùng đầu ở ô {cell}): giá trị của vùng được điền cho "
            f"{cells} ô ở các dòng dưới; hãy kiểm tra nếu không đúng ý / {count} merged ranges span rows of one column "
            f"(the first at {cell}): {cells} cells below were given the range's value.",
        )
    if left:
        cell = cell_name(left[0].first_row, left[0].first_column)
        yield Note(
            "merged_rows",
            f"Có {len(left)} vùng gộp cả dòng lẫn cột hoặc dính tiêu đề (vùng đầu ở ô {cell}); chỉ ô đầu của mỗi vùng "
            f"có giá trị, các ô khác để trống; hãy bỏ gộp và điền từng dòng / {len(left)} merged ranges span rows and "
            f"columns, or begin in the header (the first at {cell}): only the first cell of each has the value.",
        )


def _named(parts: Iterable[str]) -> str:
    named = list(parts)
    return ", ".join(named[:_SHOWN]) + (", …" if len(named) > _SHOWN else "")
