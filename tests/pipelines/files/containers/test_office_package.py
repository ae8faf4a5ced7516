"""Workbooks that unpack to too much, whatever their headers say."""

import tracemalloc
from pathlib import Path

import pytest

from pipelines.errors import UnreadableFile
from pipelines.files.containers import office_package
from tests.pipelines.files.containers.packed import Entry, deflated_zeros, entry, zip_of

BOOK = entry("xl/workbook.xml", b"<workbook/>")
BOMB = deflated_zeros(900)
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("parts", "code", "why"),
    [
        ([BOOK, entry(SHEET, b"<x/>" * 1000)], None, "a small workbook"),
        ([BOOK, entry(SHEET, bytes(2**20 - 20))], None, "1000:1, but below a megabyte"),
        ([BOOK, entry(SHEET, bytes(2**21))], "zip_bomb", "1000:1 and above"),
        ([BOOK, entry(SHEET, b"", packed=BOMB, size=900 * 2**20)], "zip_bomb", "a bomb that says so"),
        ([BOOK, entry(SHEET, b"<x/>", packed=BOMB)], "zip_bomb", "a bomb that claims four bytes"),
        ([BOOK, entry(SHEET, b"", packed=deflated_zeros(1)[:-8])], "damaged_file", "a small lie is one too"),
        ([BOOK, entry(SHEET, b"x"), entry(SHEET.upper(), b"y")], "damaged_file", "two parts of one name"),
        ([BOOK, entry(SHEET, b"x"), entry("xl/b.xml", b"x", at=0)], "zip_bomb", "parts that share bytes"),
        ([BOOK, entry(SHEET, b"x", method=14)], "unknown_packing", "LZMA, which no spreadsheet writes"),
    ],
)
def test_before_a_reader_gets_it(tmp_path: Path, parts: list[Entry], code: str | None, why: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(zip_of(*parts))
    if code is None:
        office_package.require_bounded(tmp_path / "a.xlsx")
        return
    with pytest.raises(UnreadableFile) as refusal:
        office_package.require_bounded(tmp_path / "a.xlsx")
    assert refusal.value.code == code, why


def test_memory_stays_small_before_a_bomb(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(zip_of(BOOK, entry(SHEET, b"<x/>", packed=BOMB)))
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFile):
            office_package.require_bounded(tmp_path / "a.xlsx")
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


def test_a_type_that_is_a_bomb_is_refused_before_it_is_held(tmp_path: Path) -> None:
    parts = [entry("mimetype", b"", packed=BOMB), entry("content.xml", b""), entry("META-INF/manifest.xml", b"")]
    (tmp_path / "a.ods").write_bytes(zip_of(*parts))
    with pytest.raises(UnreadableFile) as refusal:
        office_package.recognise(tmp_path / "a.ods")
    assert refusal.value.code == "zip_bomb"
