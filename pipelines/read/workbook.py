"""Workbooks (XLSX, XLS, ODS): every sheet, every cell as text; opened in a process of their own."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.read import cells
from pipelines.read.cells import SEARCHED_ROWS
from pipelines.read.isolated import WORKBOOKS, Isolated
from pipelines.read.notes import Note
from pipelines.workbooks.survey import cell_name

_PART_CELLS = 5_000_000
_FAULTS = {
    "cells_disagree": "Hai cách đọc dòng này cho kết quả khác nhau; hãy mở bằng Excel, lưu lại rồi nạp lại "
    "/ two readers see different cells in this row: open the workbook in Excel and save it again.",
    "row_too_long": "Dòng dài hơn 1 MB / the row is over 1 MB.",
}


def sheets(path: Path, format_: str, scratch: Path, reader: Isolated = WORKBOOKS) -> Iterator[cells.Sheet]:
    """Each sheet that holds anything, hidden ones too, in the workbook's order; chart sheets are no tables.

    `scratch`: a folder in which the cells are kept until the caller deletes it.
    Errors: UnreadableFile if the workbook is damaged, empty, has a password, or needs too much memory or time.
    """
    folder = tempfile.mkdtemp(dir=scratch)
    answer = reader.ask({"path": str(path.resolve()), "format": format_, "folder": folder})
    for described in answer["sheets"]:
        yield WorkbookSheet(described)


class WorkbookSheet:
    """One sheet of a workbook."""

    encoding = "utf-8"

    def __init__(self, described: dict[str, Any]) -> None:
        """`described`: by `pipelines.workbooks.opened.sheets`."""
        self.name: str = described["name"]
        self.number: int = described["number"]
        self.hidden: bool = described["hidden"]
        self._file, self._rows = Path(described["file"]), int(described["rows"])
        self._merges = [cells.Merge(*merge) for merge in described["merges"]]
        self.notes: Sequence[Note] = _unvalued(described["unvalued"], described["first_unvalued"])
        head = self._slice(0, SEARCHED_ROWS).drop("fault")
        self.head_rows: Sequence[int] = head["source_row"].to_list()
        self.head: Sequence[Sequence[str | None]] = head.drop("source_row").rows()
        last = self.head_rows[-1]
        self.merged: Sequence[cells.Merge] = [merge for merge in self._merges if merge.first_row <= last]

    def parts(self, header_row: int, width: int) -> Iterator[cells.Part]:
        """The rows below the header, some at a time; text beyond the last header makes a row ragged."""
        self._note_merges(header_row)
        for rows in self._below(header_row):
            yield _part(rows, width)

    def filled_rows(self, header_row: int) -> Iterator[pl.Series]:
        """Rows below the header in which either reader found more than white space."""
        for rows in self._below(header_row):
            yield rows["source_row"]

    def _below(self, header_row: int) -> Iterator[pl.DataFrame]:
        step = max(1, _PART_CELLS // len(self.head[0]))
        for start in range(0, self._rows, step):
            yield self._slice(start, step).filter(pl.col("source_row") > header_row)

    def _slice(self, start: int, rows: int) -> pl.DataFrame:
        return pl.scan_ipc(self._file).slice(start, rows).collect()

    def _note_merges(self, header_row: int) -> None:
        merged = [m for m in self._merges if m.last_row > m.first_row and m.last_row > header_row]
        if merged and not any(note.code == "merged_rows" for note in self.notes):
            cell = cell_name(merged[0].first_row, merged[0].first_column)
            self.notes = (
                *self.notes,
                Note(
                    "merged_rows",
                    f"Có {len(merged)} vùng gộp nhiều dòng dưới tiêu đề (vùng đầu ở ô {cell}); chỉ dòng đầu của mỗi "
                    f"vùng có giá trị, các dòng sau để trống / {len(merged)} merged ranges span rows below the header "
                    f"(the first at {cell}): only the first row of each has the value.",
                ),
            )


def _part(rows: pl.DataFrame, width: int) -> cells.Part:
    names = [f"c{position}" for position in range(width)]
    known = set(rows.columns)
    beyond = sorted(known - {"source_row", "fault", *names})
    overfull = pl.any_horizontal(pl.col(beyond).is_not_null()) if beyond else pl.lit(False)
    ragged = cells.refused_rows(
        rows.filter(overfull)["source_row"],
        "ragged_row",
        f"Dòng có chữ ngoài bảng (quá cột thứ {width}); hãy xóa hoặc đặt tên cột / text beyond the last header.",
    )
    faulty = [
        cells.refused_rows(rows.filter(pl.col("fault") == code)["source_row"], code, message)
        for code, message in _FAULTS.items()
    ]
    good = rows.filter(pl.col("fault").is_null() & ~overfull)
    missing = [pl.lit(None, pl.String).alias(name) for name in names if name not in known]
    return cells.Part(
        good.with_columns(missing).select("source_row", *names),
        pl.concat([ragged, *faulty]).sort("source_row"),
        rows.height,
    )


def _unvalued(formulas: int, first: str) -> Sequence[Note]:
    if not formulas:
        return ()
    return (
        Note(
            "formula_without_value",
            f"Có {formulas} ô công thức chưa được tính (ô đầu tiên: {first}), coi như trống; hãy mở bằng Excel và lưu "
            f"lại / {formulas} formulas have no value (the first in {first}) and count as blank: open the workbook in "
            "Excel and save it.",
        ),
    )
