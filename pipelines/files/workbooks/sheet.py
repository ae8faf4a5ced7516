"""Reads workbooks (XLSX, XLS, ODS): every sheet, every cell as text; opened in a child process."""

import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.files import sheet
from pipelines.files.sheet import SEARCHED_ROWS, Note
from pipelines.files.workbooks import notes
from pipelines.files.workbooks.child_process import WORKBOOKS, Isolated

_SPAN = {"column": pl.Int32, "last_column": pl.Int32}
_PART_CELLS = 5_000_000
_FAULTS = {
    "cells_disagree": "Hai cách đọc dòng này cho kết quả khác nhau; hãy mở bằng Excel, lưu lại rồi nạp lại "
    "/ two readers see different cells in this row: open the workbook in Excel and save it again.",
    "row_too_long": "Dòng dài hơn 1 MB / the row is over 1 MB.",
}


def sheets(path: Path, format_: str, scratch: Path, reader: Isolated = WORKBOOKS) -> Iterator[sheet.Sheet]:
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
        """`described`: by `pipelines.files.workbooks.open_workbook.sheets`."""
        self.name: str = described["name"]
        self.number: int = described["number"]
        self.hidden: bool = described["hidden"]
        self._described = described
        self._file, self._rows, self._covered = Path(described["file"]), described["rows"], Path(described["covered"])
        self._merges = [sheet.Merge(*merge) for merge in described["merges"]]
        self._unvalued = tuple(notes.unvalued(described["unvalued"], described["first_unvalued"]))
        self.notes: Sequence[Note] = self._unvalued
        head = self._slice(0, SEARCHED_ROWS).drop("fault")
        self.head_rows: Sequence[int] = head["source_row"].to_list()
        self.head: Sequence[Sequence[str | None]] = head.drop("source_row").rows()
        last = self.head_rows[-1]
        self.merged: Sequence[sheet.Merge] = [merge for merge in self._merges if merge.first_row <= last]

    def parts(self, header_row: int, width: int) -> Iterator[sheet.Chunk]:
        """The rows below the header, some at a time; text beyond the last header makes a row ragged."""
        covered, other_merges = self._under_merges(header_row, width)
        self.notes = (
            *self._unvalued,
            *notes.hidden(self._described, header_row),
            *notes.merged(other_merges, covered),
        )
        for rows in self._below(header_row):
            yield _part(_filled(rows, covered), width)

    def filled_rows(self, header_row: int) -> Iterator[pl.Series]:
        """Rows below the header in which either reader found more than white space."""
        for rows in self._below(header_row):
            yield rows["source_row"]

    def _below(self, header_row: int) -> Iterator[pl.DataFrame]:
        step = max(1, _PART_CELLS // len(self.head[0]))
        for start in range(0, self._rows, step):
            yield self._slice(start, step).filter(pl.col("source_row") > header_row)

    def _slice(self, start: int, rows: int) -> pl.DataFrame:
        return pl.scan_ipc(self._file, glob=False).slice(start, rows).collect()

    def _under_merges(self, header_row: int, width: int) -> tuple[pl.DataFrame, list[sheet.Merge]]:
        """Cells below the header that a merge of their column covers, with its text; and the merges of other kinds."""
        as_headings = {
            (merge.first_column, merge.last_column)
            for merge in self._merges
            if merge.first_row <= header_row == merge.last_row
        }
        others = [
            merge
            for merge in self._merges
            if merge.last_row > max(merge.first_row, header_row)
            and (merge.first_row <= header_row or not _is_of_one_column(merge, as_headings))
        ]
        spans = pl.DataFrame(list(as_headings), schema=_SPAN, orient="row")
        below = (
            pl.scan_ipc(self._covered, glob=False)
            .collect()
            .filter(pl.col("first_row") > header_row, pl.col("column") <= width)
        )
        one = pl.col("column") == pl.col("last_column")
        wide = below.filter(~one).join(spans, on=list(_SPAN), how="semi")
        return pl.concat([below.filter(one), wide]).sort("source_row", "column"), others


def _is_of_one_column(merge: sheet.Merge, as_headings: Collection[tuple[int, int]]) -> bool:
    """Also one as wide as a header's own merge: that is the column then."""
    return merge.first_column == merge.last_column or (merge.first_column, merge.last_column) in as_headings


def _filled(rows: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """The rows with these texts, by `source_row` and `column`, in their empty cells."""
    for (column,), some in texts.partition_by("column", as_dict=True).items():
        name = f"c{int(str(column)) - 1}"
        found = rows.select("source_row").join(
            some.select("source_row", "text"), on="source_row", how="left", maintain_order="left"
        )
        rows = rows.with_columns(pl.coalesce(name, found["text"]).alias(name))
    return rows


def _part(rows: pl.DataFrame, width: int) -> sheet.Chunk:
    names = [f"c{position}" for position in range(width)]
    known = set(rows.columns)
    beyond = sorted(known - {"source_row", "fault", *names})
    overfull = pl.any_horizontal(pl.col(beyond).is_not_null()) if beyond else pl.lit(False)
    ragged = sheet.refused_rows(
        rows.filter(overfull)["source_row"],
        "ragged_row",
        f"Dòng có chữ ngoài bảng (quá cột thứ {width}); hãy xóa hoặc đặt tên cột / text beyond the last header.",
    )
    faulty = [
        sheet.refused_rows(rows.filter(pl.col("fault") == code)["source_row"], code, message)
        for code, message in _FAULTS.items()
    ]
    good = rows.filter(pl.col("fault").is_null() & ~overfull)
    missing = [pl.lit(None, pl.String).alias(name) for name in names if name not in known]
    return sheet.Chunk(
        good.with_columns(missing).select("source_row", *names),
        pl.concat([ragged, *faulty]).sort("source_row"),
        rows.height,
    )
