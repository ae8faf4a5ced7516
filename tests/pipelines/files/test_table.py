"""Files as they arrive: which rows become records, which are rejected, and that they always add up."""

import datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.sectors import schema
from tests.pipelines.files.whole import Whole, whole_tables

STUDENTS = schema.load("students")
HEADER = "Họ và tên,Ngày sinh,Giới tính,Số định danh,Lớp"
AN = "Nguyễn Văn An,05/09/2012,Nam,079212001234,6A1"
BINH = "Trần Thị Bình,06/10/2012,Nữ,079312001235,6A2"


def read_text(tmp_path: Path, text: str) -> Whole:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode())
    (table,) = whole_tables(path, STUDENTS)
    return table


@pytest.mark.parametrize(
    ("text", "rows", "rejected", "why"),
    [
        (f"{HEADER}\n{AN}\n{BINH}\n", [2, 3], [], "plain"),
        (f"{HEADER}\r\n{AN}\r\n{BINH}", [2, 3], [], "Windows line ends, none at the end"),
        (f"{HEADER}\r{AN}\r{BINH}\r", [2, 3], [], "old Mac line ends"),
        (f"{HEADER}\n\n{AN}\n,,,,\n{BINH}\n", [3, 5], [], "empty rows keep their number and are no data"),
        (f"{HEADER}\n{AN},,,\n", [2], [], "empty cells behind the table"),
        (f"{HEADER}\n{AN},x\n{BINH}\n", [3], [(2, "ragged_row")], "text behind the table"),
        (f"{HEADER}\n{BINH}\n{AN},x,y\n", [2], [(3, "ragged_row")], "text behind the table in a later row"),
        (f"{HEADER}\n{BINH}\n{AN},,,\n", [2, 3], [], "empty cells behind the table in a later row"),
        (f"{HEADER}\nNguyễn Văn An,05/09/2012\n{BINH}\n", [3], [(2, "ragged_row")], "too few cells"),
        (f"{HEADER}\n{AN}\n{BINH[:5]}\x00{BINH[5:]}\n", [2], [(3, "nul_byte")], "NUL byte"),
        (f'{HEADER}\n"Nguyễn\nVăn An",05/09/2012,Nam,1,6A\n{BINH}\n', [2, 3], [], "a line break inside quotes"),
        (f"{HEADER}\n{AN}\nTổng cộng: 1 học sinh,,,,\n", [2], [(3, "not_a_record")], "a total"),
        (f"{HEADER}\n{AN}\nTổng cộng,,1,,\n", [2], [(3, "not_a_record")], "a total and its figure"),
        (f"STT,{HEADER}\n1,{AN}\nTổng cộng: 1,,,,,\n", [2], [(3, "not_a_record")], "a total under a column unknown"),
        (f'{HEADER}\n{AN}\n,,,"Hà Nội, ngày 21 tháng 11 năm 2026",\n', [2], [(3, "not_a_record")], "place and date"),
        (f"{HEADER}\n{AN}\n,,,Huế ngày      tháng     năm 2026,\n", [2], [(3, "not_a_record")], "a date to fill in"),
        (f"STT,{HEADER}\n,{AN}\n3,,,,,\nTHÔN ĐÔNG,,,,,\n", [2], [(3, "not_a_record"), (4, "not_a_record")], "nobody"),
        (
            f"STT,{HEADER}\nI,Tăng,,,,\n1,{AN}\n,Cộng tăng,,,,\n",
            [3],
            [(2, "not_a_record"), (4, "not_a_record")],
            "groups",
        ),
        (
            f"{HEADER}\n{AN}\nNgười lập biểu,,,,\nLê Thị Hoa,,,,\n",
            [2],
            [(3, "not_a_record"), (4, "not_a_record")],
            "signed",
        ),
        (f"{HEADER}\nTống Văn An,,,,\n{AN}\n", [2, 3], [], "a pupil of whom only the name is known"),
        (f"ma_hoc_sinh,{HEADER}\n7900123456,,,,,\n", [2], [], "a pupil of whom only the code is known"),
        (f"{HEADER},dia_chi\nTrần Thị Bình,,,,6A,Cộng Hòa\n", [2], [], "a street that begins like a total"),
        (f"{HEADER}\n{AN}\n{HEADER}\n{BINH}\n", [2, 4], [(3, "repeated_header")], "the header again"),
        (f"{HEADER}\n(1),(2),(3),(4),(5)\n{AN}\n", [3], [(2, "column_numbers")], "a line of column numbers"),
        (f"TRƯỜNG THCS,,,,\nDanh sách,,,,\n{HEADER}\n{AN}\n", [4], [], "titles above"),
        (f"{HEADER}\n", [], [], "no data rows at all"),
        (f"{HEADER}\n{AN}\n" + "x" * 1_100_000 + ",,,,\n", [2], [(3, "row_too_long")], "a row over 1 MB"),
    ],
)
def test_text_files(tmp_path: Path, text: str, rows: list[int], rejected: list[tuple[int, str]], why: str) -> None:
    table = read_text(tmp_path, text)
    assert table.rows["source_row"].to_list() == rows, why
    assert list(zip(table.rejected["source_row"], table.rejected["code"], strict=True)) == rejected, why


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_delimiter(tmp_path: Path, delimiter: str) -> None:
    table = read_text(tmp_path, f"{HEADER}\n{AN}\n".replace(",", delimiter))
    assert table.rows.row(0, named=True)["id_number"] == "079212001234"


