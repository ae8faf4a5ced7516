"""What is made of common passwords is common, however long; a sentence of one's own is not."""

import pytest

from pipelines.review import people
from pipelines.review.common_passwords import is_common


@pytest.mark.parametrize(
    ("password", "name", "is_refused"),
    [
        ("123456789012345", "an", True),
        ("qwertyuiopasdfgh", "an", True),
        ("Mật-khẩu 123456789", "an", True),
        ("Anh yêu em nhiều 123456", "an", True),
        ("P4ssword!P4ssword!2026", "an", True),
        ("Hoang.Mai Hoang.Mai 2026", "hoang.mai", True),
        ("abcdefghijklmnopqrstuvwxyz", "an", True),
        ("một câu dài và dễ nhớ", "an", False),
        ("Cá rô kho tộ ở bến Ninh Kiều", "an", False),
        ("correct horse battery staple", "an", False),
    ],
)
def test_common_ones_are_told_from_ones_own(password: str, name: str, *, is_refused: bool) -> None:
    assert is_common(password, name) is is_refused


def test_what_the_program_makes_is_never_common() -> None:
    assert not any(is_common(people.made_password(), "an") for _ in range(200))
