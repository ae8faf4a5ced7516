"""Lists the days, months and years that a bare date may mean, the likeliest first; nothing is checked against the
calendar.
"""

import re
from datetime import date
from typing import NamedTuple

FIRST_YEAR = 1900

_EXCEL_EPOCH = date(1899, 12, 30).toordinal()
"""Excel's 1900 system; the 1904 system of old Macs cannot be told apart and is not guessed."""
_FIRST_SERIAL = 10_000
"""Shorter ones are not told from years."""
_PLACEHOLDER = re.compile(r"(?:(?<=^)|(?<=[/.]))-+(?=[/.]|$)|(?<![^/. \-])(?:_+|\?+|\*+|[xX]+|\.{2,})(?=[/. \-]|$)")
_SEPARATOR = re.compile(r"[/.\-–—\s,\\|_]+")
_SERIAL_WITH_TIME = re.compile(r"([0-9]{5})[.,][0-9]+")


class Parts(NamedTuple):
    """One reading: `month` and `day` 0 if they are not given."""

    year: int
    month: int = 0
    day: int = 0
    repairs: frozenset[str] = frozenset()


def readings(text: str, night: date) -> list[Parts]:
    """The readings of a bare date, none if it has no form of a date."""
    if found := _SERIAL_WITH_TIME.fullmatch(text):
        return _serial(found[1], night)
    if re.fullmatch(r"[0-9]{4,8}\.0", text):
        return _with(_run(text[:-2], night), "decimal_zero")
    filled = _PLACEHOLDER.sub("0", text)
    tokens = [token for token in _SEPARATOR.split(filled) if token]
    if not all(token.isascii() and token.isdecimal() for token in tokens):
        return []
    is_blank = filled != text or text[:1] in "-–—_." or any(int(token) == 0 for token in tokens)
    repairs = frozenset({"blank_parts"}) if is_blank else frozenset()
    if len(tokens) == 3:
        found_parts = _three(tokens[0], tokens[1], tokens[2], night)
    elif len(tokens) == 2:
        found_parts = _two(tokens[0], tokens[1])
    else:
        found_parts = _run(tokens[0], night) if tokens else []
    return [parts._replace(repairs=parts.repairs | repairs) for parts in found_parts]


def _three(a: str, b: str, c: str, night: date) -> list[Parts]:
    if len(b) > 2:
        return []
    if len(a) == 4 and len(c) <= 2:
        return [_dated(int(a), int(b), int(c))]
    if len(a) > 2:
        return []
    if len(c) == 4:
        return [_dated(int(c), int(b), int(a))]
    if len(c) != 2:
        return []
    if int(a) > 31:
        return _centuries(int(a), int(b), int(c), night)
    return _centuries(int(c), int(b), int(a), night)


def _two(a: str, b: str) -> list[Parts]:
    if len(a) <= 2 and len(b) == 4:
        return [_dated(int(b), int(a), 0)]
    return [_dated(int(a), int(b), 0)] if len(a) == 4 and len(b) <= 2 else []


def _dated(year: int, month: int, day: int) -> Parts:
    """A day without a month says nothing."""
    return Parts(year, month, day if month else 0)


def _centuries(short: int, month: int, day: int, night: date) -> list[Parts]:
    """A two-digit year: this century unless that is still to come, then the one before if anyone lives that long."""
    both = [
        _dated(century + short, month, day)._replace(repairs=frozenset({"two_digit_year"})) for century in (2000, 1900)
    ]
    is_to_come = (both[0].year, month, day) > (night.year, night.month, night.day)
    if is_to_come or (both[0].year == night.year and not month):
        return both[1:]
    return both if night.year - both[1].year <= 120 else both[:1]


def _run(digits: str, night: date) -> list[Parts]:
    """A date without separators."""
    joined = frozenset({"no_separators"})
    if len(digits) == 8:
        last = Parts(int(digits[4:]), int(digits[2:4]), int(digits[:2]), joined)
        first = Parts(int(digits[:4]), int(digits[4:6]), int(digits[6:]), joined)
        return [parts for parts in (last, first) if _is_likely(parts.year, night)]
    if len(digits) == 7 and _is_likely(int(digits[3:]), night):
        return [Parts(int(digits[3:]), int(digits[1:3]), int(digits[0]), joined | {"zero_padded"})]
    if len(digits) == 6:
        return _six(digits, joined, night)
    if len(digits) == 5:
        return _serial(digits, night)
    if len(digits) == 4:
        return [Parts(int(digits))]
    if len(digits) == 2 and int(digits) > night.year % 100:
        return [Parts(FIRST_YEAR + int(digits), repairs=frozenset({"two_digit_year"}))]
    return []


def _six(digits: str, joined: frozenset[str], night: date) -> list[Parts]:
    """`mmyyyy`, else `ddmmyy`, which `yyyymm` may resemble."""
    if _is_likely(int(digits[2:]), night):
        return [Parts(int(digits[2:]), int(digits[:2]), 0, joined)]
    day, month, short = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    days = _centuries(short, month, day, night) if 1 <= day <= 31 and 1 <= month <= 12 else []
    months = [Parts(int(digits[:4]), short)] if _is_likely(int(digits[:4]), night) and 1 <= short <= 12 else []
    return [parts._replace(repairs=parts.repairs | joined) for parts in days[:1] + months + days[1:]]


def _serial(digits: str, night: date) -> list[Parts]:
    if not _FIRST_SERIAL <= int(digits) <= night.toordinal() - _EXCEL_EPOCH:
        return []
    day = date.fromordinal(_EXCEL_EPOCH + int(digits))
    return [Parts(day.year, day.month, day.day, frozenset({"excel_serial"}))]


def _with(found: list[Parts], repair: str) -> list[Parts]:
    return [parts._replace(repairs=parts.repairs | {repair}) for parts in found]


def _is_likely(year: int, night: date) -> bool:
    return FIRST_YEAR <= year <= night.year
