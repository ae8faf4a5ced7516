"""`load --explain`: what an officer is shown before a file is read."""

import json
from pathlib import Path

import pytest

from pipelines.files.header.aliases import HeaderAliases
from pipelines.read.preview import preview
from pipelines.sectors import schema
from tests.pipelines.terminal import Sachsong

STUDENTS = schema.load("students")
TEXT = (
    "DANH SÁCH,,,,\nHọ đệm,Tên,Ngày sihn,Giới tính,Số CCCD,Mật\n"
    "Nguyễn Văn,An,05/09/2012,Nam,079212001234,bí mật\nTổng cộng: 1,,,,,\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "students" / "a.csv"
    path.parent.mkdir()
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_columns_rows_and_rejected_rows(file: Path, tmp_path: Path) -> None:
    (sheet,) = preview(file, HeaderAliases(STUDENTS), tmp_path)
    assert sheet["header_row"] == 2
    told = [(each["header"], each["column"], each["part"], each["how"]) for each in sheet["columns"]]
    assert told == [
        ("Họ đệm", "full_name", "family", "part"),
        ("Tên", "full_name", "given", "part"),
        ("Ngày sihn", "date_of_birth", "", "near"),
        ("Giới tính", "sex", "", "exact"),
        ("Số CCCD", "id_number", "", "exact"),
        ("Mật", None, "", None),
    ]
    (row,) = sheet["rows"]
    assert row == {
        "source_row": 3,
        "full_name": "Nguyễn Văn An",
        "date_of_birth": "05/09/2012",
        "sex": "Nam",
        "id_number": "079*****1234",
    }
    assert [each["source_row"] for each in sheet["rejected"]] == [4]
    assert [note["code"] for note in sheet["notes"]] == ["guessed_header"]


def test_the_command_takes_the_sector_from_the_folder(file: Path, sachsong: Sachsong) -> None:
    code, shown, _ = sachsong("load", "--explain", file)
    assert code == 0
    assert "Số định danh" in shown
    assert "079212001234" not in shown
    assert "bí mật" not in shown


def test_a_file_that_would_be_refused_ends_with_2(file: Path, sachsong: Sachsong) -> None:
    file.write_text("Họ và tên,Giới tính\nNguyễn Văn An,Nam\n", encoding="utf-8")
    code, out, _ = sachsong("load", "--explain", file, "--json")
    assert code == 2
    (sheet,) = json.loads(out)
    assert sheet["refused"] == "missing_column"


def test_a_file_from_anywhere_is_taken_for_the_sector_that_knows_most_of_it(tmp_path: Path, sachsong: Sachsong) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Họ tên,Ngày sinh,Giới tính,CCCD,Mũi tiêm\nNguyễn Văn An,2012,Nam,1,2\n", encoding="utf-8")
    code, out, _ = sachsong("load", "--explain", file)
    assert (code, "--sector vaccination" in out) == (0, True)
    assert sachsong("load", file).code == 2, "to be placed it must be known"
