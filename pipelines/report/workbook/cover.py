"""Writes the workbook's first sheet: whose list it is, its figures beside last night's, and how to answer."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import xlsxwriter

from pipelines.report import labels
from pipelines.report.workbook.styles import Formats, print_setup

COVER = "Hướng dẫn"
ANSWERED_BY = "Người trả lời"
"""Label of the cell, right beside it, where whoever answers writes a name."""

ALL = "needs_work"
"""Key of the sum in a list's counts; the others are groups of status."""

ANSWERS_TOLD = {
    "mended": "Đã sửa, hoặc không còn trong tệp",
    "open": "Đã trả lời nhưng hồ sơ vẫn như cũ",
    "third": "Hai người trả lời khác nhau, chờ người thứ ba",
    "refused": "Không nhận được câu trả lời",
}
"""What became of the answers that came back, by key."""


class Figures(NamedTuple):
    """A list's figures of one night."""

    night: str
    """`dd/mm/yyyy`."""
    counts: Mapping[str, int]


def write_cover(
    book: xlsxwriter.Workbook,
    formats: Formats,
    title: str,
    tonight: Figures,
    before: Figures | None,
    answered: Mapping[str, int],
    answers: Sequence[str],
) -> None:
    """Writes the sheet; `before` is the list of the last night that had one, `answered` counts by `ANSWERS_TOLD`."""
    sheet = book.add_worksheet(COVER)
    for column, width in enumerate((44, 22, 22)):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, "Danh sách hồ sơ cần xử lý", formats.title)
    sheet.write_string(1, 0, title, formats.section)
    sheet.set_row(3, 20)
    sheet.write_string(3, 0, ANSWERED_BY, formats.answer_header)
    sheet.merge_range(3, 1, 3, 2, "", formats.cell(wrap=False, answer=True))
    heads = ["Số hồ sơ", f"Đêm {tonight.night}", f"Đêm {before.night}" if before else "Đêm trước: chưa có"]
    for column, head in enumerate(heads):
        sheet.write_string(5, column, head, formats.header)
    row = 6
    titles = {ALL: "Cần xử lý", **{group.code: group.title_vi for group in labels.groups()}}
    for key, told in titles.items():
        if key == ALL or tonight.counts.get(key) or (before and before.counts.get(key)):
            sheet.write_string(row, 0, told, formats.cell(wrap=True))
            sheet.write_number(row, 1, tonight.counts.get(key, 0), formats.number)
            if before:
                sheet.write_number(row, 2, before.counts.get(key, 0), formats.number)
            else:
                sheet.write_string(row, 2, "–", formats.cell(wrap=False))
            row += 1
    row = _answered(sheet, formats, row, answered)
    sheet.write_string(row + 1, 0, "Cách làm", formats.section)
    for line in _steps(answers):
        row += 1
        sheet.merge_range(row + 1, 0, row + 1, 2, line, formats.text)
        sheet.set_row(row + 1, 15 * (1 + len(line) // 88) + 3)
    sheet.activate()
    sheet.protect("", {"format_columns": True, "format_rows": True})
    print_setup(sheet, 5, "Sạch Sống")


def _answered(sheet: "xlsxwriter.worksheet.Worksheet", formats: Formats, row: int, answered: Mapping[str, int]) -> int:
    """The next free row, below what became of the answers; nothing where none came back."""
    if not any(answered.values()):
        return row
    sheet.write_string(row + 1, 0, "Câu trả lời đã gửi về", formats.header)
    sheet.write_string(row + 1, 1, "Số hồ sơ", formats.header)
    row += 2
    for key, told in ANSWERS_TOLD.items():
        sheet.write_string(row, 0, told, formats.cell(wrap=True))
        sheet.write_number(row, 1, answered.get(key, 0), formats.number)
        row += 1
    return row


def _steps(answers: Sequence[str]) -> list[str]:
    return [
        f"1. Ghi tên vào ô màu vàng «{ANSWERED_BY}» ở trên: câu trả lời không có tên sẽ không được nhận.",
        "2. Trang «Tổng quan» đếm hồ sơ theo xã/phường và đơn vị; trang «Cần xử lý» có từng hồ sơ, lọc được theo cột.",
        "3. Sửa ở hệ thống nguồn của đơn vị theo cột «Việc cần làm». «Một chỗ sửa là khớp» là thông tin duy nhất mà "
        "sửa đúng thì hồ sơ khớp.",
        f"4. Chọn ở cột màu vàng «Kết quả xử lý»: {', '.join(f'«{answer}»' for answer in answers)}. Ghi chú nếu cần. "
        "Các ô khác không sửa được.",
        "5. Lưu rồi gửi lại tệp này (đừng đổi sang dạng khác). Tệp có thể gửi nhiều lần: mỗi câu trả lời chỉ được ghi "
        "một lần; câu không nhận được sẽ có lý do trong bản trả về.",
        "6. Danh sách đêm sau cho biết hồ sơ nào đã sửa, còn lại, không nhận được.",
    ]
