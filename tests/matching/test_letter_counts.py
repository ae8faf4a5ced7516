"""Letters say how near two names can be: never farther than they are."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, Indel

from matching.letter_counts import letters_between

CASES = [
    ("nguyen van an", "nguyen van an", 0, "the same"),
    ("nguyen van an", "an nguyen van", 0, "another order of the words"),
    ("nguyen van an", "nguyen van au", 2, "a letter for another"),
    ("nguyen van an", "nguyen van anh", 1, "a letter more"),
    ("ky", "ki", 0, "i and y are counted together"),
    ("x" * 300, "a", 0, "too long to be counted"),
    ("", "ab", 2, "nothing and something"),
    ("ß", "é", 0, "other characters are counted together, each once"),
]


@pytest.mark.parametrize(("one", "other", "expected", "why"), CASES, ids=[case[3] for case in CASES])
def test_letters_between(one: str, other: str, expected: int, why: str) -> None:
    assert letters_between(pl.Series([one]), pl.Series([other])).tolist() == [expected], why


def test_no_names() -> None:
    assert letters_between(pl.Series([], dtype=pl.String), pl.Series([], dtype=pl.String)).tolist() == []


@given(st.lists(st.tuples(st.text("abinyq đ€"), st.text("abinyq đ€"))))
def test_never_farther_than_the_names_are(pairs: list[tuple[str, str]]) -> None:
    ours, theirs = (pl.Series([pair[side] for pair in pairs], dtype=pl.String) for side in (0, 1))
    for (one, other), between in zip(pairs, letters_between(ours, theirs).tolist(), strict=True):
        assert between <= 2 * OSA.distance(one, other)
        assert between <= Indel.distance(one, other)
