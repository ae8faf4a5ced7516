"""Files written in pieces: encodings, cell types, the same bytes each time, nothing left behind by a failure."""

import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipelines.errors import BadInput
from pipelines.synthetic import files
from pipelines.synthetic.files import Form, sink, to_windows_1258

PIECES = [pl.DataFrame({"Họ tên": ["Nguyễn Thị Hòa"], "Số": [None]}, schema={"Họ tên": pl.String, "Số": pl.String})]
PIECES.append(PIECES[0].with_columns(Số=pl.lit("079,1")))


def write(path: Path, form: Form | None = None) -> Path:
    with sink(path, form) as target:
        for piece in PIECES:
            target.write(piece)
    return path


@pytest.mark.parametrize(
    ("encoding", "begins", "read_as"),
    [
        ("utf-8", "Họ".encode(), "utf-8"),
        ("utf-8-sig", b"\xef\xbb\xbfH", "utf-8-sig"),
        ("utf-16", b"\xff\xfeH\x00", "utf-16"),
    ],
)
def test_a_csv_has_one_mark_and_one_header(tmp_path: Path, encoding: str, begins: bytes, read_as: str) -> None:
    path = write(tmp_path / "a.csv", Form(encoding=encoding, delimiter=";", titles=("Danh sách",)))
    raw = path.read_bytes()
    text = raw.decode(read_as)
    assert text == "Danh sách\r\nHọ tên;Số\r\nNguyễn Thị Hòa;\r\nNguyễn Thị Hòa;079,1\r\n"
    path = write(tmp_path / "b.csv", Form(encoding=encoding))
    assert path.read_bytes().startswith(begins)


def test_windows_1258_keeps_hats_and_sets_tones_apart() -> None:
    assert to_windows_1258("Nguyễn Đức") == b"Nguy\xea\xden \xd0\xfd\xecc"
    with pytest.raises(UnicodeEncodeError):
        to_windows_1258("漢")


def test_a_workbook_has_titles_text_numbers_and_dates(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = {"Số": ["079087001234", "#79087001235", None], "Ngày": ["05/09/1987", "@31660", "1954"]}
    with sink(path, Form(titles=("DANH SÁCH", ""), created=date(2026, 11, 22))) as target:
        target.write(pl.DataFrame(rows))
    sheet = openpyxl.load_workbook(path).worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0] == ["DANH SÁCH", None]
    assert cells[2:4] == [["Số", "Ngày"], ["079087001234", "05/09/1987"]]
    assert cells[4][0] == 79_087_001_235
    assert cells[4][1].date() == date(1986, 9, 5)
    assert cells[5] == [None, "1954"]


def test_a_workbook_says_nothing_of_the_machine(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name).read_bytes() for name in ("a.xlsx", "b.xlsx"))
    assert first == second
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_rows_that_a_sheet_cannot_hold_are_refused_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "XLSX_ROWS", 2)
    with pytest.raises(BadInput, match="too many rows"):
        write(tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.xlsx"])
def test_a_failure_leaves_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(RuntimeError), sink(tmp_path / name) as target:  # noqa: PT012 (the failure is in the middle)
        target.write(PIECES[0])
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_parquet_is_written_in_row_groups(tmp_path: Path) -> None:
    frame = pl.read_parquet(write(tmp_path / "a.parquet"))
    assert frame.equals(pl.concat(PIECES))
