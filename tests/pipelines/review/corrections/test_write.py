"""Corrected copies of archives, and of lists whose names and dates stand in several columns."""

import gzip
import zipfile

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from pipelines.config import Settings
from pipelines.registry import load
from pipelines.review.corrections import approve, write
from pipelines.review.corrections.write import Written
from tests.pipelines.nights import through

REGISTRY = """person_id,full_name,date_of_birth,sex,province,commune
079087001234,Nguyễn Văn An,1987-09-05,Nam,79,26734
079185012345,Trần Thị Kim Bình,1985-04-07,Nữ,79,26734
079190123456,Lê Hoàng Khôi,1990-02-01,Nam,79,26734
"""
HEAD = "Mã số BHXH;Họ đệm;Tên;Ngày;Tháng;Năm sinh;Giới tính;Số CCCD;Mã tỉnh\r\n"
AN = "7911111111;Nguyễn Văn;An;6;9;1987;Nam;079087001234;79\r\n"
BINH = "7922222222;Trần Thị Kim;Bính;7;4;1985;Nữ;079185012345;79\r\n"
KHOI = "7933333333;Lê Hoàng;Khôi;1;2;1990;Nam;079190123456;79\r\n"
MENDED = {AN: AN.replace(";6;9;", ";5;9;"), BINH: BINH.replace("Bính", "Bình")}


@pytest.fixture
def night(settings: Settings) -> Settings:
    (settings.workspace / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    load.load(settings, settings.workspace / "registry.csv", replace=True)
    (settings.workspace / "inbox" / "insurance" / "a.csv").unlink()
    return settings.model_copy(update={"asks": True})


def corrected(settings: Settings) -> list[Written]:
    """What is written once a night is over and its corrections are approved."""
    through(settings)
    approve.approve(settings, "Trần Văn Duyệt", "Quyết định 12")
    return write.write(settings)


def told(written: Written) -> list[tuple[str, ...]]:
    """File, row, column and whether it was filled in, of the list of changes."""
    list_ = pl.read_csv(written.changes, infer_schema=False)
    return list_.select("source_file", "source_row", "column", "filled_in").rows()


def test_a_zip_of_lists_in_parts_comes_back_as_it_came(night: Settings) -> None:
    path = night.workspace / "inbox" / "insurance" / "ds.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("quận 1/ds.csv", HEAD + AN + KHOI)
        archive.writestr("đọc kỹ.txt", "Danh sách quý 4")
        archive.writestr("quận 3/ds.csv", HEAD + BINH)
    written = corrected(night)
    assert [(each.source_file, each.filled_in, each.left) for each in written] == [
        ("ds.zip/quận 1/ds.csv", 1, 0),
        ("ds.zip/quận 3/ds.csv", 1, 0),
    ]
    assert {each.copy for each in written} == {night.workspace / f"corrections/{night.night}-1/insurance/ds.zip"}
    assert written[0].copy is not None
    with zipfile.ZipFile(written[0].copy) as archive:
        assert archive.namelist() == ["quận 1/ds.csv", "đọc kỹ.txt", "quận 3/ds.csv"]
        assert archive.read("quận 1/ds.csv").decode() == HEAD + MENDED[AN] + KHOI
        assert archive.read("quận 3/ds.csv").decode() == HEAD + MENDED[BINH]
        assert archive.read("đọc kỹ.txt").decode() == "Danh sách quý 4"
    assert told(written[0]) == [
        ("ds.zip/quận 1/ds.csv", "2", "date_of_birth", "yes"),
        ("ds.zip/quận 3/ds.csv", "2", "full_name", "yes"),
    ]


def test_a_gzip_comes_back_as_one(night: Settings) -> None:
    path = night.workspace / "inbox" / "insurance" / "ds.csv.gz"
    path.write_bytes(gzip.compress((HEAD + AN).encode()))
    (written,) = corrected(night)
    assert written.copy is not None
    assert gzip.decompress(written.copy.read_bytes()).decode() == HEAD + MENDED[AN]


def test_a_workbook_keeps_numbers_as_numbers_in_the_parts_of_a_date(night: Settings) -> None:
    path = night.workspace / "inbox" / "insurance" / "ds.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Danh sách")
        for row, line in enumerate((HEAD, AN, BINH)):
            for column, cell in enumerate(line.rstrip().split(";")):
                is_number = row > 0 and column in (3, 4, 5)
                sheet.write(row, column, int(cell) if is_number else cell)
    (written,) = corrected(night)
    assert (written.filled_in, written.left) == (2, 0)
    assert written.copy is not None
    rows = list(openpyxl.load_workbook(written.copy)["Danh sách"].iter_rows(values_only=True, min_row=2))
    assert [row[1:6] for row in rows] == [("Nguyễn Văn", "An", 5, 9, 1987), ("Trần Thị Kim", "Bình", 7, 4, 1985)]
