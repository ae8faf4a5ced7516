"""Writes a department's workbook: the records that need work, by province and commune, to be answered.

Rows stream from DuckDB into xlsxwriter's constant-memory mode, so a list of a million needs no more memory than one
of a hundred. Cells are never formulas or links, whatever a name looks like, and the file's properties hold the night
and no clock, so the bytes repeat.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipelines.config import Run
from pipelines.files import own_outputs
from pipelines.report import anchor, labels, worklist
from pipelines.report.cleaned import sectors_tonight
from pipelines.report.workbook.overview import write_codes, write_overview, write_rejected
from pipelines.report.workbook.styles import WIDTH_POINTS, Formats, header_height, print_setup, row_heights, write_rows
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector
from pipelines.workspace import atomic_files, run_tables
from vn.ids import mask_column

ROWS_A_BOOK = 1_000_000
"""Most rows of a workbook: Excel ends at row 1,048,576; the others go into `<sector>-2.xlsx`."""

ID_DIGITS = 12

OWN_WIDTH = 12
"""Characters that a sector's own columns share, so that the list can be read on paper."""

LIST = "Cần xử lý"
ANSWERS = ("Đã sửa", "Không sửa được", "Không phải người này")

HEADER_ROWS = 3
"""Number of rows above the list: title, explanation, header."""


@dataclass(frozen=True)
class Field:
    """One column of the list."""

    title: str
    width: int
    wrap: bool = False
    answer: bool = False


def write_workbooks(
    connection: duckdb.DuckDBPyConnection, run: Run, *, rows_a_book: int = ROWS_A_BOOK
) -> dict[str, int]:
    """Number of records listed for each sector; writes `reports/<sector>.xlsx` (and `-2`, `-3` … above `rows_a_book`).

    Shape: sheets «Tổng quan», «Cần xử lý» sorted by province and commune, «Dòng bị loại», «Giải thích mã».
    """
    sectors = _sectors(connection, run)
    return {sector.name: _write_sector(connection, run, sector, rows_a_book) for sector in sectors}


def _sectors(connection: duckdb.DuckDBPyConnection, run: Run) -> list[Sector]:
    """Also a sector of which every row was rejected: its department must learn that."""
    dropped = run_tables.query(connection, "SELECT DISTINCT sector FROM rejected")["sector"].to_list()
    named = {*sectors_tonight(connection), *dropped}
    return [each for name, each in schema.of_settings(run.settings).items() if name in named]


def _write_sector(connection: duckdb.DuckDBPyConnection, run: Run, sector: Sector, rows_a_book: int) -> int:
    total = worklist.list_sector(connection, sector)
    books = max(1, -(-total // rows_a_book))
    for number in range(1, books + 1):
        part = f" · phần {number}/{books}" if books > 1 else ""
        title = f"{sector.title_vi} · đêm {run.settings.night:%d/%m/%Y}{part}"
        path = run.reports / (f"{sector.name}.xlsx" if number == 1 else f"{sector.name}-{number}.xlsx")
        batches = worklist.batches(connection, (number - 1) * rows_a_book, rows_a_book)
        shown = (_shown(batch, sector) for batch in batches)
        with (
            # What streams is set down in the run's folder, not where the machine keeps everybody's.
            atomic_files.scratch(path.with_name(f".{path.name}.sheets.part")) as sheets,
            atomic_files.atomic(path) as temporary,
            _workbook(temporary, sheets, run, sector) as book,
        ):
            formats = Formats(book)
            write_overview(book, formats, title, worklist.count_by_place(connection, sector.name), anchor.sentence(run))
            _write_list(book, formats, title, sector, shown)
            write_rejected(book, formats, worklist.rejected(connection, sector.name))
            write_codes(book, formats)
    return total


def _workbook(path: Path, sheets: Path, run: Run, sector: Sector) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "tmpdir": str(sheets),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": "Arial", "font_size": WIDTH_POINTS},
        },
    )
    night = run.settings.night
    book.set_properties(
        {
            "title": f"Sạch Sống: {sector.title_vi}, đêm {night:%d/%m/%Y}",
            "author": "Sạch Sống",
            "comments": f"Lượt chạy {run.run_id}",
            "created": datetime(night.year, night.month, night.day),  # noqa: DTZ001  Excel's dates have no zone
        }
    )
    # By this it is known when it comes back (pipelines/files/own_outputs.py).
    book.set_custom_property(own_outputs.property_name(), run.run_id)
    return book


