"""Hides small counts: 1–7 become `*`, others a multiple of 5, 0 stays, and no total gives a hidden count away.

A count is rounded from its own exact value, never added up from rounded ones. A total bounds its parts: twelve parts
of at least 1 beside a total of at most 12 are all 1. Where the nearest multiple of 5 would leave a total less than
LEEWAY from the sum at which every part is fixed, the next multiple is shown; four or more hidden counts hide a total
up to WIDE too. This holds for who takes a figure for the nearest multiple and for who knows this rule: which multiples
may be shown follows from the parts' shown figures alone.
"""

from collections.abc import Sequence
from typing import NamedTuple

HIDDEN = "*"
SMALL = 7
WIDE = 12
"""A hidden total over four or more hidden counts is 1–12."""
BASE = 5
LEEWAY = 4
"""How far the least and the greatest sum that a total allows must stay from the sums that fix every part."""


class Range(NamedTuple):
    """Counts that are not ruled out, both ends included."""

    low: int
    high: int

    def within(self, other: "Range") -> "Range":
        """What both allow."""
        return Range(max(self.low, other.low), min(self.high, other.high))


class Shown(NamedTuple):
    """A published count and what can be concluded from it together with its parts."""

    text: str
    known: Range
    """By who knows the rule of totals."""
    read: Range
    """By who takes every multiple of 5 for the nearest."""
    hides: bool
    """Whether it, or a part of it, is a hidden count."""


def of_count(count: int) -> Shown:
    """The count of a smallest group, as it is published."""
    if count == 0:
        return Shown("0", Range(0, 0), Range(0, 0), False)
    if count <= SMALL:
        return Shown(HIDDEN, Range(1, SMALL), Range(1, SMALL), True)
    nearest = _nearest(count)
    known = _around(nearest).within(Range(SMALL + 1, nearest + 2))
    return Shown(str(nearest), known, known, False)


def of_total(count: int, parts: Sequence[Shown]) -> Shown:
    """The total of all these parts, as it is published.

    Errors: ValueError if the parts cannot add up to the count.
    """
    known, read = _sum([part.known for part in parts]), _sum([part.read for part in parts])
    if not known.low <= count <= known.high:
        raise ValueError("the parts do not add up to the total")
    if count == 0:
        return of_count(0)
    if not any(part.hides for part in parts):
        nearest = _nearest(count)
        return Shown(str(nearest), known.within(_around(nearest)), read.within(_around(nearest)), False)
    most = WIDE if known.low >= LEEWAY else SMALL
    if known.low <= SMALL:
        small = Range(1, most)
        if count <= most:
            return Shown(HIDDEN, known.within(small), read.within(small), True)
        known = Range(most + 1, known.high)
    return _rounded(count, known, read)


def _rounded(count: int, known: Range, read: Range) -> Shown:
    both = known.within(read)
    least = -(-(both.low + LEEWAY - 2) // BASE) * BASE
    greatest = max((both.high - LEEWAY + 2) // BASE * BASE, 2 * BASE)
    if least > greatest:  # too narrow for two figures: always the same
        least = greatest = _nearest(sum(both) // 2)
    shown = min(max(_nearest(count), least), greatest)
    # The least and the greatest multiple stand for all counts beyond them too.
    low = known.low if shown == least else shown - 2
    high = known.high if shown == greatest else shown + 2
    return Shown(str(shown), known.within(Range(low, high)), read.within(_around(shown)), True)


def _sum(ranges: Sequence[Range]) -> Range:
    return Range(sum(each.low for each in ranges), sum(each.high for each in ranges))


def _around(multiple: int) -> Range:
    return Range(multiple - 2, multiple + 2)


def _nearest(count: int) -> int:
    return (count + 2) // BASE * BASE
