"""How two names with the same letters differ."""

import pytest

from matching.measures import spelling

CASES = [
    ("Nguyễn Văn An", "Nguyễn Văn An", "same", "equal"),
    ("NGUYỄN VĂN AN", "Nguyễn Văn An", "same", "case is no difference"),
    ("Nguyen Van An", "Nguyễn Văn An", "unmarked", "no marks at all"),
    ("Nguyễn Văn Ân", "Nguyen Van An", "marks_given", "the registry's name truly has no marks: another one"),
    ("Nguyễn Thi Hồng", "Nguyễn Thị Hồng", "marks_lost", "one mark lost, not the given name's"),
    ("Nguyễn Văn An", "Nguyễn Văn Ân", "marks_given", "another given name, or a lost mark: cannot be told"),
    ("Nguyễn Thị Hòa", "Nguyễn Thị Hoa", "marks_given", "another tone"),
    ("Đặng Văn An", "Dang Văn An", "marks", "the record has more marks than the registry"),
    ("An Nguyễn Văn", "Nguyễn Văn An", "rotated", "given name first"),
    ("Văn An Nguyễn", "Nguyễn Văn An", "rotated", "surname last"),
    ("PhạmThúy Vy", "Phạm Thúy Vy", "rotated", "two words joined"),
    ("Nguyễn Anh Minh", "Nguyễn Minh Anh", "shuffled", "two common names of two people"),
]


@pytest.mark.parametrize(("left", "right", "expected", "why"), CASES, ids=[case[3] for case in CASES])
def test_spelling(left: str, right: str, expected: str, why: str) -> None:
    assert spelling(left, right) == expected, why
