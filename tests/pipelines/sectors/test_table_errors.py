"""Faults of a table are told together, by line and field, in words."""

import pytest

from pipelines.errors import BadInput
from pipelines.sectors import schema, table_errors
from tests.pipelines.sectors.small_table import TABLE, faults


def test_the_table_itself_is_right() -> None:
    assert schema.parsed("club.toml", TABLE.encode()).name == "club"
    # Notepad puts a mark in front.
    assert schema.parsed("club.toml", b"\xef\xbb\xbf" + TABLE.encode()).key == "card"


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ('key = "card"', "key = 3", "dòng 4: key: phải là chữ"),
        ('key = "card"\n', "", "key: thiếu"),
        ('title_en = "Card"', 'title_en = ""', "dòng 10: column[1].title_en: không được để trống"),
        ("= true", '= "yes"', "dòng 3: one_record_per_person: phải là true hoặc false"),
        ('kind = "date"', 'kind = "datum"', "dòng 14: column[2].kind: chọn một trong / choose one of: name, "),
        ('name = "joined"', 'name = "Ngày vào"', "dòng 13: column[2].name: chỉ gồm a-z"),
        ('title_en = "Joined"', "titel_en = 1", "dòng 12: column[2].title_en: thiếu"),
        ('title_en = "Joined"', "titel_en = 1", "dòng 16: column[2].titel_en: không có mục này"),
        ("[[column]]\nname = \"joined\"", "[joined]\nname = \"joined\"", "joined: không có mục này"),
        (TABLE[TABLE.index("[[") :], "column = 3", "dòng 6: column: phải viết [[column]]"),
        (TABLE[TABLE.index("[[") :], "column = [3]", "column[1]: phải là một bảng"),
        ('key = "card"', 'key = "card"\nmatching = 1', "dòng 5: matching: phải là một bảng"),
        ('key = "card"', 'key = "card"\nname = "other"', "dòng 5: name: không có mục này"),
        ('key = "card"', 'key = "card', "sai cú pháp TOML"),
    ],
)  # fmt: skip
def test_a_fault_has_its_line_and_field(was: str, becomes: str, named: str) -> None:
    assert was in TABLE
    assert named in faults(TABLE.replace(was, becomes, 1))


def test_all_faults_are_told_at_once_in_the_order_of_the_lines() -> None:
    wrong = (
        TABLE.replace('"card"', '"number"', 1).replace('"date"', '"datum"').replace('title_en = "Card"', "colour = 1")
    )
    lines = faults(wrong).splitlines()
    assert lines[0] == "club.toml: 4 lỗi / faults:"
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["dòng 4", "dòng 6", "dòng 10", "dòng 14"]


def test_another_encoding_is_said() -> None:
    with pytest.raises(BadInput, match="UTF-8"):
        schema.parsed("club.toml", TABLE.encode("utf-16"))


@pytest.mark.parametrize("file", ["Club.toml", "the-club.toml", "1club.toml", f"{'c' * 33}.toml"])
def test_the_files_name_is_the_sectors(file: str) -> None:
    assert "tên tệp" in faults(TABLE, file)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("title_en",), 2),
        (("column", 0, "kind"), 8),
        (("column", 1, "name"), 13),
        (("column", 1, "aliases", 3), 12),  # not there: its column's heading
        (("column", 7, "name"), 0),
        (("nothing",), 0),
        ((), 0),
    ],
)
def test_lines_are_found(place: table_errors.TomlPath, line: int) -> None:
    assert table_errors.line_of(TABLE, place) == line