def fields(sector: Sector) -> list[Field]:
    """The list's columns, in order; the last two are the department's to fill in.

    Together no wider than A4 across at a size that can be read (styles.READABLE).
    """
    own = [sector.find(name) for name in worklist.own_columns(sector)]
    most = max(8, OWN_WIDTH // max(len(own), 1))
    return [
        Field("Tệp", 9, wrap=True),
        Field("Dòng", 5),
        Field(sector.find(sector.key).title_vi, 11, wrap=True),
        *(Field(column.title_vi, min(most, max(5, len(column.example))), wrap=True) for column in own),
        Field("Họ và tên", 12, wrap=True),
        Field("Số định danh", 13, wrap=True),
        Field("Ngày sinh", 11, wrap=True),
        Field("Giới tính", 5),
        Field("Tỉnh/thành phố", 11, wrap=True),
        Field("Xã/phường", 11, wrap=True),
        Field("Tình trạng", 13, wrap=True),
        Field("Thông tin chưa khớp", 9, wrap=True),
        Field("Việc cần làm", 25, wrap=True),
        Field("Kết quả xử lý", 8, answer=True),
        Field("Ghi chú", 7, answer=True),
    ]


def _shown(batch: pl.DataFrame, sector: Sector) -> pl.DataFrame:
    return batch.with_columns(
        mask_column(batch["id"]).alias("id"),
        _key(batch, sector),
        labels.titles_of(batch["province_code"], labels.province_title),
        labels.titles_of(batch["commune_code"], labels.commune_title),
        labels.titles_of(batch["differs"], _differs),
    )


def _key(batch: pl.DataFrame, sector: Sector) -> pl.Series:
    """The sector's own code; masked where it is an ID number, as social insurance numbers are since 01/08/2025.

    Where the table says that all of them are, also one that was not understood.
    """
    digits = batch["key"].str.replace_all(r"\D", "")
    is_id = (digits == batch["id"]).fill_null(False)
    kind = sector.find(sector.key).kind
    if kind == "bhxh":
        is_id |= (digits.str.len_chars() == ID_DIGITS).fill_null(False)
    elif kind == "id":
        is_id = batch["key"].is_not_null()
    return batch.select(pl.when(is_id).then(mask_column(batch["key"])).otherwise("key").alias("key"))["key"]


def _differs(codes: str) -> str:
    return ", ".join(worklist.SHOWN_FIELDS[code] for code in codes.split(",") if code)


def _write_list(
    book: xlsxwriter.Workbook, formats: Formats, title: str, sector: Sector, batches: Iterator[pl.DataFrame]
) -> None:
    sheet = book.add_worksheet(LIST)
    columns = fields(sector)
    for index, field in enumerate(columns):
        sheet.set_column(index, index, field.width)
    sheet.write_string(0, 0, f"Hồ sơ cần xử lý · {title}", formats.title)
    sheet.write_string(
        1,
        0,
        "Sửa ở hệ thống nguồn của đơn vị, rồi ghi kết quả vào hai cột màu vàng. "
        "Số định danh được che một phần; danh sách không nêu thông tin của CSDL quốc gia về dân cư.",
        formats.note,
    )
    sheet.set_row(2, header_height({field.title: field.width for field in columns}))
    for index, field in enumerate(columns):
        sheet.write_string(2, index, field.title, formats.answer_header if field.answer else formats.header)
    row = HEADER_ROWS
    for batch in batches:
        row = _write_batch(sheet, formats, columns, row, batch)
    _finish_list(sheet, columns, row)


def _write_batch(sheet: Worksheet, formats: Formats, columns: Sequence[Field], row: int, batch: pl.DataFrame) -> int:
    """The number of the next free row."""
    styles = [formats.cell(field.wrap, field.answer) for field in columns]
    widths = {name: field.width for name, field in zip(batch.columns, columns, strict=False) if field.wrap}
    answers = pl.DataFrame({field.title: [None] for field in columns if field.answer})
    cells = pl.concat([batch, pl.concat([answers] * batch.height)], how="horizontal")
    return write_rows(sheet, row, cells, row_heights(batch, widths), styles)


def _finish_list(sheet: Worksheet, columns: Sequence[Field], end: int) -> None:
    last, answer = max(end - 1, HEADER_ROWS), len(columns) - 2
    sheet.data_validation(
        HEADER_ROWS,
        answer,
        last,
        answer,
        {
            "validate": "list",
            "source": list(ANSWERS),
            "error_title": "Kết quả xử lý",
            "error_message": "Hãy chọn một trong ba mục của danh sách.",
        },
    )
    sheet.autofilter(HEADER_ROWS - 1, 0, last, len(columns) - 1)
    sheet.freeze_panes(HEADER_ROWS, 2)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
    print_setup(sheet, HEADER_ROWS - 1, "Sạch Sống · dữ liệu cá nhân, chỉ dùng trong đơn vị")
