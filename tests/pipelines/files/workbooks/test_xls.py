"""What comes out of an XLS file, as old programs write it."""

import datetime
import struct
import unicodedata
from pathlib import Path

import pytest
import xlwt
from xlwt.CompoundDoc import XlsDoc

from pipelines.errors import UnreadableFile
from tests.pipelines.files.workbooks.building import rows_of, sheets_of

DATE = xlwt.easyxf(num_format_str="dd/mm/yyyy")
PADDED = xlwt.easyxf(num_format_str="000000000000")
PLAIN = xlwt.easyxf()


@pytest.mark.parametrize(
    ("value", "style", "text", "why"),
    [
        ("Nguyễn Văn An", PLAIN, "Nguyễn Văn An", "a text"),
        ("a\nb", PLAIN, "a\nb", "a line break"),
        ("079203012345", PLAIN, "079203012345", "a text of digits"),
        (79203012345, PLAIN, "79203012345", "a number"),
        (1.23e11, PLAIN, "123000000000", "a number has all its digits"),
        (0.1, PLAIN, "0.1", "a fraction"),
        (79203012345, PADDED, "079203012345", "the officer sees twelve digits"),
        (datetime.date(2012, 10, 6), DATE, "2012-10-06 00:00:00", "a date"),
        (79203012345, DATE, "79203012345", "a number in a column of dates: the first reader loses it"),
        (True, PLAIN, "true", "yes or no"),
    ],
)
def test_a_cell(tmp_path: Path, value: object, style: xlwt.XFStyle, text: str, why: str) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    book.add_sheet("S").write(2, 1, value, style)
    book.save(str(tmp_path / "x.xls"))
    assert rows_of(tmp_path / "x.xls") == [(3, None, text)], why


def test_errors_blanks_formatted_text_and_formulas(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("S")
    sheet.row(0).set_cell_error(0, 0x2A)
    sheet.write(1, 0, "   ")
    sheet.write(2, 0, "", DATE)
    sheet.write_rich_text(3, 0, ["Ng", ("uyễn", xlwt.easyfont("bold true"))])
    sheet.write(4, 0, xlwt.Formula("1+1"))
    sheet.write(4, 1, "b")
    book.save(str(tmp_path / "x.xls"))
    assert rows_of(tmp_path / "x.xls") == [(1, "#N/A", None), (4, "Nguyễn", None), (5, None, "b")]


def test_sheets_hidden_ones_and_merges(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    first, _, hidden = book.add_sheet("Lớp 6"), book.add_sheet("trống"), book.add_sheet("Ẩn")
    first.write_merge(0, 0, 0, 3, "DANH SÁCH")
    first.write_merge(3, 5, 1, 1, "6A")
    hidden.write(0, 0, "x")
    hidden.visibility = 2
    book.save(str(tmp_path / "x.xls"))
    found = sheets_of(tmp_path / "x.xls")
    assert [(sheet["number"], sheet["name"], sheet["hidden"]) for sheet in found] == [
        (1, "Lớp 6", False),
        (3, "Ẩn", True),
    ]
    assert found[0]["merges"] == [(1, 1, 1, 4), (4, 6, 2, 2)]


def test_dates_of_the_1904_system(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = True
    book.add_sheet("S").write(0, 0, 39726, DATE)
    book.save(str(tmp_path / "x.xls"))
    assert rows_of(tmp_path / "x.xls") == [(1, "2012-10-06 00:00:00")]


def records_of(path: Path) -> tuple[bytes, int]:
    """The file, and where its first record (BOF) stands."""
    data = path.read_bytes()
    return data, data.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")


def save_plain(path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    book.add_sheet("S").write(0, 0, "An")
    book.save(str(path))


def test_a_password_is_told(tmp_path: Path) -> None:
    """The record after the first becomes FILEPASS, which says that all others are encrypted."""
    save_plain(tmp_path / "x.xls")
    data, start = records_of(tmp_path / "x.xls")
    next_ = start + 20
    locked = data[:next_] + b"\x2f\x00" + data[next_ + 2 :]
    (tmp_path / "x.xls").write_bytes(locked)
    with pytest.raises(UnreadableFile, match="mật khẩu") as refusal:
        sheets_of(tmp_path / "x.xls")
    assert refusal.value.code == "password"


def test_excel_4_is_told(tmp_path: Path) -> None:
    cell = b"\x04\x02\x0a\x00" + b"\x00\x00" * 3 + b"\x02\x00An"
    (tmp_path / "x.xls").write_bytes(b"\x09\x04\x06\x00\x00\x00\x10\x00\x00\x00" + cell + b"\x0a\x00\x00\x00")
    with pytest.raises(UnreadableFile, match="Excel 4") as refusal:
        sheets_of(tmp_path / "x.xls")
    assert refusal.value.code == "old_excel"


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_file_cut_off_is_never_read_in_part(tmp_path: Path, kept: float) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("S")
    for number in range(500):
        sheet.write(number, 0, f"Nguyễn {number}")
    book.save(str(tmp_path / "x.xls"))
    data = (tmp_path / "x.xls").read_bytes()
    (tmp_path / "x.xls").write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(UnreadableFile, match="hỏng"):
        sheets_of(tmp_path / "x.xls")


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def excel_95(path: Path, code_page: int, texts: list[bytes]) -> Path:
    """A file of Excel 95, whose texts are bytes of its code page."""
    font = record(0x31, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05Arial")
    styles = record(0xE0, struct.pack("<8H", 0, 0, 0xFFF5, 0, 0, 0, 0, 0)) * 16
    book = (
        record(0x809, struct.pack("<4H", 0x500, 5, 0, 0)) + record(0x42, struct.pack("<H", code_page)) + font + styles
    )
    at = len(book) + 12 + 4
    listed = record(0x85, struct.pack("<IBBB", at, 0, 0, 1) + b"S") + record(0x0A, b"")
    cells = b"".join(record(0x204, struct.pack("<4H", row, 0, 0, len(text)) + text) for row, text in enumerate(texts))
    stream = book + listed + record(0x809, struct.pack("<4H", 0x500, 0x10, 0, 0)) + cells + record(0x0A, b"")
    XlsDoc().save(str(path), stream.ljust(8192, b"\0"))
    return path


@pytest.mark.parametrize(
    ("code_page", "text", "read", "why"),
    [
        (1258, b"Nguy\xea\xden", "Nguyễn", "base letter and combining tone"),
        (1252, b"Tr\xe0", "Trà", "Western"),
        (1252, b"Nguy\xd4n", "NguyÔn", "TCVN3 in a Western file: mended further on"),
    ],
)
def test_excel_95(tmp_path: Path, code_page: int, text: bytes, read: str, why: str) -> None:
    ((row, cell),) = rows_of(excel_95(tmp_path / "x.xls", code_page, [text]))
    assert (row, unicodedata.normalize("NFC", str(cell))) == (1, read), why


def test_an_unknown_code_page_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="bảng mã"):
        sheets_of(excel_95(tmp_path / "x.xls", 9999, [b"An"]))
