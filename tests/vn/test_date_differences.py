"""Which of day, month and year differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vn.date_differences import KINDS, compare

CASES = [
    ("1990-07-12", "1990-07-12", "same same same", "the same"),
    ("1990-12-07", "1990-07-12", "swapped swapped same", "day and month"),
    ("1990-07-07", "1990-07-07", "same same same", "nothing to swap"),
    ("1990-07-13", "1990-07-12", "digit same same", "one digit of the day"),
    ("1990-07-21", "1990-07-12", "exchanged same same", "two digits of the day"),
    ("1909-07-12", "1990-07-12", "same same exchanged", "two digits of the year"),
    ("1985-03-12", "1990-07-12", "same digit other", "the year, and a digit of the month"),
    ("1990", "1990-07-12", "missing missing same", "the record has the year only"),
    ("1990-07-12", "1990-07", "added same same", "the registry has no day"),
    ("1990", "1991", "digit", "neither has day or month"),
]


@pytest.mark.parametrize(("own", "other", "kinds", "why"), CASES, ids=[case[3] for case in CASES])
def test_kinds(own: str, other: str, kinds: str, why: str) -> None:
    assert " ".join(part.kind for part in compare(own, other)) == kinds, why


def test_parts_are_day_month_year() -> None:
    assert [part.own for part in compare("1990-12-07", "1990-07-12")] == ["07", "12", "1990"]


@given(st.text(max_size=12), st.text(max_size=12))
def test_odd_text_is_no_fault(own: str, other: str) -> None:
    assert {part.kind for part in compare(own, other)} <= set(KINDS)
    assert {part.kind for part in compare(own, own)} <= {"same"}
