"""A corrected file replaces its earlier version by the department's code, where it is known which is the later."""

import json
from pathlib import Path

import polars as pl
import pytest

from pipelines.read.version_order import Version, version
from tests.pipelines.read.inbox_nights import HEADER, night


def pupils(*codes: str, born: str = "2012") -> str:
    return HEADER + "".join(f"{code},Nguyễn Văn An,05/09/{born},Nam,079212001234\n" for code in codes)


def codes_of(records: pl.DataFrame) -> list[tuple[str, str, str]]:
    return records.select("source_file", "student_code", pl.col("date_of_birth").str.tail(4)).sort(pl.all()).rows()


def notes_of(files: pl.DataFrame, name: str) -> list[str]:
    (notes,) = files.filter(pl.col("source_file") == name)["notes"]
    return [note["code"] for note in json.loads(notes)]


def test_a_later_night_s_file_replaces_row_by_row_and_says_so(tmp_path: Path) -> None:
    night(tmp_path, {"a.csv": pupils("1", "2", "3")})
    files, rejected, records = night(tmp_path, {"sua.csv": pupils("2", born="2013")}, 1)
    assert codes_of(records) == [("a.csv", "1", "2012"), ("a.csv", "3", "2012"), ("sua.csv", "2", "2013")]
    assert rejected.select("source_file", "source_row", "code").rows() == [("a.csv", 3, "superseded")]
    assert "dòng 2 của tệp «sua.csv»" in rejected["message"][0]
    assert (notes_of(files, "a.csv"), notes_of(files, "sua.csv")) == (["superseded"], ["supersedes"])
    assert files.select("rows_counted", "rows_read", "rows_rejected").rows() == [(3, 2, 1), (1, 1, 0)]


def test_the_night_again_says_the_same(tmp_path: Path) -> None:
    night(tmp_path, {"a.csv": pupils("1", "2")})
    first = night(tmp_path, {"b.csv": pupils("1", "2", "3")}, 1)
    again = night(tmp_path, {}, 1)
    assert [each.rows() for each in first] == [each.rows() for each in again]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        *(("lop6.csv", "lop6_v2.csv"), ("lop6_v2.csv", "lop6_v10.csv"), ("lop6.csv", "lop6 (1).csv")),
        *(("lop6.csv", "lop6 đã sửa.csv"), ("lop6_2026-11-01.csv", "lop6_2026-11-20.csv")),
        *(("lop6 01.10.2026.csv", "lop6 20.09.2027.csv"), ("lop6 lần 1.csv", "lop6 lần 2.csv")),
    ],
)
def test_of_one_night_the_name_says_which_is_later(tmp_path: Path, earlier: str, later: str) -> None:
    _, rejected, records = night(tmp_path, {earlier: pupils("1", "2"), later: pupils("2", "3", born="2013")})
    assert codes_of(records) == sorted([(earlier, "1", "2012"), (later, "2", "2013"), (later, "3", "2013")])
    assert rejected["source_file"].to_list() == [earlier]


def test_where_neither_is_known_to_be_later_both_stay_and_say_so(tmp_path: Path) -> None:
    files, rejected, records = night(tmp_path, {"truong a.csv": pupils("1", "2"), "truong b.csv": pupils("2", "1")})
    assert (records.height, rejected.height) == (4, 0)
    assert notes_of(files, "truong a.csv") == notes_of(files, "truong b.csv") == ["versions_unclear"]


def test_a_code_that_two_lists_share_by_the_way_is_no_new_version(tmp_path: Path) -> None:
    night(tmp_path, {"a.csv": pupils("1", "2", "3", "4")})
    files, rejected, records = night(tmp_path, {"b.csv": pupils("4", "5", "6")}, 1)
    assert (records.height, rejected.height) == (7, 0)
    assert notes_of(files, "b.csv") == []


def test_the_latest_of_three_counts(tmp_path: Path) -> None:
    night(tmp_path, {"a.csv": pupils("1", "2")})
    night(tmp_path, {"b.csv": pupils("1", "2", born="2013")}, 1)
    _, rejected, records = night(tmp_path, {"c.csv": pupils("1", "2", born="2014")}, 2)
    assert codes_of(records) == [("c.csv", "1", "2014"), ("c.csv", "2", "2014")]
    assert rejected["message"].str.contains("c.csv").all()


def test_a_person_s_other_doses_stay(tmp_path: Path) -> None:
    header = "ma_tiem_chung,ho_ten,ngay_sinh,gioi_tinh,so_cccd,ten_vac_xin,mui_so\n"
    dose = "9,Nguyễn Văn An,{},Nam,079212001234,Sởi,{}\n"
    doses = {"a.csv": header + dose.format(2012, 1) + dose.format(2012, 2)}
    night(tmp_path, doses, sector="vaccination")
    _, rejected, records = night(tmp_path, {"b.csv": header + dose.format(2013, 2)}, 1, sector="vaccination")
    assert records.select("source_file", "dose_number").rows() == [("a.csv", "1"), ("b.csv", "2")]
    assert rejected["source_row"].to_list() == [3]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ds_lop_6.xlsx", Version("./ds lop", "", 6)),
        ("truong/ds_v3.xlsx", Version("truong/ds", "", 3)),
        ("ds 20.11.2026 v2.csv", Version("./ds", "20261120", 2)),
        ("Danh sách (cập nhật).csv", Version("./danh sach", "", 1)),
    ],
)
def test_what_a_name_says(name: str, said: Version) -> None:
    assert version(name) == said
