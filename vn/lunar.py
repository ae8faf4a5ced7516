"""Converts days of the Vietnamese lunar calendar into days of the solar calendar.

Older people often know their birthday by the lunar calendar, and forms hold it as if it were solar: the
difference is some 20 to 50 days. The solar day is a candidate for comparison, never a correction.

Source: Hồ Ngọc Đức, "Thuật toán tính âm lịch" (after Meeus, Astronomical Algorithms). Việt Nam counts months by
UTC+7 since 1968 and used the calendar of UTC+8 before; the South kept UTC+8 until 1975, which is not modelled.
"""

import math
from datetime import date
from functools import cache

import polars as pl

from vn.cells import over_distinct

_SYNODIC_MONTH = 29.530588853
_FIRST_NEW_MOON = 2415021.076998695
"""Julian day of the new moon from which months are counted (1 January 1900)."""
_ORDINAL_TO_JULIAN = 1_721_425
_RADIAN = math.pi / 180


def lunar_to_solar(text: str | None, *, is_leap: bool = False) -> str | None:
    """The solar day of a lunar `YYYY-MM-DD`, in the same form; None if that lunar day does not exist.

    `is_leap` asks for the second of two months with the same number.
    """
    parts = (text or "").split("-")
    if [len(part) for part in parts] != [4, 2, 2] or not all(part.isdecimal() for part in parts):
        return None
    year, month, day = map(int, parts)
    if not (1900 <= year <= 2199 and 1 <= month <= 12 and 1 <= day <= 30):
        return None
    months = _months(year)
    place = next((i for i, (number, leap, _) in enumerate(months[:-1]) if (number, leap) == (month, is_leap)), None)
    if place is None or day > months[place + 1][2] - months[place][2]:
        return None
    return date.fromordinal(months[place][2] + day - 1 - _ORDINAL_TO_JULIAN).isoformat()


def lunar_to_solar_column(days: pl.Series) -> pl.Series:
    """`lunar_to_solar` of each value: same order, same name, null where there is no such lunar day."""
    return over_distinct(days, lambda text: (lunar_to_solar(text),), {"solar": pl.String})["solar"].alias(days.name)


@cache
def _months(year: int) -> tuple[tuple[int, bool, int], ...]:
    """(number, whether it is a leap month, Julian day of its first) of the lunar year's months, and the next one.

    Month 11 holds the winter solstice; where 13 months lie between two of them, the first without a
    principal term repeats the number of the one before it.
    """
    zone = 7 if year >= 1968 else 8
    listed = _solstice_year(year, zone) + _solstice_year(year + 1, zone)
    first = next(i for i, (number, _, _) in enumerate(listed) if number == 1)
    after = next(i for i, (number, _, _) in enumerate(listed) if i > first and number == 1 and i - first > 1)
    return tuple(listed[first : after + 1])


def _solstice_year(year: int, zone: int) -> list[tuple[int, bool, int]]:
    """The months from the eleventh of the year before up to, not including, the eleventh of `year`."""
    begin, end = _eleventh_month(year - 1, zone), _eleventh_month(year, zone)
    index = round((begin + 0.5 - _FIRST_NEW_MOON) / _SYNODIC_MONTH)
    starts = [start for k in range(index - 1, index + 15) if begin <= (start := _new_moon(k, zone)) < end]
    terms = [_term(start, zone) for start in [*starts, end]]
    has_leap = len(starts) == 13
    leap = next((i for i in range(1, len(starts)) if has_leap and terms[i] == terms[i + 1]), len(starts))
    return [((10 + i - (i >= leap)) % 12 + 1, i == leap, start) for i, start in enumerate(starts)]


def _eleventh_month(year: int, zone: int) -> int:
    """Julian day on which the month with the winter solstice of `year` begins."""
    last_day = date(year, 12, 31).toordinal() + _ORDINAL_TO_JULIAN
    index = int((last_day - 2415021) / _SYNODIC_MONTH)
    start = _new_moon(index, zone)
    return _new_moon(index - 1, zone) if _term(start, zone) >= 9 else start


@cache
def _new_moon(index: int, zone: int) -> int:
    """Julian day, local, of the new moon number `index` since 1900."""
    t = index / 1236.85
    mean = (
        2415020.75933
        + 29.53058868 * index
        + 0.0001178 * t**2
        - 0.000000155 * t**3
        + 0.00033 * math.sin((166.56 + 132.87 * t - 0.009173 * t**2) * _RADIAN)
    )
    sun = (359.2242 + 29.10535608 * index - 0.0000333 * t**2 - 0.00000347 * t**3) * _RADIAN
    moon = (306.0253 + 385.81691806 * index + 0.0107306 * t**2 + 0.00001236 * t**3) * _RADIAN
    latitude = (21.2964 + 390.67050646 * index - 0.0016528 * t**2 - 0.00000239 * t**3) * _RADIAN
    shift = (
        (0.1734 - 0.000393 * t) * math.sin(sun)
        + 0.0021 * math.sin(2 * sun)
        - 0.4068 * math.sin(moon)
        + 0.0161 * math.sin(2 * moon)
        - 0.0004 * math.sin(3 * moon)
        + 0.0104 * math.sin(2 * latitude)
        - 0.0051 * math.sin(sun + moon)
        - 0.0074 * math.sin(sun - moon)
        + 0.0004 * math.sin(2 * latitude + sun)
        - 0.0004 * math.sin(2 * latitude - sun)
        - 0.0006 * math.sin(2 * latitude + moon)
        + 0.0010 * math.sin(2 * latitude - moon)
        + 0.0005 * math.sin(2 * moon + sun)
    )
    dynamic = -0.000278 + 0.000265 * t + 0.000262 * t**2
    return math.floor(mean + shift - dynamic + 0.5 + zone / 24)


def _term(day: int, zone: int) -> int:
    """Which twelfth of its way the sun is in at the local midnight that begins a Julian day (0 from the equinox)."""
    t = (day - 2451545.5 - zone / 24) / 36525
    anomaly = (357.52910 + 35999.05030 * t - 0.0001559 * t**2 - 0.00000048 * t**3) * _RADIAN
    centre = (
        (1.914600 - 0.004817 * t - 0.000014 * t**2) * math.sin(anomaly)
        + (0.019993 - 0.000101 * t) * math.sin(2 * anomaly)
        + 0.000290 * math.sin(3 * anomaly)
    )
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t**2 + centre
    return int(longitude % 360 / 30)
