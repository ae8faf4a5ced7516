"""Rows that Polars writes into a workbook are what any reader finds there, whatever stands in a cell."""

import io
import zipfile
import zlib
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from pipelines.report.workbook import sheet_rows

LETTERS = st.characters(
    codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff", include_characters="\n\t"
)
CELLS = st.text(LETTERS, max_size=12)
"""Without what openpyxl does not undo (`_x0001_`)."""


def written(path: Path, rows: list[list[str | None]], first: int = 2) -> list[tuple[object, ...]]:
    """What openpyxl finds below the head of a workbook with these rows."""
    template = io.BytesIO()
    with xlsxwriter.Workbook(template, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet("Một"), book.add_format({"bold": True})
        for column in range(2):
            sheet.write_string(0, column, "đầu")
        frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
        frame = frame.select(pl.lit(15.5).alias("height"), "a", "b")
        block = sheet_rows.block(sheet, first - 1, [bold, bold], frame)
        sheet.autofilter(0, 0, 1 + len(rows), 1)
    sheet_rows.put_rows(template, path, [block])
    found = openpyxl.load_workbook(path)["Một"]
    assert all(cell.font.bold for row in found.iter_rows(min_row=first) for cell in row)
    return list(found.iter_rows(min_row=first, values_only=True))


def test_rows_are_found_as_they_were_given(tmp_path: Path) -> None:
    rows: list[list[str | None]] = [["Nguyễn Văn An", None], ["  hai chỗ ", "dòng\nhai"], ["=1+1", "<b>&amp;"]]
    assert written(tmp_path / "a.xlsx", rows) == [tuple(row) for row in rows]
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["Một"]["A4"].data_type == "s", "no formula"


def test_a_text_that_stands_in_many_cells_is_in_the_file_once(tmp_path: Path) -> None:
    written(tmp_path / "a.xlsx", [["Hà Nội", "An"], ["Hà Nội", " Hà Nội"], ["Hà Nội", None]])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        texts = book.read("xl/sharedStrings.xml").decode()
    assert texts.count("<si><t>Hà Nội</t></si>") == 1
    assert texts.count('<si><t xml:space="preserve"> Hà Nội</t></si>') == 1
    # Two cells of the template have «đầu»; five of the rows have a text, of three different ones; one has none.
    assert 'count="7" uniqueCount="5"' in texts


def test_every_part_is_packed_at_the_level_that_is_quick(tmp_path: Path) -> None:
    written(tmp_path / "a.xlsx", [[f"Nguyễn Văn {at % 97}", f"{at % 89} Lê Lợi"] for at in range(2000)])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        for entry in book.infolist():
            packing = zlib.compressobj(sheet_rows.LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
            content = book.read(entry)
            assert entry.compress_size == len(packing.compress(content) + packing.flush()), entry.filename
            assert entry.date_time == (1980, 1, 1, 0, 0, 0), "no clock in the bytes"


def test_a_list_without_rows_has_none(tmp_path: Path) -> None:
    assert written(tmp_path / "a.xlsx", []) == []


@pytest.mark.parametrize(
    ("cell", "xml"),
    [("a\x01b", "a_x0001_b"), ("_x0041_", "_x005F_x0041_"), ("a\x0b\x0c", "a_x000B__x000C_"), ("A & B", "A &amp; B")],
)
def test_letters_that_xml_cannot_hold(cell: str, xml: str) -> None:
    assert sheet_rows.escaped(pl.Series([cell]))[0] == xml


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    found = written(tmp_path_factory.mktemp("book") / "a.xlsx", [list(row) for row in rows])
    assert [[cell or "" for cell in row] for row in found] == [list(row) for row in rows]


def test_several_tables_of_one_sheet_each_stand_in_their_place(tmp_path: Path) -> None:
    template = io.BytesIO()
    with xlsxwriter.Workbook(template, {"in_memory": True}) as book:
        other, sheet, plain = book.add_worksheet("Một"), book.add_worksheet("Hai"), book.add_format({"num_format": "0"})
        other.write_string(0, 0, "đầu")
        sheet.write_string(0, 0, "trên")
        counts = pl.DataFrame({"height": [15.5] * 3, "place": ["a", "", None], "records": [1, 0, None]})
        first = sheet_rows.block(sheet, 1, [plain, plain], counts)
        sheet.write_string(first.end, 0, "giữa")
        nothing = sheet_rows.block(sheet, first.end + 1, [plain, plain], counts.clear())
        second = sheet_rows.block(sheet, nothing.end + 1, [plain, plain], counts.head(1))
    sheet_rows.put_rows(template, tmp_path / "a.xlsx", [first, nothing, second])
    found = openpyxl.load_workbook(tmp_path / "a.xlsx")["Hai"]
    assert found.dimensions == "A1:B7"
    assert list(found.iter_rows(values_only=True)) == [
        ("trên", None), ("a", 1), (None, 0), (None, None), ("giữa", None), (None, None), ("a", 1),
    ]  # fmt: skip


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    rows: list[list[str | None]] = [["a", "b"]] * 30
    written(tmp_path / "a.xlsx", rows)
    written(tmp_path / "b.xlsx", rows)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
