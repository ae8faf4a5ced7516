"""Writes the workbook's sheets around the list: counts by territory, rejected rows, the meaning of codes.

What they return are the tables' rows, for `sheet_rows.put_rows`.
"""

from collections.abc import Iterable, Sequence
from functools import cache

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipelines.report import labels
from pipelines.report.workbook.sheet_rows import Block, block
from pipelines.report.workbook.styles import Formats, header_height, print_setup, row_heights

OVERVIEW, REJECTED, CODES = "Tổng quan", "Dòng bị loại", "Giải thích mã"


def write_overview(
    book: xlsxwriter.Workbook, formats: Formats, title: str, counted: Sequence[pl.DataFrame], anchor: str
) -> list[Block]:
    """Writes the sheet of counts: records that need work in each province, commune, and unit, by group of status; the
    audit log's head last.

    Shape: `counted` a recipient's of `counted_places`.
    """
    sheet = book.add_worksheet(OVERVIEW)
    widths = [*_PLACE_WIDTHS, 12, *(11 for _ in labels.groups())]
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
    for title_of, table in zip(_BLOCKS, counted, strict=True):
        blocks.append(_block(sheet, formats, row, title_of, table, widths))
        row = 1 + blocks[-1].end
    sheet.write_string(row, 0, anchor, formats.note)
    _finish(sheet, 4)
    return blocks


_BLOCKS = {
    "Theo tỉnh/thành phố": ("province_code",),
    "Theo xã/phường": ("province_code", "commune_code"),
    "Theo đơn vị": ("province_code", "commune_code", "unit"),
}
_PLACE_WIDTHS = (20, 22, 34)


def counted_places(by_unit: pl.DataFrame, recipients: Iterable[str]) -> dict[str, list[pl.DataFrame]]:
    """Each recipient's rows of the overview's tables, in the tables' order; a table is empty without records.

    Shape: `by_unit` as `worklist.count_by_unit`, of all recipients: what is done for each of them costs more than rows.
    """
    titles = [each.title_vi for each in labels.groups()]
    group = labels.titles_of(by_unit["status"], labels.group_of_status)
    each_group = {each.title_vi: pl.col("records") * (group == each.code) for each in labels.groups()}
    rows = by_unit.with_columns(pl.col("records").alias(_ALL), **each_group)
    tables = {name: list[pl.DataFrame]() for name in recipients}
    for keys in _BLOCKS.values():
        sums = rows.group_by("recipient", *keys).agg(pl.col(_ALL, *titles).sum())
        table = _named(sums.sort("recipient", *keys, nulls_last=True), keys)
        parts = table.partition_by("recipient", as_dict=True, include_key=False)
        nothing = table.drop("recipient").clear()
        tables = {name: [*before, parts.get((name,), nothing)] for name, before in tables.items()}
    return tables


_ALL = "Tổng cộng"


def write_rejected(book: xlsxwriter.Workbook, formats: Formats, rejected: pl.DataFrame) -> list[Block]:
    """Writes the sheet of rows (or whole files) that did not become records, with the reason."""
    sheet = book.add_worksheet(REJECTED)
    widths = [28, 16, 9, 100]
    _set_widths(sheet, widths)
    sheet.write_string(0, 0, "Dòng không đọc thành hồ sơ được", formats.title)
    shown = rejected.select("source_file", "sheet", "source_row", labels.in_vietnamese(rejected["message"]))
    heads = ["Tệp", "Trang tính", "Dòng", "Lý do và cách sửa"]
    table = _with_heights(shown.rename(dict(zip(shown.columns, heads, strict=True))), widths)
    rows = _block(sheet, formats, 1, "", table, widths)
    sheet.freeze_panes(3, 0)
    _finish(sheet, 2)
    return [rows]


def write_table(book: xlsxwriter.Workbook, formats: Formats, name: str, title: str, table: pl.DataFrame) -> list[Block]:
    """Writes a sheet with one table of text, to be filtered and printed."""
    sheet = book.add_worksheet(name)
    widths = [max(8, min(24, len(head) + 2)) for head in table.columns]
    _set_widths(sheet, widths)
    sheet.write_string(0, 0, title, formats.title)
    rows = _block(sheet, formats, 1, "", _with_heights(table, widths), widths)
    sheet.autofilter(2, 0, max(rows.end - 1, 3), table.width - 1)
    sheet.freeze_panes(3, 1)
    _finish(sheet, 2)
    return [rows]


def write_codes(book: xlsxwriter.Workbook, formats: Formats) -> list[Block]:
    """Writes the sheet on the meaning and the remedy of each status and issue, in both languages."""
    sheet = book.add_worksheet(CODES)
    _set_widths(sheet, _CODE_WIDTHS)
    sheet.write_string(0, 0, "Giải thích mã", formats.title)
    statuses, issues = _codes()
    first = _block(sheet, formats, 2, "Tình trạng của hồ sơ", statuses, _CODE_WIDTHS)
    second = _block(sheet, formats, first.end + 1, "Vấn đề theo quy tắc", issues, _CODE_WIDTHS)
    _finish(sheet, 3)
    return [first, second]


_CODE_WIDTHS = (24, 36, 36, 66)


@cache
def _codes() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The statuses and the issues with what they mean, under the heads of their table, with the rows' heights."""
    heads = {"title_vi": "Nghĩa", "title_en": "Tiếng Anh", "remedy_vi": "Việc cần làm"}
    statuses = labels.status_frame().select(pl.col("status").alias("Mã"), *heads).rename(heads)
    issues = labels.issue_frame().select(pl.col("issue").alias("Mã"), *heads).rename(heads)
    return _with_heights(statuses, _CODE_WIDTHS), _with_heights(issues, _CODE_WIDTHS)


def _named(counted: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The counts with their rows' heights, and the places' names instead of codes."""
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
    places = pl.DataFrame(names)
    heights = row_heights(places, dict(zip(names, _PLACE_WIDTHS, strict=True)))
    return counted.select("recipient", heights).hstack(places).hstack(counted.drop("recipient", *keys))


def _set_widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)


def _block(
    sheet: Worksheet, formats: Formats, row: int, title: str, table: pl.DataFrame, widths: Sequence[int]
) -> Block:
    """The rows of a table whose title is written at `row`; after `height` the frame's column names are the heads."""
    heads = table.columns[1:]
    sheet.write_string(row, 0, title, formats.section)
    sheet.set_row(row + 1, header_height(dict(zip(heads, widths, strict=False))))
    for index, head in enumerate(heads):
        sheet.write_string(row + 1, index, head, formats.header)
    styles = [formats.cell(wrap=True) if table[name].dtype == pl.String else formats.number for name in heads]
    return block(sheet, row + 2, styles, table)


def _with_heights(table: pl.DataFrame, widths: Sequence[int]) -> pl.DataFrame:
    """A table with its rows' heights before it; only texts wrap."""
    texts = {name: width for name, width in zip(table.columns, widths, strict=True) if table[name].dtype == pl.String}
    return table.select(row_heights(table, texts), pl.all())


def _finish(sheet: Worksheet, header_row: int) -> None:
    sheet.protect("", {"format_columns": True, "format_rows": True})
    print_setup(sheet, header_row, "Sạch Sống")
