"""Writes each recipient's workbook: the records that need work, by commune and unit, to be answered and sent back.

Cells are never formulas or links, whatever a name looks like, and the file's properties hold the night and no clock, so
the bytes repeat. Workbooks are written side by side; the rows themselves go by `sheet_rows`, not cell by cell.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipelines.config import Run
from pipelines.files import own_outputs
from pipelines.report import labels, worklist
from pipelines.report.recipients import Recipient
from pipelines.report.workbook import cover
from pipelines.report.workbook.identity import RECORD, ListIdentity, write_identity
from pipelines.report.workbook.overview import write_codes, write_overview, write_rejected
from pipelines.report.workbook.sheet_rows import Block, block, put_rows
from pipelines.report.workbook.styles import WIDTH_POINTS, Formats, header_height, print_setup, row_heights
from pipelines.sectors.schema import Sector
from pipelines.workspace import atomic_files
from pipelines.workspace.issued_lists import HEADER_ROWS, LIST
from vn.ids import mask_column

ROWS_A_BOOK = 1_000_000
"""Most rows of a workbook: Excel ends at row 1,048,576; a longer list is in the CSV file beside it."""

ID_DIGITS = 12

OWN_WIDTH = 13
"""Characters that the unit and a sector's own columns share, so that the list can be read on paper."""

ANSWER, NOTE = "Kết quả xử lý", "Ghi chú"
MENDED, CANNOT, OTHER, SAME = "Đã sửa", "Không sửa được", "Không phải người này", "Đúng người này"
ANSWERS = (MENDED, CANNOT, OTHER)
"""What can be answered by who does not see what the registry holds; who does can also say `SAME`."""

IDENTITY = {"date_of_birth": "birth", "sex": "sex"}
"""Column of a sector that its records need not have → the list's."""


@dataclass(frozen=True)
class Field:
    """One column of the list."""

    name: str
    title: str
    width: int
    wrap: bool = True
    answer: bool = False


class List(NamedTuple):
    """What one workbook holds."""

    recipient: Recipient
    sector: Sector
    identity: ListIdentity
    rows: pl.DataFrame
    """As `shown`."""
    counted: Sequence[pl.DataFrame]
    """As `overview.counted_places`."""
    rejected: pl.DataFrame
    tonight: cover.Figures
    before: cover.Figures | None
    answered: Mapping[str, int]
    anchor: str
    """The audit log's head, in a sentence."""


def answers_of(recipient: Recipient) -> tuple[str, ...]:
    """What the recipient can answer."""
    return (*ANSWERS, SAME) if recipient.sees_corrections else ANSWERS


def write_list(run: Run, listed: List, rows_a_book: int = ROWS_A_BOOK) -> None:
    """Writes `reports/lists/<recipient>.xlsx`, and beside it the CSV file of a list that is too long for Excel.

    Shape: sheets «Hướng dẫn», «Tổng quan», «Cần xử lý», «Dòng bị loại» where rows were rejected, «Giải thích mã».
    """
    path = run.reports / "lists" / f"{listed.recipient.name}.xlsx"
    columns = [field for field in fields(listed.sector) if _is_held(field, listed.sector, listed.rows)]
    template = io.BytesIO()
    with _workbook(template, run, listed) as book:
        formats = Formats(book)
        cover.write_cover(
            book,
            formats,
            listed.recipient.title,
            listed.tonight,
            listed.before,
            listed.answered,
            answers_of(listed.recipient),
        )
        blocks = write_overview(book, formats, listed.recipient.title, listed.counted, listed.anchor)
        blocks.append(_write_list(book, formats, listed, columns, rows_a_book))
        if not listed.rejected.is_empty():
            blocks += write_rejected(book, formats, listed.rejected)
        blocks += write_codes(book, formats)
        write_identity(book, listed.identity)
    with atomic_files.atomic(path) as temporary:
        put_rows(template, temporary, blocks)
    if listed.rows.height > rows_a_book:
        told = listed.rows.select(pl.col(field.name).alias(field.title) for field in columns if not field.answer)
        with atomic_files.atomic(path.with_suffix(".csv")) as temporary:
            told.write_csv(temporary, include_bom=True)


def fields(sector: Sector) -> list[Field]:
    """The list's columns, in order; before the last, which is hidden, the two that the department fills in.

    Together no wider than A4 across at a size that can be read (styles.READABLE).
    """
    own = [sector.find(name) for name in worklist.own_columns(sector)]
    unit = sector.with_role("unit")
    widths = {column.name: min(8, max(5, len(column.example))) for column in own}
    return [
        Field("commune", "Xã/phường", 9),
        *([Field("unit", unit.title_vi, max(8, OWN_WIDTH - sum(widths.values())))] if unit else []),
        Field("place_in_file", "Tệp · dòng", 9),
        Field("key", sector.find(sector.key).title_vi, 11),
        *(Field(column.name, column.title_vi, widths[column.name]) for column in own),
        Field("name", "Họ và tên", 11),
        Field("id", "Số định danh", 13),
        Field("birth", "Ngày sinh", 11),
        Field("sex", "Giới tính", 5),
        Field("wrong", "Sai ở đâu", 12),
        Field("reason_vi", "Vì sao chưa khớp", 15),
        Field("proposed_vi", "Đề xuất sửa", 13),
        Field("one_fix", "Một chỗ sửa là khớp", 8),
        Field("remedy_vi", "Việc cần làm", 17),
        Field("answer", ANSWER, 8, answer=True),
        Field("note", NOTE, 7, answer=True),
        Field("record_id", RECORD, 4, wrap=False),
    ]


