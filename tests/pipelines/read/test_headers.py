"""Headers as departments write them, and the message when they do not fit."""

from pathlib import Path

import pytest

from pipelines.errors import UnknownColumns
from pipelines.read.headers import locate, overrides
from pipelines.sectors import schema

STUDENTS = schema.load("students")
IDENTITY = ["Họ và tên", "Ngày sinh", "Giới tính", "Số định danh"]


@pytest.mark.parametrize(
    "row",
    [
        ["ho_ten", "ngay_sinh", "gioi_tinh", "so_dinh_danh"],
        ["HỌ VÀ TÊN", "NGÀY SINH", "GIỚI TÍNH", "SỐ ĐDCN/CCCD/CMND"],
        ["Ho va ten", "ngay sinh (dd/mm/yyyy)", "Gioi tinh", "So CCCD"],
        ["Họ và tên (*)", "Ngày  sinh\n(bắt buộc)", " Giới tính ", "Số định danh cá nhân"],
        ["full_name", "date_of_birth", "sex", "id_number"],
        ["Họ và tên", "Ngày sinh", "Giới tính (Nam: 1, Nữ: 2)", "Số CCCD/Số ĐDCN (12 số)"],
        ["Hä vµ tªn", "Ngµy sinh", "Giíi tÝnh", "Sè CCCD"],
        ["Hoï vaø teân", "Ngaøy sinh", "Giôùi tính", "Soá CCCD"],
        ["Há»\x8d vÃ\xa0 tÃªn", "NgÃ\xa0y sinh", "Giá»›i tÃ\xadnh", "Sá»‘ CCCD"],
    ],
)
def test_known_headers_in_any_spelling(row: list[str]) -> None:
    header = locate([row], STUDENTS, {})
    assert header.columns == {0: "full_name", 1: "date_of_birth", 2: "sex", 3: "id_number"}


def test_titles_above_are_skipped_and_unknown_columns_kept() -> None:
    rows = [["SỞ GIÁO DỤC"], ["Danh sách học sinh"], ["STT", *IDENTITY, "Ghi chú riêng"]]
    header = locate(rows, STUDENTS, {})
    assert header.index == 2
    assert header.unknown == {0: "STT", 5: "Ghi chú riêng"}
    assert header.width == 6


@pytest.mark.parametrize(
    ("row", "code", "told"),
    [
        (["a", "b", "c"], "no_header", "Họ và tên"),
        (IDENTITY[:3], "missing_column", "«Số định danh»"),
        ([*IDENTITY, "Số CMND"], "ambiguous_column", "«Số định danh», «Số CMND»"),
    ],
)
def test_what_is_missing_or_double_is_told(row: list[str], code: str, told: str) -> None:
    with pytest.raises(UnknownColumns, match=told) as refusal:
        locate([row], STUDENTS, {})
    assert refusal.value.code == code


def test_a_mapping_file_settles_a_double(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text('[columns]\n"Số CMND" = ""\n"Tên gọi" = "full_name"\n', encoding="utf-8")
    header = locate([["Tên gọi", *IDENTITY[1:], "Số CMND"]], STUDENTS, overrides(tmp_path / "mapping.toml"))
    assert header.columns[0] == "full_name"
    assert header.unknown == {4: "Số CMND"}
