"""Strips time, words and marks from a date cell, and keeps what they said about the date."""

import re
from typing import NamedTuple

from vn.cells import character_repairs, key, tidy
from vn.date_tables import LABELS, LUNAR_MARKS, MONTHS

_TIME = re.compile(
    r"(.*[0-9])(?:[T,] ?| )([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)? ?(AM|PM|SA|CH)?"
    r" ?(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
_LUNAR = re.compile(rf"(.*[0-9]) (?:{'|'.join(LUNAR_MARKS)})")
_LABEL = re.compile(rf"(?:{'|'.join(sorted(LABELS, key=len, reverse=True))}) (?=[0-9])")
_SPELT = (
    re.compile(r"(?:mung |mong )?([0-9]{1,2}) thang ([0-9]{1,2}) (?:nam )?([0-9]{2,4})"),
    re.compile(r"thang ()([0-9]{1,2}) (?:nam )?([0-9]{4})"),
)
_LETTER = re.compile(r"[^\W\d_]")
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_ENGLISH = (
    re.compile(rf"(?P<day>[0-9]{{1,2}}) (?P<month>{_MONTH}) (?P<year>[0-9]{{2,4}})"),
    re.compile(rf"(?P<month>{_MONTH}) (?P<day>[0-9]{{1,2}}) (?P<year>[0-9]{{4}})"),
    re.compile(rf"(?P<day>)(?P<month>{_MONTH}) (?P<year>[0-9]{{4}})"),
)
_MINUTES_A_DAY = 24 * 60
_LOCAL = 7 * 60
"""Việt Nam is seven hours ahead of UTC."""
_SOUTH_UNTIL = 1975
"""Last year that time zone tables give Hồ Chí Minh City eight hours: midnight there is 16:00 UTC."""


class Bare(NamedTuple):
    """The date alone, what was taken off, the days to add to it, and what the marks said."""

    text: str
    repairs: frozenset[str]
    days: int = 0
    is_lunar: bool = False
    may_be_next_day: bool = False


def strip(text: str) -> Bare:
    """The bare date of a cell that is not empty."""
    repairs = character_repairs(text)
    cell = tidy(text)
    if cell.strip("'’‘`\"") != cell:
        repairs.add("apostrophe")
        cell = cell.strip("'’‘`\"").strip()
    days, may_be_next_day = 0, False
    if found := _TIME.fullmatch(cell):
        repairs.add("time_dropped")
        cell = found[1]
        days, may_be_next_day = _shift(found)
        repairs |= {"utc_shift"} if days else set()
    if not _LETTER.search(cell):
        return Bare(cell, frozenset(repairs), days, may_be_next_day=may_be_next_day)
    lunar = _LUNAR.fullmatch(key(cell))
    if lunar:
        cell = re.sub(r"[^0-9]*$", "", cell)
    spelt = _in_digits(cell)
    if spelt != cell:
        repairs.add("words")
    return Bare(spelt, frozenset(repairs), days, lunar is not None, may_be_next_day)


def _shift(time: re.Match[str]) -> tuple[int, bool]:
    """Days to add for the local day, and whether the next day is as likely."""
    day, hour, minute, second, half, zone = time.groups()
    clock = int(hour) % 12 if half else int(hour)
    minutes = (clock + 12 * (half is not None and half.upper() in ("PM", "CH"))) * 60 + int(minute)
    if not zone:
        return 0, minutes == _MINUTES_A_DAY - _LOCAL and int(second or 0) == 0
    offset = 0
    if zone[0] in "+-":
        offset = (int(zone[1:3]) * 60 + int(zone[-2:])) * (-1 if zone[0] == "-" else 1)
    universal = minutes - offset
    year = re.match(r"[0-9]{4}", day)
    is_southern_midnight = universal == 16 * 60 and year is not None and int(year[0]) <= _SOUTH_UNTIL
    return (1 if is_southern_midnight else (universal + _LOCAL) // _MINUTES_A_DAY), False


def _in_digits(cell: str) -> str:
    """The cell with words before the date dropped and a date in words as `d/m/y`; as it is if there are none."""
    words = key(cell)
    words = _LABEL.sub("", words, count=1) if _LABEL.match(words) else words
    for pattern in _SPELT:
        if found := pattern.fullmatch(words):
            return "/".join(part for part in found.groups() if part)
    for pattern in _ENGLISH:
        if found := pattern.fullmatch(re.sub(r"(?<=[0-9])(?:st|nd|rd|th)\b", "", words)):
            day = f"{found['day']}/" if found["day"] else ""
            return f"{day}{MONTHS[found['month']]}/{found['year']}"
    return re.sub(r"^[^0-9]+", "", cell) if _LABEL.match(key(cell)) else cell
