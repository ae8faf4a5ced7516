import polars as pl
import pytest

from pipelines.report import advice, labels
from rules import tables


def test_every_status_is_in_exactly_one_group() -> None:
    grouped = [status for group in labels.groups() for status in group.statuses]
    assert sorted(grouped) == sorted(tables.statuses())


def test_only_verified_and_agreed_need_nothing() -> None:
    frame = labels.status_frame()
    assert frame.filter(~pl.col("needs_work"))["status"].to_list() == ["verified", "agreed"]


def test_issues_are_told_by_family_then_code() -> None:
    frame = labels.issue_frame()
    issues = tables.load_issues()
    assert frame["place"].to_list() == list(range(1, len(issues) + 1))
    families = [tables.FAMILIES.index(issues[code].family) for code in frame["issue"]]
    assert families == sorted(families)


def test_only_what_the_next_nights_settle_asks_for_nothing() -> None:
    nothing = {code for code, issue in tables.load_issues().items() if issue.remedy.startswith("Chưa cần làm gì")}
    assert nothing == set(advice.SETTLED_BY_US)


MESSAGES = [
    ("Tệp rỗng (0 byte) / the file is empty.", "Tệp rỗng (0 byte)", "the file is empty.", "two halves"),
    ("Thiếu cột bắt buộc.", "Thiếu cột bắt buộc.", "", "no English"),
    ("Cột «Tên / Name» lạ / unknown.", "Cột «Tên / Name» lạ", "unknown.", "a header of two languages within"),
    ("Dòng 1\nDòng 2 / two lines.", "Dòng 1\nDòng 2", "two lines.", "a header cell may hold a line break"),
]


@pytest.mark.parametrize(("message", "vietnamese", "english", "why"), MESSAGES)
def test_a_message_has_two_halves(message: str, vietnamese: str, english: str, why: str) -> None:
    assert labels.halves(message) == (vietnamese, english), why
    assert labels.in_vietnamese(pl.Series("message", [message])).to_list() == [vietnamese], why


def test_named_keeps_order_and_nulls() -> None:
    codes = pl.Series("province_code", ["79", None, "01", "79"])
    assert labels.titles_of(codes, labels.province_title).to_list() == ["Hồ Chí Minh", None, "Hà Nội", "Hồ Chí Minh"]
    empty = pl.Series("province_code", [None, None], dtype=pl.String)
    assert labels.titles_of(empty, labels.province_title).to_list() == [None, None]


def test_a_code_without_a_name_stands_for_itself() -> None:
    assert labels.province_title("03") == "03"
