"""Computes the digits that a number format shows at least: 79203012345 may be shown as 079203012345."""

import re

_DIGITS = re.compile(r"#*(0[0#]+)(;.*)?", re.DOTALL)


def least_digits(code: str) -> int:
    """The zeros (and what stands behind the first one) of a format of digits alone; 0 for any other format."""
    match = _DIGITS.fullmatch(code)
    return len(match[1]) if match else 0


def shown(number: str, digits: int) -> str | None:
    """The whole number with its leading zeros; None if the format adds none."""
    number = number.removesuffix(".0")
    return number.zfill(digits) if number.isdecimal() and number.isascii() and len(number) < digits else None
