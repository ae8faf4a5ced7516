"""Names told apart by their letters: never those that a slip or a middle name parts."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.letters import Letters, letters_of, may_be_near

SLIPS = ("put", "lose", "add", "swap")
WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=7)
NAME = st.lists(WORD, min_size=1, max_size=5).map(" ".join)


def letters(*names: str | None) -> Letters:
    return letters_of(pl.Series(names, dtype=pl.String))


def near(one: str | None, other: str | None) -> bool:
    first, second = letters(one, other)
    return bool(may_be_near(np.array([first]), np.array([second]))[0])


def test_the_bits_are_the_letters() -> None:
    (found,) = letters("an z")
    assert found & (2**26 - 1) == 1 | 1 << 13 | 1 << 25


@pytest.mark.parametrize(
    ("one", "other", "is_near", "why"),
    [
        ("tran thi hanh", "tran thi hanh", True, "the same"),
        ("tran thi hanh", "tran thi hank", True, "one letter wrong: h stands elsewhere too, k is new"),
        ("tran thi hanh", "tran hanh", True, "the middle name dropped"),
        ("tran quoc khoi", "khoi tran", False, "dropped and turned round: two damages"),
        ("tran thi hanh", "le quoc bao", False, "strangers"),
        ("tran thi hanh", "tran my hanh", False, "another middle name"),
        (None, "tran thi hanh", False, "no name"),
    ],
)
def test_by_hand(one: str | None, other: str, is_near: bool, why: str) -> None:
    assert near(one, other) == near(other, one) == is_near, why


@given(
    NAME,
    st.integers(0, 40),
    st.sampled_from("abcdefghijklmnopqrstuvwxyz"),
    st.sampled_from(["put", "lose", "add", "swap"]),
)
def test_one_slip_is_always_near(name: str, at: int, letter: str, how: str) -> None:
    at %= len(name)
    slipped = {
        "put": name[:at] + letter + name[at + 1 :],
        "lose": name[:at] + name[at + 1 :],
        "add": name[:at] + letter + name[at:],
        "swap": name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
    }[how]
    assert near(name, slipped)


@given(WORD, st.lists(WORD, max_size=3), WORD, st.data())
def test_a_dropped_middle_name_is_always_near(
    surname: str, middle: list[str], given_name: str, data: st.DataObject
) -> None:
    kept = [word for word in middle if data.draw(st.booleans())]
    assert near(" ".join([surname, *middle, given_name]), " ".join([surname, *kept, given_name]))


def test_who_has_other_names_is_near_everybody() -> None:
    first, second = letters("tran thi hanh", "le quoc bao")
    assert may_be_near(np.array([first]), np.array([second | np.uint32(1 << 31)]))[0]
