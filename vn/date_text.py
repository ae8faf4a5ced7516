"""Strips time, words and marks from a date cell, and keeps what they said about the date."""

import re
from typing import NamedTuple

from vn.cells import character_repairs, key, tidy
from vn.date_tables import LABELS, LUNAR_MARKS, MONTHS
from vn.scripts import as_latin

_TIME = re.compile(
    r"(.*[0-9])(?:[T,] ?| )([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)? ?(AM|PM|SA|CH)?"
    r" ?(Z|(?:UTC|GMT)?[+-][0-9]{2}(?::?[0-9]{2}){0,2}|UTC|GMT)?(?: ?\([^()]*\)|\[[^\[\]]*\])?",
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


class Bare(NamedTuple):
    """The date alone, what was taken off, and what that said."""

    text: str
    repairs: frozenset[str]
    is_lunar: bool = False
    seconds: int | None = None
    """After midnight of the date: in UTC if the cell says a zone; None if it has no time."""
    has_zone: bool = False


def strip(text: str) -> Bare:
    """The bare date of a cell that is not empty."""
    repairs = character_repairs(text)
    cell = as_latin(tidy(text))
    if cell.strip("'’‘`\"") != cell:
        repairs.add("apostrophe")
        cell = cell.strip("'’‘`\"").strip()
    seconds, has_zone = None, False
    if found := _TIME.fullmatch(cell):
        repairs.add("time_dropped")
        cell = found[1]
        seconds, has_zone = _clock(found), bool(found[6])
    if not _LETTER.search(cell):
        return Bare(cell, frozenset(repairs), False, seconds, has_zone)
    lunar = _LUNAR.fullmatch(key(cell))
    if lunar:
        cell = re.sub(r"[^0-9]*$", "", cell)
    spelt = _in_digits(cell)
    if spelt != cell:
        repairs.add("words")
    return Bare(spelt, frozenset(repairs), lunar is not None, seconds, has_zone)


def _clock(time: re.Match[str]) -> int:
    """Seconds after midnight, with the zone's distance from UTC taken off."""
    _, hour, minute, second, half, zone = time.groups()
    clock = int(hour) % 12 if half else int(hour)
    clock += 12 * (half is not None and half.upper() in ("PM", "CH"))
    seconds = (clock * 60 + int(minute)) * 60 + int(second or 0)
    if not (far := re.search(r"[+-].*", zone or "")):
        return seconds
    hours, minutes, rest = (int(re.sub(r"\D", "", far[0]).ljust(6, "0")[at : at + 2]) for at in (0, 2, 4))
    distance = (hours * 60 + minutes) * 60 + rest
    return seconds + distance if far[0][0] == "-" else seconds - distance


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