@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_full_of_vietnamese_letters_is_text(tmp_path: Path, encoding: str, mark: str) -> None:
    rows = "Nguyễn Thị Thương Hường,01/01/2012,Nữ,079312001236,6A3\n" * 40
    path = tmp_path / "list.csv"
    path.write_bytes((mark + f"{HEADER}\n{rows}").encode(encoding))
    (table,) = whole_tables(path, STUDENTS)
    assert (table.rows.height, table.rows["full_name"][39]) == (40, "Nguyễn Thị Thương Hường")


def test_cells_stay_text_and_unknown_columns_are_kept(tmp_path: Path) -> None:
    table = read_text(tmp_path, f"STT,{HEADER},Dân tộc\n1,{AN},Kinh\n")
    row = table.rows.row(0, named=True)
    assert (row["id_number"], row["date_of_birth"]) == ("079212001234", "05/09/2012")
    assert row["extra"] == '{"STT":"1","Dân tộc":"Kinh"}'
    assert table.table.header is not None
    assert table.table.header.unknown == {0: "STT", 6: "Dân tộc"}


def test_an_unclosed_quote_takes_its_own_row_only(tmp_path: Path) -> None:
    table = read_text(tmp_path, f'{HEADER}\n{AN}\n"Trần Thị Bình,06/10/2012,Nữ,1,6A\n{BINH}\n')
    assert table.rejected.select("source_row", "code").rows() == [(3, "unclosed_quote")]
    assert table.rows["source_row"].to_list() == [2, 4]


