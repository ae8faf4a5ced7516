"""Writes the workbook's sheets around the list: counts by territory, rejected rows, the meaning of codes.

What they return are the tables' rows, for `sheet_rows.put_rows`.
"""

from collections.abc import Sequence
from functools import cache

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipelines.report import labels
from pipelines.report.workbook.sheet_rows import Block, block
from pipelines.report.workbook.styles import Formats, header_height, print_setup, row_heights

OVERVIEW, REJECTED, CODES = "Tổng quan", "Dòng bị loại", "Giải thích mã"


def write_overview(
    book: xlsxwriter.Workbook, formats: Formats, title: str, by_unit: pl.DataFrame, anchor: str
) -> list[Block]:
    """Writes the sheet of counts: records that need work in each province, commune, and unit, by group of status; the
    audit log's head last.

    Shape: `by_unit` as `worklist.count_by_unit`.
    """
    sheet = book.add_worksheet(OVERVIEW)
    widths = [20, 22, 34, 12, *(11 for _ in labels.groups())]
    _set_widths(sheet, widths)
    sheet.write_string(0, 0, f"Tổng quan · {title}", formats.title)
    sheet.write_string(
        1,
        0,
        "Số hồ sơ cần xử lý theo nơi, đơn vị và nhóm tình trạng. Hồ sơ đã xác thực đúng hoặc chờ xác thực vẫn có trong "
        "danh sách khi còn thiếu hoặc sai thông tin khác.",
        formats.note,
    )
    row, blocks = 3, list[Block]()
    for title_of, keys in _BLOCKS:
        blocks.append(_block(sheet, formats, row, title_of, _counted(by_unit, keys), widths))
        row = 1 + blocks[-1].end
    sheet.write_string(row, 0, anchor, formats.note)
    _finish(sheet, 4)
    return blocks


_BLOCKS = (
    ("Theo tỉnh/thành phố", ("province_code",)),
    ("Theo xã/phường", ("province_code", "commune_code")),
    ("Theo đơn vị", ("province_code", "commune_code", "unit")),
)


def write_rejected(book: xlsxwriter.Workbook, formats: Formats, rejected: pl.DataFrame) -> list[Block]:
    """Writes the sheet of rows (or whole files) that did not become records, with the reason."""
    sheet = book.add_worksheet(REJECTED)
    widths = [28, 16, 9, 100]
    _set_widths(sheet, widths)
    sheet.write_string(0, 0, "Dòng không đọc thành hồ sơ được", formats.title)
    shown = rejected.select("source_file", "sheet", "source_row", labels.in_vietnamese(rejected["message"]))
    heads = ["Tệp", "Trang tính", "Dòng", "Lý do và cách sửa"]
    rows = _block(sheet, formats, 1, "", shown.rename(dict(zip(shown.columns, heads, strict=True))), widths)
    sheet.freeze_panes(3, 0)
    _finish(sheet, 2)
    return [rows]


def write_table(book: xlsxwriter.Workbook, formats: Formats, name: str, title: str, table: pl.DataFrame) -> list[Block]:
    """Writes a sheet with one table of text, to be filtered and printed."""
    sheet = book.add_worksheet(name)
    widths = [max(8, min(24, len(head) + 2)) for head in table.columns]
    _set_widths(sheet, widths)
    sheet.write_string(0, 0, title, formats.title)
    rows = _block(sheet, formats, 1, "", table, widths)
    sheet.autofilter(2, 0, max(rows.end - 1, 3), table.width - 1)
    sheet.freeze_panes(3, 1)
    _finish(sheet, 2)
    return [rows]


def write_codes(book: xlsxwriter.Workbook, formats: Formats) -> list[Block]:
    """Writes the sheet on the meaning and the remedy of each status and issue, in both languages."""
    sheet = book.add_worksheet(CODES)
    widths = [24, 36, 36, 66]
    _set_widths(sheet, widths)
    sheet.write_string(0, 0, "Giải thích mã", formats.title)
    statuses, issues = _codes()
    first = _block(sheet, formats, 2, "Tình trạng của hồ sơ", statuses, widths)
    second = _block(sheet, formats, first.end + 1, "Vấn đề theo quy tắc", issues, widths)
    _finish(sheet, 3)
    return [first, second]


@cache
def _codes() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The statuses and the issues with what they mean, under the heads of their table."""
    heads = {"title_vi": "Nghĩa", "title_en": "Tiếng Anh", "remedy_vi": "Việc cần làm"}
    return (
        labels.status_frame().select(pl.col("status").alias("Mã"), *heads).rename(heads),
        labels.issue_frame().select(pl.col("issue").alias("Mã"), *heads).rename(heads),
    )


def _counted(by_unit: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """One row a place or unit, in the list's order: names, all, then one column for each group of status."""
    grouped = by_unit.with_columns(labels.titles_of(by_unit["status"], labels.group_of_status).alias("group"))
    counted = (
        grouped.group_by(keys)
        .agg(
            pl.col("records").sum().alias("Tổng cộng"),
            *(
                pl.col("records").filter(pl.col("group") == each.code).sum().alias(each.title_vi)
                for each in labels.groups()
            ),
        )
        .sort(keys, nulls_last=True)
    )
    # All tables have the same heads, since one of them is repeated on each printed page.
    every = pl.Series(["(tất cả)"] * counted.height, dtype=pl.String)
    names = {
        "Tỉnh/thành phố": labels.titles_of(counted["province_code"], labels.province_title).fill_null(
            "(không rõ tỉnh)"
        ),
        "Xã/phường": labels.titles_of(counted["commune_code"], labels.commune_title).fill_null("(không rõ xã)")
        if "commune_code" in keys
        else every,
        "Đơn vị": counted["unit"].fill_null("(không ghi đơn vị)") if "unit" in keys else every,
    }
    return pl.DataFrame(names).hstack(counted.drop(keys))


def _set_widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)


def _block(
    sheet: Worksheet, formats: Formats, row: int, title: str, table: pl.DataFrame, widths: Sequence[int]
) -> Block:
    """The rows of a table whose title is written at `row`; the frame's column names are the heads."""
    sheet.write_string(row, 0, title, formats.section)
    sheet.set_row(row + 1, header_height(dict(zip(table.columns, widths, strict=False))))
    for index, head in enumerate(table.columns):
        sheet.write_string(row + 1, index, head, formats.header)
    text = {name: width for (name, kind), width in zip(table.schema.items(), widths, strict=False) if kind == pl.String}
    styles = [formats.cell(wrap=True) if name in text else formats.number for name in table.columns]
    return block(sheet, row + 2, styles, table.select(row_heights(table, text), pl.all()))


def _finish(sheet: Worksheet, header_row: int) -> None:
    sheet.protect("", {"format_columns": True, "format_rows": True})
    print_setup(sheet, header_row, "Sạch Sống")
