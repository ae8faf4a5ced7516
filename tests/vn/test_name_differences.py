"""Two spellings side by side, as a person would mark them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vn.name_differences import KINDS, compare

CASES = [
    ("Nguyễn Văn An", "Nguyễn Văn An", "same same same", "the same name"),
    ("NGUYỄN VĂN AN", "Nguyễn Văn An", "same same same", "case makes no difference"),
    ("Lê Hoà", "Lê Hòa", "same same", "one tone, written in two places"),
    ("Nguyen Van An", "Nguyễn Văn An", "marks_lost marks_lost same", "typed without marks"),
    ("Nguyễn Văn An", "Nguyen Van An", "marks_added marks_added same", "the other was typed without"),
    ("Nguyên", "Nguyễn", "marks_lost", "only the tone was lost"),
    ("Nguyẽn", "Nguyễn", "marks_lost", "only the hat was lost"),
    ("Lê Hoà", "Lê Hoá", "same tone", "huyền for sắc"),
    ("Trần Ăn", "Trần Ân", "same letter_mark", "ă for â"),
    ("Đức", "Dức", "marks_added", "d for đ, seen from the fuller side"),
    ("Lơ", "Lô", "letter_mark", "ơ for ô"),
    ("Ấn", "Ằn", "tone_and_mark", "another hat and another tone"),
    ("Lê Minh", "Lê Linh", "same letter", "one other letter"),
    ("Lê Ming", "Lê Minh", "same letter", "one other letter at the end"),
    ("Lê Min", "Lê Minh", "same letter", "one letter lost"),
    ("Lê Hoàng", "Lê Huỳnh", "same word", "a doublet is another word"),
    ("Trần Hạnh", "Trần Thị Hồng Hạnh", "same missing missing same", "middle names dropped"),
    ("Trần Thị Hồng Hạnh", "Trần Hồng Hạnh", "same added same same", "Thị put in"),
    ("An Nguyễn Văn", "Nguyễn Văn An", "moved same same", "given name first"),
    ("Văn Trần", "Trần Văn", "moved same", "two words the other way round"),
    ("N V An", "Nguyễn Văn An", "initial initial same", "abbreviated"),
    ("Lê Thị An", "Phạm Văn Bình", "word word word", "nothing in common"),
    ("", "An", "missing", "nothing stands there"),
    ("", "", "", "nothing on either side"),
]  # fmt: skip

MIRRORED = {"marks_lost": "marks_added", "marks_added": "marks_lost", "missing": "added", "added": "missing"}

WORDS = st.sampled_from(
    ["Nguyễn", "Nguyen", "Nguyên", "An", "Ân", "Ăn", "Án", "Hoà", "Hòa", "Hoá", "Minh", "Linh", "Thị", "T", "Đ", "D"]
)
NAMES = st.one_of(st.lists(WORDS, max_size=6).map(" ".join), st.text(max_size=14))


@pytest.mark.parametrize(("own", "other", "kinds", "why"), CASES, ids=[case[3] for case in CASES])
def test_kinds(own: str, other: str, kinds: str, why: str) -> None:
    assert " ".join(part.kind for part in compare(own, other)) == kinds, why


def test_which_syllables_stand_side_by_side() -> None:
    sides = [(part.own, part.other) for part in compare("Trần Hạnh Thi", "Trần Thị Hồng Hạnh")]
    assert sides == [("Trần", "Trần"), ("", "Thị"), ("", "Hồng"), ("Hạnh", "Hạnh"), ("Thi", "")]


@given(NAMES)
def test_a_name_is_itself(name: str) -> None:
    assert {part.kind for part in compare(name, name)} <= {"same"}


@given(NAMES, NAMES)
def test_every_syllable_of_both_appears_once_and_ours_in_order(own: str, other: str) -> None:
    parts = compare(own, other)
    assert [part.own for part in parts if part.own] == own.split()
    assert sorted(part.other for part in parts if part.other) == sorted(other.split())
    assert {part.kind for part in parts} <= set(KINDS)
    assert all((part.own == "") == (part.kind == "missing") for part in parts)
    assert all((part.other == "") == (part.kind == "added") for part in parts)


@given(NAMES, NAMES)
def test_the_other_side_sees_the_same_mirrored(own: str, other: str) -> None:
    seen = Counter(part.kind for part in compare(own, other))
    mirrored = Counter(MIRRORED.get(part.kind, part.kind) for part in compare(other, own))
    assert seen == mirrored
