"""Excel workbooks (XLSX): every visible sheet, every cell as text."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import fastexcel
import polars as pl

from pipelines.errors import UnreadableFile
from pipelines.read import cells
from pipelines.read.cells import SEARCHED_ROWS
from pipelines.read.notes import Note
from pipelines.read.sheet_xml import filled_rows

UNPACKED_LIMIT_BYTES = 2**30
UNPACKED_LIMIT_RATIO = 100
"""A list of people packs about 9:1; a bomb 400:1."""


def sheets(path: Path) -> Iterator[cells.Sheet]:
    """Each visible sheet that holds anything, in the workbook's order.

    Errors: UnreadableFile if the workbook is damaged, empty or unpacks to too much.
    """
    _refuse_bomb(path)
    try:
        workbook = fastexcel.read_excel(path)
        found = False
        for number, name in enumerate(workbook.sheet_names, start=1):
            sheet = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string", whitespace_as_null=True)
            if sheet.visible != "visible" or not sheet.height:
                continue
            found = True
            yield WorkbookSheet(path, number, name, sheet.to_polars())
    except fastexcel.FastExcelError as fault:
        raise UnreadableFile(
            "damaged_file",
            "Không mở được sổ Excel; hãy mở bằng Excel, lưu lại rồi nạp lại / the workbook is damaged: open and "
            "save it in Excel.",
        ) from fault
    if not found:
        raise UnreadableFile("empty_file", "Sổ Excel không có dòng nào / the workbook is empty.")


class WorkbookSheet:
    """One sheet of a workbook."""

    encoding = "utf-8"
    hidden = False
    notes: Sequence[Note] = ()
    merged: Sequence[cells.Merge] = ()

    def __init__(self, path: Path, number: int, name: str, frame: pl.DataFrame) -> None:
        self.name, self.number = name, number
        self._path = path
        text = frame.rename({old: f"c{position}" for position, old in enumerate(frame.columns)}).cast(pl.String)
        rows = cells.blanks_as_null(text).with_row_index("source_row", offset=1).cast({"source_row": pl.Int32})
        self._rows = rows.filter(~pl.all_horizontal(pl.exclude("source_row").is_null()))
        head = self._rows.head(SEARCHED_ROWS)
        self.head_rows: Sequence[int] = head["source_row"].to_list()
        self.head: Sequence[Sequence[str | None]] = head.drop("source_row").rows()

    def parts(self, header_row: int, width: int) -> Iterator[cells.Part]:
        """The rows below the header, all at once; text beyond the last header makes a row ragged."""
        rows = self._rows.filter(pl.col("source_row") > header_row)
        names = [f"c{position}" for position in range(width)]
        beyond = [name for name in rows.columns if name not in ("source_row", *names)]
        overfull = pl.any_horizontal(pl.col(beyond).is_not_null()) if beyond else pl.lit(False)
        ragged = cells.refused_rows(
            rows.filter(overfull)["source_row"],
            "ragged_row",
            f"Dòng có chữ ngoài bảng (quá cột thứ {width}); hãy xóa hoặc đặt tên cột / text beyond the last header.",
        )
        counted = sum(len(rows) for rows in self.filled_rows(header_row))
        yield cells.Part(rows.filter(~overfull).select("source_row", *names), ragged, counted)

    def filled_rows(self, header_row: int) -> Iterator[pl.Series]:
        """Rows below the header with anything in a cell, counted in the sheet's XML."""
        yield pl.Series([row for row in filled_rows(self._path, self.number) if row > header_row], dtype=pl.Int32)


def _refuse_bomb(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    packed = path.stat().st_size
    if unpacked > UNPACKED_LIMIT_BYTES or (unpacked > 50_000_000 and unpacked > UNPACKED_LIMIT_RATIO * packed):
        raise UnreadableFile(
            "zip_bomb",
            f"Tệp giải nén ra {unpacked // 2**20} MB từ {packed // 2**20} MB, quá giới hạn; hãy lưu lại bằng Excel "
            "/ unpacks to far more than a list of people does: save it again in Excel.",
        )