def _is_held(field: Field, sector: Sector, rows: pl.DataFrame) -> bool:
    """Whether the list has the column: not where no record has a value that the sector's records need not have."""
    is_asked = field.name not in {IDENTITY[name] for name in sector.not_asked}
    return is_asked or rows[field.name].count() > 0


def shown(rows: pl.DataFrame, sector: Sector) -> pl.DataFrame:
    """The rows of some lists as they are shown: `recipient, content, height` (in points), and the columns of `fields`,
    as text.

    Shape: `rows` as `worklist.rows_of`. The province stands beside the commune where a list has several.
    """
    province = labels.titles_of(rows["province_code"], labels.province_title)
    commune = labels.titles_of(rows["commune_code"], labels.commune_title)
    several = pl.col("province_code").n_unique().over("recipient") > 1
    both = pl.concat_str(commune, province, separator=", ", ignore_nulls=True)
    differs = labels.titles_of(rows["differs"], _differs)
    columns = fields(sector)
    told = rows.with_columns(
        pl.when(several).then(both).otherwise(commune).alias("commune"),
        mask_column(rows["id"]).alias("id"),
        _key(rows, sector),
        pl.concat_str(
            "status_vi", pl.when(differs != "").then(differs.str.to_lowercase()), separator=": ", ignore_nulls=True
        ).alias("wrong"),
        *(pl.lit(None, pl.String).alias(field.name) for field in columns if field.answer),
    )
    heights = row_heights(told, {field.name: field.width for field in columns if field.wrap and not field.answer})
    return told.select("recipient", "content", heights, *(field.name for field in columns))


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


def _workbook(target: io.BytesIO, run: Run, listed: List) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(
        target,
        {
            # Nothing is set down where the machine keeps everybody's files.
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": "Arial", "font_size": WIDTH_POINTS},
        },
    )
    night = run.settings.night
    book.set_properties(
        {
            "title": f"Sạch Sống: {listed.recipient.title}, đêm {night:%d/%m/%Y}",
            "author": "Sạch Sống",
            "comments": f"Lượt chạy {run.run_id}",
            "created": datetime(night.year, night.month, night.day),  # noqa: DTZ001  Excel's dates have no zone
        }
    )
    # By this it is known when it comes back (pipelines/files/own_outputs.py).
    book.set_custom_property(own_outputs.property_name(), run.run_id)
    return book


def _write_list(
    book: xlsxwriter.Workbook, formats: Formats, listed: List, columns: Sequence[Field], most_rows: int
) -> Block:
    """The list's rows, once all around them is written."""
    sheet = book.add_worksheet(LIST)
    for index, field in enumerate(columns):
        sheet.set_column(index, index, field.width, None, {"hidden": field.title == RECORD})
    sheet.write_string(0, 0, f"Hồ sơ cần xử lý · {listed.recipient.title} · đêm {listed.tonight.night}", formats.title)
    sheet.write_string(1, 0, _told(listed.recipient), formats.note)
    sheet.set_row(2, header_height({field.title: field.width for field in columns}))
    for index, field in enumerate(columns):
        sheet.write_string(2, index, field.title, formats.answer_header if field.answer else formats.header)
    rows = listed.rows.select("height", *(field.name for field in columns)).head(most_rows)
    listing = block(sheet, HEADER_ROWS, [formats.cell(field.wrap, field.answer) for field in columns], rows)
    _finish_list(sheet, columns, listing.end, answers_of(listed.recipient))
    return listing


def _told(recipient: Recipient) -> str:
    seen = (
        "«Đề xuất sửa» có giá trị của CSDL quốc gia về dân cư: chỉ người được giao mới được xem."
        if recipient.sees_corrections
        else "Số định danh được che một phần; danh sách không nêu thông tin của CSDL quốc gia về dân cư."
    )
    return f"Sửa ở hệ thống nguồn của đơn vị, rồi ghi kết quả vào hai cột màu vàng. {seen}"


def _finish_list(sheet: Worksheet, columns: Sequence[Field], end: int, answers: Sequence[str]) -> None:
    last, answer = max(end - 1, HEADER_ROWS), [field.title for field in columns].index(ANSWER)
    sheet.data_validation(
        HEADER_ROWS,
        answer,
        last,
        answer,
        {
            "validate": "list",
            "source": list(answers),
            "error_title": ANSWER,
            "error_message": "Hãy chọn một mục của danh sách.",
        },
    )
    sheet.autofilter(HEADER_ROWS - 1, 0, last, len(columns) - 2)
    sheet.freeze_panes(HEADER_ROWS, 2)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
    print_setup(sheet, HEADER_ROWS - 1, "Sạch Sống · dữ liệu cá nhân, chỉ dùng trong đơn vị")
    sheet.print_area(0, 0, last, len(columns) - 2)
