"""Reads the date of birth in one cell: its precision, other meanings, and what was mended to read it."""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from vn.cells import in_order, key, tidy
from vn.date_clock import at, is_midnight
from vn.date_parts import FIRST_YEAR, Parts, readings
from vn.date_tables import FILLER_DAYS, REPAIRS
from vn.date_text import Bare, strip
from vn.lunar import lunar_to_solar
from vn.nothing import is_nothing

_DIGIT = re.compile("[1-9]")


class Reading(NamedTuple):
    """What a date cell holds; its fields are the columns of `vn.dates.standardise`."""

    date_of_birth: str | None = None
    birth_precision: str | None = None
    birth_year: int | None = None
    birth_alternative: str | None = None
    birth_repairs: str = ""
    birth_why_not: str | None = None


class _Day(NamedTuple):
    """A date in the form of its precision, or why there is none."""

    text: str = ""
    why_not: str | None = None
    is_swapped: bool = False
    is_moved: bool = False


# A column comes in slices, which hold the same days: a century has 36,525, in few forms.
@lru_cache(maxsize=200_000)
def read(text: str | None, night: date) -> Reading:
    """The date in a cell, or why there is none. `night` is the day after which nobody was born yet."""
    cell = tidy(text or "")
    if not cell:
        return Reading(birth_why_not="missing")
    if not _DIGIT.search(cell) and (is_nothing(cell, "date") or not key(cell).strip("0 ")):
        return Reading(birth_why_not="filler")
    bare = strip(text or "")
    found = readings(bare.text, night)
    if not found:
        return Reading(birth_why_not="unreadable")
    meant = [_here(_lawful(parts, night, is_lunar=bare.is_lunar), bare, night) for parts in found]
    place = next((i for i, day in enumerate(meant) if not day.why_not), None)
    if place is None:
        return Reading(birth_why_not=meant[0].why_not)
    chosen = meant[place]
    repairs = set(bare.repairs | found[place].repairs)
    repairs |= {"lunar"} if bare.is_lunar else set()
    repairs |= {"swapped"} if chosen.is_swapped else set()
    repairs |= {"utc_shift"} if chosen.is_moved else set()
    repairs |= {"first_of_january"} if chosen.text.endswith("-01-01") else set()
    others = _others(bare, found[place], chosen, meant[place + 1 :], night)
    return Reading(
        date_of_birth=chosen.text,
        birth_precision={4: "year", 7: "month", 10: "day"}[len(chosen.text)],
        birth_year=int(chosen.text[:4]),
        birth_alternative=next((other for other in others if other != chosen.text), None),
        birth_repairs=in_order(repairs, REPAIRS),
    )


def normalise(text: str | None, night: date) -> str | None:
    """The date in a cell as `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, None if there is none."""
    return read(text, night).date_of_birth


def why_not(text: str | None, night: date) -> str | None:
    """Why a cell gives no date (a code of `WHY_NOT`), None if it gives one."""
    return read(text, night).birth_why_not


def _others(bare: Bare, parts: Parts, chosen: _Day, rest: list[_Day], night: date) -> list[str]:
    """Other lawful readings, the likeliest first."""
    others = [_lawful(parts, night)] if bare.is_lunar else []
    if not bare.has_zone and bare.seconds and (next_day := _moved(chosen, bare.seconds, night, only_midnight=True)):
        others.append(next_day)
    if not (chosen.is_swapped or bare.is_lunar or chosen.is_moved):
        others.append(
            _lawful(parts._replace(day=parts.month, month=parts.day), night) if parts.day else _Day(why_not="-")
        )
    return [day.text for day in [*others, *rest] if not day.why_not and not (day.is_swapped and not bare.is_lunar)]


def _lawful(parts: Parts, night: date, *, is_lunar: bool = False) -> _Day:
    """The reading as text if such a day exists, is past and not before 1900."""
    day = _text(parts)
    if day in FILLER_DAYS:
        return _Day(why_not="filler")
    if parts.year == 0:
        return _Day(why_not="unreadable")
    is_swapped = False
    if is_lunar and parts.day:
        day = lunar_to_solar(day) or ""
    elif parts.day and not _exists(parts):
        swapped = parts._replace(day=parts.month, month=parts.day)
        day, is_swapped = (_text(swapped), True) if _exists(swapped) else ("", False)
    elif parts.month > 12:
        day = ""
    if not day:
        return _Day(why_not="impossible")
    if int(day[:4]) < FIRST_YEAR:
        return _Day(why_not="before_1900")
    return _Day(why_not="future") if day > night.isoformat()[: len(day)] else _Day(day, is_swapped=is_swapped)


def _here(day: _Day, bare: Bare, night: date) -> _Day:
    """The day in Việt Nam of an instant that says its zone."""
    return _moved(day, bare.seconds, night) or day if bare.has_zone and bare.seconds is not None else day


def _moved(day: _Day, seconds: int, night: date, *, only_midnight: bool = False) -> _Day | None:
    """The other day that it is in Việt Nam so long after midnight UTC of this one; None if it is this one."""
    if len(day.text) != 10:
        return None
    moment = at(date.fromisoformat(day.text), seconds)
    moved = moment.date().isoformat()
    if moved == day.text or (only_midnight and not is_midnight(moment)):
        return None
    return _Day(why_not="future") if moved > night.isoformat() else day._replace(text=moved, is_moved=True)


def _text(parts: Parts) -> str:
    year = f"{parts.year:04d}"
    if not parts.month:
        return year
    return f"{year}-{parts.month:02d}-{parts.day:02d}" if parts.day else f"{year}-{parts.month:02d}"


def _exists(parts: Parts) -> bool:
    try:
        date(parts.year, parts.month, parts.day)
    except ValueError:
        return False
    return True
