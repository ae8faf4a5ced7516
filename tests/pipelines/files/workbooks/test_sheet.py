"""Sheets of workbooks as the hop sees them: head, parts, ragged rows, notes; what is too much for the process."""

import random
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.errors import UnreadableFile
from pipelines.files.sheet import Merge, Sheet
from pipelines.files.workbooks import sheet as workbook
from pipelines.files.workbooks.child_process import WORKBOOKS, Isolated
from tests.pipelines.files.workbooks.building import ods, table, worksheet, xlsx


def only(path: Path) -> Sheet:
    (sheet,) = workbook.sheets(path, path.suffix[1:], path.parent)
    return sheet


def test_the_head_and_the_parts(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet("Lớp 6")
        sheet.merge_range("B2:D2", "DANH SÁCH")
        sheet.merge_range("B3:B4", "Họ tên")
        sheet.write_row("B5", ["An", 6, "x"])
        sheet.write("E7", "ngoài bảng")
        sheet.merge_range("B8:C9", "6A")
    sheet = only(tmp_path / "x.xlsx")
    assert (sheet.name, sheet.number, sheet.hidden, sheet.encoding) == ("Lớp 6", 1, False, "utf-8")
    assert sheet.head_rows == [2, 3, 5, 7, 8]
    assert sheet.head[2] == (None, "An", "6", "x", None)
    assert sheet.merged == [Merge(2, 2, 2, 4), Merge(3, 4, 2, 2), Merge(8, 9, 2, 3)]
    (part,) = sheet.parts(4, 4)
    assert part.rows.rows() == [(5, None, "An", "6", "x"), (8, None, "6A", None, None)]
    assert part.rejected.select("source_row", "code").rows() == [(7, "ragged_row")]
    assert part.counted == 3
    assert [rows.to_list() for rows in sheet.filled_rows(4)] == [[5, 7, 8]]
    (note,) = sheet.notes
    assert note.code == "merged_rows"
    assert "B8" in note.message


def test_a_header_wider_than_the_sheet_and_nothing_below(tmp_path: Path) -> None:
    sheet = only(xlsx(tmp_path / "x.xlsx", worksheet("<row><c><v>1</v></c></row>")))
    (part,) = sheet.parts(1, 3)
    assert (part.rows.columns, part.rows.height, part.counted) == (["source_row", "c0", "c1", "c2"], 0, 0)


def test_parts_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_PART_CELLS", 100)
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        for row in range(1000):
            sheet.write_row(row, 0, [row, "a"])
    parts = list(only(tmp_path / "x.xlsx").parts(1, 2))
    assert [part.rows.height for part in parts] == [49] + [50] * 19
    assert pl.concat([part.rows for part in parts])["source_row"].to_list() == list(range(2, 1001))
    assert sum(part.counted for part in parts) == 999


def test_rows_that_nobody_can_agree_on_are_rejected_with_their_place(tmp_path: Path) -> None:
    twice = '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>'
    long = f'<row r="3"><c r="A3" t="str"><v>{"x" * 1_100_000}</v></c></row>'
    sheet = only(xlsx(tmp_path / "x.xlsx", worksheet('<row r="1"><c r="A1"><v>1</v></c></row>' + twice + long)))
    (part,) = sheet.parts(1, 1)
    assert part.rejected.select("source_row", "code").rows() == [(2, "cells_disagree"), (3, "row_too_long")]
    assert (part.rows.height, part.counted) == (0, 2)


def test_formulas_without_a_value_are_noted(tmp_path: Path) -> None:
    rows = '<row><c r="A1"><v>1</v></c><c r="B1"><f>A1</f></c></row>'
    (note,) = only(xlsx(tmp_path / "x.xlsx", worksheet(rows))).notes
    assert note.code == "formula_without_value"
    assert "B1" in note.message


def test_ten_thousand_columns(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        for row in range(3):
            sheet.write_row(row, 0, [f"{row}/{column}" for column in range(10_000)])
    sheet = only(tmp_path / "x.xlsx")
    assert (len(sheet.head[0]), sheet.head[2][9999]) == (10_000, "2/9999")
    (part,) = sheet.parts(1, 10_000)
    assert (part.rows.height, part.rejected.height) == (2, 0)


def test_a_sheet_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    """Packed without being suspicious: no two rows are alike."""
    noise = random.Random(7)
    with xlsxwriter.Workbook(tmp_path / "x.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(6000):
            sheet.write_row(row, 0, [noise.random() for _ in range(10)])
    reader = Isolated(memory_bytes=80 * 2**20)
    with pytest.raises(UnreadableFile, match="bộ nhớ") as refusal:
        list(workbook.sheets(tmp_path / "x.xlsx", "xlsx", tmp_path, reader))
    assert refusal.value.code == "too_heavy"
    reader.close()


def test_a_repeated_row_is_no_bomb(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="16000"><text:p>a</text:p>'
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-cell></table:table-row>'
    with pytest.raises(UnreadableFile, match="1000000"):
        only(ods(tmp_path / "x.ods", table(row)))


@pytest.mark.parametrize("seed", range(25))
def test_a_damaged_workbook_is_read_whole_or_refused(tmp_path: Path, seed: int) -> None:
    """One byte of the sheet's XML is another: what is read then is no less than what the XML still says."""
    change = random.Random(seed)
    path = xlsx(
        tmp_path / "x.xlsx",
        worksheet(
            "".join(f'<row r="{row}"><c r="A{row}" t="str"><v>Nguyễn {row}</v></c></row>' for row in range(1, 40))
        ),
    )
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = bytearray(parts["xl/worksheets/sheet1.xml"])
    sheet[change.randrange(len(sheet))] = change.choice(b"<>/\"'rcv A19&\x00\xff")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (parts | {"xl/worksheets/sheet1.xml": bytes(sheet)}).items():
            archive.writestr(name, content)
    try:
        (part,) = only(path).parts(0, 1)
    except UnreadableFile:
        return
    assert part.rows.height + part.rejected.height == part.counted
    assert part.counted >= 38


def test_the_process_is_the_same_for_all_files(tmp_path: Path) -> None:
    pids = set()
    for number in range(3):
        only(xlsx(tmp_path / f"{number}.xlsx", worksheet("<row><c><v>1</v></c></row>")))
        assert WORKBOOKS._process is not None
        pids.add(WORKBOOKS._process.pid)
    assert len(pids) == 1


def test_a_merge_within_a_column_is_filled_downwards_and_told(tmp_path: Path) -> None:
    """Row 5 has nothing but what is merged: it stays blank. D6:E7 is as wide as its heading; F6:G7 is not."""
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row("A1", ["Mã", "Trường", "Lớp"])
        sheet.merge_range("D1:E1", "Xã")
        sheet.write_row("F1", ["Cha", "Mẹ"])
        sheet.write_column("A2", [1, 2, 3])
        sheet.merge_range("B2:B5", "Lê Lợi")
        sheet.merge_range("C3:C4", "6A")
        sheet.write_column("A6", [4, 5])
        sheet.merge_range("D6:E7", "Bến Nghé")
        sheet.merge_range("F6:G7", "không rõ")
    sheet = only(tmp_path / "x.xlsx")
    (part,) = sheet.parts(1, 7)
    assert part.rows.rows() == [
        (2, "1", "Lê Lợi", None, None, None, None, None),
        (3, "2", "Lê Lợi", "6A", None, None, None, None),
        (4, "3", "Lê Lợi", "6A", None, None, None, None),
        (6, "4", None, None, "Bến Nghé", None, "không rõ", None),
        (7, "5", None, None, "Bến Nghé", None, None, None),
    ]
    assert part.counted == 5
    filled, left = sheet.notes
    assert (filled.code, "3 vùng gộp" in filled.message, "4 ô" in filled.message, "B2" in filled.message) == (
        "merged_rows_filled",
        True,
        True,
        True,
    )
    assert (left.code, "F6" in left.message) == ("merged_rows", True)


def test_a_merge_is_filled_across_parts_and_never_out_of_the_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "_PART_CELLS", 4)
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_column("A1", ["Mã", "", 1, 2, 3])
        sheet.merge_range("B1:B3", "Lớp")
        sheet.merge_range("B4:B5", "6A")
    sheet = only(tmp_path / "x.xlsx")
    rows = pl.concat([part.rows for part in sheet.parts(1, 2)])
    assert rows.rows() == [(3, "1", None), (4, "2", "6A"), (5, "3", "6A")]
    assert [note.code for note in sheet.notes] == ["merged_rows_filled", "merged_rows"]


def test_what_nobody_sees_is_told_with_its_place(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        for row in range(9):
            sheet.write_row(row, 0, [row, "a", "b"])
        for hidden in (0, 3, 4, 7):
            sheet.set_row(hidden, None, None, {"hidden": True})
        sheet.set_row(20, None, None, {"hidden": True})
        sheet.set_column("B:B", None, None, {"hidden": True})
        sheet.set_column("E:XFD", None, None, {"hidden": True})
    sheet = only(tmp_path / "x.xlsx")
    (part,) = sheet.parts(1, 3)
    assert part.rows.height == 8
    rows, columns = sheet.notes
    assert (rows.code, columns.code) == ("hidden_rows", "hidden_columns")
    assert "Có 3 dòng đang ẩn (dòng 4–5, 8)" in rows.message
    assert "Có 1 cột đang ẩn (cột B)" in columns.message