def write_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Lớp 6")
        sheet.merge_range("B2:F2", "DANH SÁCH HỌC SINH")
        sheet.write_row("B4", HEADER.split(","))
        sheet.write_row("B5", AN.split(","))
        sheet.write_row("B7", BINH.split(",")[:1])
        sheet.write_datetime("C7", datetime.date(2012, 10, 6), book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_number("E7", 79312001235, book.add_format({"num_format": "000000000000"}))
        sheet.write("B8", "   ")
        sheet.write("B9", "Tổng cộng: 2")
        book.add_worksheet("trống")
        hidden = book.add_worksheet("ẩn")
        hidden.write_row("A1", HEADER.split(","))
        hidden.write_row("A2", AN.split(","))
        hidden.hide()


def test_a_workbook_with_titles_gaps_and_numbers(tmp_path: Path) -> None:
    write_workbook(tmp_path / "list.xlsx")
    table, hidden = whole_tables(tmp_path / "list.xlsx", STUDENTS)
    assert (hidden.table.sheet.name, hidden.rejected["code"].to_list()) == ("ẩn", ["hidden_sheet"] * 2)
    assert (table.table.sheet.name, table.table.sheet.number, table.table.below) == ("Lớp 6", 1, 4)
    assert table.rows["source_row"].to_list() == [5, 7]
    assert table.rows["id_number"].to_list() == ["079212001234", "079312001235"]
    assert table.rows["date_of_birth"][1].startswith("2012-10-06")
    assert table.rejected.rows() == [(9, "not_a_record", table.rejected["message"][0])]
    assert table.rows_counted == 3


def test_a_sheet_without_a_header_is_refused_with_all_its_rows(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "list.xlsx") as book:
        book.add_worksheet("Ghi chú").write_column("A1", ["một", "hai"])
        sheet = book.add_worksheet("Lớp 6")
        sheet.write_row("A1", HEADER.split(","))
        sheet.write_row("A2", AN.split(","))
    notes, pupils = whole_tables(tmp_path / "list.xlsx", STUDENTS)
    assert notes.table.refused is not None
    assert notes.table.refused.code == "no_header"
    assert (notes.rows_counted, notes.rejected.height) == (2, 2)
    assert pupils.rows.height == 1


def test_parquet_columns_become_text(tmp_path: Path) -> None:
    pl.DataFrame(
        {
            "ho_ten": ["Nguyễn Văn An", None],
            "ngay_sinh": [datetime.date(2012, 9, 5), None],
            "gioi_tinh": ["Nam", None],
            "so_cccd": [79212001234, None],
        }
    ).write_parquet(tmp_path / "list.parquet")
    (table,) = whole_tables(tmp_path / "list.parquet", STUDENTS)
    assert table.rows.row(0, named=True)["date_of_birth"] == "2012-09-05"
    assert table.rows["source_row"].to_list() == [2]
    assert table.rejected["code"].to_list() == ["blank_row"]
    assert table.rows_counted == 2


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        (
            "Họ đệm,Tên,Ngày,Tháng,Năm,Nam,Nữ,Số CCCD\nNguyễn Văn,An,5,9,2012,x,,079212001234\n",
            ("Nguyễn Văn An", "5/9/2012", "Nam", "079212001234"),
            "every value in columns of its own",
        ),
        (
            "Họ và tên,Năm sinh,,Số CCCD\n,Nam,Nữ,\nTrần Thị Bình,,2012,079312001235\n",
            ("Trần Thị Bình", "2012", "Nữ", "079312001235"),
            "the year of birth under the sex",
        ),
        (
            "Họ và tên,Ngày sinh,,,Nam,Nữ,Số CCCD\n,Ngày,Tháng,Năm,,,\nTrần Thị Bình,,10,2012,0,1,079312001235\n",
            ("Trần Thị Bình", "10/2012", "Nữ", "079312001235"),
            "no day; 0 and 1 as marks",
        ),
        (
            "Họ đệm,Tên,Ngày,Tháng,Năm,Giới tính,Số CCCD\nTrần Thị,Bình,5,,2012,Nữ,079312001235\n",
            ("Trần Thị Bình", "5/?/2012", "Nữ", "079312001235"),
            "no month: the day is not taken for it",
        ),
        (
            "Họ đệm,Tên,Ngày sinh,Nam,Nữ,Số CCCD\n,Bình,6/10/2012,x,x,1\n",
            ("Bình", "6/10/2012", "Nam/Nữ", "1"),
            "both sexes marked: told as it is",
        ),
    ],
)
def test_values_in_several_columns(tmp_path: Path, text: str, expected: tuple[str, ...], why: str) -> None:
    row = read_text(tmp_path, text).rows.row(0, named=True)
    assert (row["full_name"], row["date_of_birth"], row["sex"], row["id_number"]) == expected, why


def test_the_parts_of_a_value_and_cells_without_a_header_are_kept(tmp_path: Path) -> None:
    text = "Họ đệm,Tên,Ngày sinh,,Giới tính,Số CCCD,Ghi chú,Ghi chú\nTrần Thị,Bình,6/10/2012,?,Nữ,1,,b\n"
    row = read_text(tmp_path, text).rows.row(0, named=True)
    assert row["extra"] == '{"Họ đệm":"Trần Thị","Tên":"Bình","(cột 4)":"?","Ghi chú (8)":"b"}'
