"""A workbook is written again with the changed cells, marked, and all else as it was."""

from datetime import date
from pathlib import Path

import openpyxl
import xlsxwriter

from pipelines.review.corrections.text_copy import Cell
from pipelines.review.corrections.workbook_copy import MARK, rewrite


def made(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Bìa").write_string(0, 0, "BHXH")
        sheet, day = book.add_worksheet("Danh sách"), book.add_format({"num_format": "dd/mm/yyyy"})
        bold = book.add_format({"bold": True, "font_color": "#FF0000"})
        sheet.merge_range(0, 0, 0, 3, "DANH SÁCH", bold)
        sheet.write_row(1, 0, ["Họ và tên", "Ngày sinh", "Số CCCD", "Lương"], bold)
        for row in range(2, 5):
            sheet.write_string(row, 0, "Nguyễn Văn An", bold)
            sheet.write_number(row, 1, 31_000 + row, day)
            sheet.write_formula(row, 3, "=1+1")
    return path


def test_cells_change_are_marked_and_keep_their_form(tmp_path: Path) -> None:
    source, target = made(tmp_path / "a.xlsx"), tmp_path / "b.xlsx"
    name, born = Cell(3, 0, "Nguyễn Văn An", "Nguyễn & Ân", 2), Cell(4, 1, "1984-11-17", "05/09/1987", 2)
    number, nowhere = Cell(5, 2, None, "079087001234", 2), Cell(99, 2, None, "079087001234", 2)
    done = rewrite(source, target, [name, born, number, nowhere], {born: date(1987, 9, 5)})
    assert done == {name, born, number}
    before, after = openpyxl.load_workbook(source), openpyxl.load_workbook(target)
    changed = {}
    for old, new in zip(before["Danh sách"].iter_rows(), after["Danh sách"].iter_rows(), strict=True):
        for was, now in zip(old, new, strict=True):
            marked = now.fill.fgColor.rgb == MARK
            assert marked == (was.value != now.value), now.coordinate
            assert (was.font.bold, was.number_format) == (now.font.bold, now.number_format), now.coordinate
            if marked:
                changed[now.coordinate] = now.value
    assert changed.pop("B4").date() == date(1987, 9, 5), "a date cell stays one"
    assert changed == {"A3": "Nguyễn & Ân", "C5": "079087001234"}
    assert before["Danh sách"].merged_cells.ranges == after["Danh sách"].merged_cells.ranges
    assert after["Bìa"]["A1"].value == "BHXH"


def test_the_same_changes_are_the_same_bytes(tmp_path: Path) -> None:
    source, cell = made(tmp_path / "a.xlsx"), Cell(3, 0, None, "Ân", 2)
    for name in ("b.xlsx", "c.xlsx"):
        rewrite(source, tmp_path / name, [cell], {})
    assert (tmp_path / "b.xlsx").read_bytes() == (tmp_path / "c.xlsx").read_bytes()
