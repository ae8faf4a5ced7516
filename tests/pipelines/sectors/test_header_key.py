"""Headers are compared by letters and figures alone."""

import pytest

from pipelines.sectors.header_key import key, spaced


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Số CCCD/CMND", "so cccd cmnd"),
        ("so_cccd", "so cccd"),
        ("  Ngày,tháng  năm sinh ", "ngay thang nam sinh"),
        ("Đơn vị (2)", "don vi 2"),
        ("—", ""),
        ("\u041dọ v\u0430 tên\ufe0d", "ho va ten"),  # Cyrillic letters, a variation selector
        ("Số \u0421\u0421\u0421D", "so cccd"),
        ("Ngày\u3164sinh", "ngay sinh"),
    ],
)
def test_marks_case_and_punctuation_do_not_count(text: str, words: str) -> None:
    assert spaced(text) == words
    assert key(text) == words.replace(" ", "")
