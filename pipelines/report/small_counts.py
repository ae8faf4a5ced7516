"""Hides small counts: 1–7 become `*`, others a multiple of 5, 0 stays, and no total gives a hidden count away.

A count is rounded from its own exact value, never added up from rounded ones. A total bounds its parts: twelve parts
of at least 1 beside a total of at most 12 are all 1. Where the nearest multiple of 5 would leave a hidden part less
than LEEWAY from the end of what it can be, the next multiple is shown; four or more hidden counts hide a total up
to WIDE too. Which figure is shown follows from the parts' shown ranges, so that knowing the rule helps nobody.
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


class Shown(NamedTuple):
    """A published count and all that can be concluded from it together with its parts."""

    text: str
    low: int
    high: int
    hides: bool
    """Whether it, or a part of it, is a hidden count."""


def of_count(count: int) -> Shown:
    """The count of a smallest group, as it is published."""
    if count == 0:
        return Shown("0", 0, 0, False)
    if count <= SMALL:
        return Shown(HIDDEN, 1, SMALL, True)
    nearest = _nearest(count)
    return Shown(str(nearest), max(nearest - 2, SMALL + 1), nearest + 2, False)


def of_total(count: int, parts: Sequence[Shown]) -> Shown:
    """The total of all these parts, as it is published. Its range holds whatever the parts allow and it may stand for.

    Errors: ValueError if the parts cannot add up to the count.
    """
    low, high = sum(part.low for part in parts), sum(part.high for part in parts)
    if not low <= count <= high:
        raise ValueError("the parts do not add up to the total")
    hides = any(part.hides for part in parts)
    text = _text(count, low, high, hides)
    near = range(max(low, count - 3 * BASE), min(high, count + 3 * BASE) + 1)
    possible = [each for each in near if _text(each, low, high, hides) == text]
    return Shown(text, possible[0], possible[-1], hides)


def _text(count: int, low: int, high: int, hides: bool) -> str:
    if count == 0:
        return "0"
    if count <= (WIDE if hides and low >= LEEWAY else SMALL) and low <= SMALL:
        return HIDDEN
    nearest = _nearest(count)
    if not hides:
        return str(nearest)
    if high - low < 2 * LEEWAY:  # too narrow for two figures: always the same
        return str(_nearest((low + high) // 2))
    if nearest + 2 - low < LEEWAY:
        nearest += BASE
    elif high - (nearest - 2) < LEEWAY:
        nearest -= BASE
    return str(nearest)


def _nearest(count: int) -> int:
    return (count + 2) // BASE * BASE
