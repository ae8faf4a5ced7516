"""Compares two dates: which of day, month and year differ."""

from typing import Final

from rapidfuzz.distance import OSA

from vn.alignment import Part

KINDS: Final = ("same", "digit", "exchanged", "swapped", "other", "missing", "added")
"""`digit`: one digit is another; `exchanged`: two neighbouring digits; `swapped`: day and month stand for one another;
`missing`: this date does not say it; `added`: only this date says it.
"""


def compare(own: str, other: str) -> tuple[Part, ...]:
    """Day, month, year of `own` beside those of `other` (both `YYYY-MM-DD`, `YYYY-MM` or `YYYY`); what neither says is
    left out.
    """
    ours, theirs = _parts(own), _parts(other)
    swapped = ours[0] != ours[1] and ours[:2] == theirs[1::-1] and "" not in ours[:2]
    parts = []
    for at, (one, two) in enumerate(zip(ours, theirs, strict=True)):
        if one or two:
            parts.append(Part(one, two, "swapped" if swapped and at < 2 else _kind(one, two)))
    return tuple(parts)


def _parts(date: str) -> tuple[str, str, str]:
    year, month, day = (*date.split("-", 2), "", "")[:3]
    return day, month, year


def _kind(own: str, other: str) -> str:
    if own == other:
        return "same"
    if not own:
        return "missing"
    if not other:
        return "added"
    if OSA.distance(own, other) > 1 or len(own) != len(other):
        return "other"
    return "exchanged" if sorted(own) == sorted(other) else "digit"
