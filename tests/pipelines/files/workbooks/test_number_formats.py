"""Which number formats add zeros, and which numbers get them."""

import pytest

from pipelines.files.workbooks.number_formats import least_digits, shown


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("000000000000", 12),
        ("00000000000#", 12),
        ("##0000", 4),
        ("0000;-0000", 4),
        ("0", 0),
        ("General", 0),
        ("#,##0", 0),
        ("0.00", 0),
        ('"A"0000', 0),
        ("dd/mm/yyyy", 0),
        ("000-000", 0),
        ("", 0),
    ],
)
def test_least_digits(code: str, digits: int) -> None:
    assert least_digits(code) == digits


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        ("79203012345", 12, "079203012345"),
        ("79203012345.0", 12, "079203012345"),
        ("0", 3, "000"),
        ("123456", 3, None),
        ("1.5", 4, None),
        ("-15", 4, None),
        ("1E5", 8, None),
        ("", 4, None),
    ],
)
def test_shown(number: str, digits: int, text: str | None) -> None:
    assert shown(number, digits) == text
