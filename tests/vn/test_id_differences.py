"""Positions at which two numbers differ, as a person would mark them: `.` same, one letter a kind."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vn.id_differences import KINDS, compare

SIGNS = dict(zip(KINDS, ".oxm+", strict=True))

CASES = [
    ("079190123456", "079190123456", "............", "the same"),
    ("079190123465", "079190123456", "..........xx", "the last two exchanged"),
    ("079190123457", "079190123456", "...........o", "the last is another"),
    ("07919012345", "079190123456", "...........m", "the last was lost"),
    ("79190123456", "079190123456", "m...........", "the zero before was lost"),
    ("0791901234567", "079190123456", "............+", "one too many"),
    ("970190123456", "079190123456", None, "a circle of three: whatever, but each once"),
    ("", "12", "mm", "nothing stands there"),
]  # fmt: skip

NUMBERS = st.one_of(st.text("0123456789", max_size=13), st.text("01", max_size=9), st.text(max_size=6))


@pytest.mark.parametrize(("own", "other", "signs", "why"), CASES, ids=[case[3] for case in CASES])
def test_positions(own: str, other: str, signs: str | None, why: str) -> None:
    found = "".join(SIGNS[part.kind] for part in compare(own, other))
    assert signs is None or found == signs, why


@given(NUMBERS)
def test_a_number_is_itself(number: str) -> None:
    assert {part.kind for part in compare(number, number)} <= {"same"}


@given(NUMBERS, NUMBERS)
def test_every_digit_of_both_appears_once_and_ours_in_order(own: str, other: str) -> None:
    parts = compare(own, other)
    assert "".join(part.own for part in parts) == own
    assert sorted("".join(part.other for part in parts)) == sorted(other)
    assert sum(part.kind == "exchanged" for part in parts) % 2 == 0


@given(NUMBERS, NUMBERS)
def test_the_other_side_sees_the_same_mirrored(own: str, other: str) -> None:
    mirror = {"missing": "added", "added": "missing"}
    seen = Counter(part.kind for part in compare(own, other))
    assert seen == Counter(mirror.get(part.kind, part.kind) for part in compare(other, own))
