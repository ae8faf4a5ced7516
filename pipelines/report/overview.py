"""The workbook's sheets around the list: counts by province and commune, rejected rows, what each code means."""

from collections.abc import Sequence

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipelines.report import labels
from pipelines.report.formats import Formats

OVERVIEW, REJECTED, CODES = "Tổng quan", "Dòng bị loại", "Giải thích mã"


def write_overview(book: xlsxwriter.Workbook, formats: Formats, title: str, by_place: pl.DataFrame) -> None:
    """First sheet: how many records need work in each province, then in each commune, by group of status."""
    sheet = book.add_worksheet(OVERVIEW)
    groups = labels.groups()
    grouped = by_place.with_columns(labels.named(by_place["status"], labels.group_of_status).alias("group"))
    sheet.set_column(0, 1, 24)
    sheet.set_column(2, 2, 12)
    sheet.set_column(3, 2 + len(groups), 13)
    sheet.write_string(0, 0, f"Tổng quan · {title}", formats.title)
    sheet.write_string(1, 0, "Số hồ sơ cần xử lý theo nơi và nhóm tình trạng.", formats.note)
    heads = ["Tổng cộng", *(group.title_vi for group in groups)]
    codes = [group.code for group in groups]
    row = _block(sheet, formats, 3, "Theo tỉnh/thành phố", ["Tỉnh/thành phố", "", *heads], _table(grouped, codes, commune=False))
    _block(sheet, formats, row + 1, "Theo xã/phường", ["Tỉnh/thành phố", "Xã/phường", *heads], _table(grouped, codes, commune=True))
    _print_setup(sheet)


def write_rejected(book: xlsxwriter.Workbook, formats: Formats, rejected: pl.DataFrame) -> None:
    """Rows (or whole files) that did not become records, with the reason."""
    sheet = book.add_worksheet(REJECTED)
    for column, width in enumerate((28, 16, 9, 22, 80)):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, "Dòng không đọc thành hồ sơ được", formats.title)
    heads = ["Tệp", "Trang tính", "Dòng", "Mã", "Lý do và cách sửa"]
    _block(sheet, formats, 1, "", heads, [series.to_list() for series in rejected.get_columns()])
    sheet.freeze_panes(3, 0)
    _print_setup(sheet)


def write_codes(book: xlsxwriter.Workbook, formats: Formats) -> None:
    """What each status and issue means, and what mends it, in both languages."""
    sheet = book.add_worksheet(CODES)
    for column, width in enumerate((22, 40, 40, 70)):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, "Giải thích mã", formats.title)
    statuses = labels.status_frame().select("status", "title_vi", "title_en", "remedy_vi")
    issues = labels.issue_frame().select("issue", "title_vi", "title_en", "remedy_vi")
    heads = ["Mã", "Nghĩa", "English", "Việc cần làm"]
    row = _block(sheet, formats, 2, "Tình trạng của hồ sơ", heads, [s.to_list() for s in statuses.get_columns()])
    _block(sheet, formats, row + 1, "Vấn đề theo quy tắc", heads, [s.to_list() for s in issues.get_columns()])
    _print_setup(sheet)


def _table(grouped: pl.DataFrame, codes: Sequence[str], *, commune: bool) -> list[list[object]]:
    """Columns of one block: place, (commune), all, one of each group; the order is the list's."""
    keys = ["province_code", "commune_code"] if commune else ["province_code"]
    counted = grouped.group_by(keys).agg(
        pl.col("records").sum().alias("all"),
        *(pl.col("records").filter(pl.col("group") == code).sum().alias(f"group_{code}") for code in codes),
    ).sort(keys, nulls_last=True)
    communes = (
        labels.named(counted["commune_code"], labels.commune_title).fill_null("(không rõ xã)").to_list()
        if commune
        else [""] * counted.height
    )
    provinces = labels.named(counted["province_code"], labels.province_title).fill_null("(không rõ tỉnh)").to_list()
    return [provinces, communes, *(counted[name].to_list() for name in counted.columns if name not in keys)]


def _block(
    sheet: Worksheet, formats: Formats, row: int, title: str, heads: Sequence[str], columns: Sequence[Sequence[object]]
) -> int:
    """The row after a titled table written at `row`. Rows must be written in order (constant memory)."""
    sheet.write_string(row, 0, title, formats.section)
    for index, head in enumerate(heads):
        sheet.write_string(row + 1, index, head, formats.header)
    row += 2
    for values in zip(*columns, strict=True):
        for index, value in enumerate(values):
            style = formats.number if isinstance(value, int) else formats.cell(wrap=True)
            sheet.write(row, index, value, style)
        row += 1
    return row


def _print_setup(sheet: Worksheet) -> None:
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&8Sạch Sống&R&8Trang &P/&N")
