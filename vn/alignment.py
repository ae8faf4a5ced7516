"""Aligns the parts of two values so that they differ least in all."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

Pair = tuple[int | None, int | None]
"""Position in the one value and position in the other; None where nothing stands opposite."""


class Part(NamedTuple):
    """A part of a value beside its counterpart."""

    own: str
    """`""` where the value lacks the part."""
    other: str
    """`""` where only this value has the part."""
    kind: str
    """Kind of difference, `same` if there is none."""


def align(
    own: Sequence[str],
    other: Sequence[str],
    cost: Callable[[str, str], float],
    *,
    gap: float = 1.0,
    exchange: float | None = None,
) -> list[Pair]:
    """Pairs of positions at the least total cost, each position exactly once, in order; ties go the same way whichever
    side is `own`.

    A part alone costs `gap`; with `exchange`, two neighbours that stand the other way round cost that much and are
    given as (0, 1), (1, 0).
    """
    if tuple(own) > tuple(other):
        mirrored = [(right, left) for left, right in _align(other, own, cost, gap, exchange)]
        return _in_order(mirrored)
    return _align(own, other, cost, gap, exchange)


def _in_order(pairs: list[Pair]) -> list[Pair]:
    """The pairs with exchanged neighbours in the first side's order."""
    ordered = list(pairs)
    for at, (here, following) in enumerate(pairwise(pairs)):
        if here[0] is not None and following[0] is not None and here[0] > following[0]:
            ordered[at], ordered[at + 1] = following, here
    return ordered


def _align(
    own: Sequence[str],
    other: Sequence[str],
    cost: Callable[[str, str], float],
    gap: float,
    exchange: float | None,
) -> list[Pair]:
    """Least cost of each pair of beginnings, then the way back through them."""
    best: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
    for i in range(len(own) + 1):
        for j in range(len(other) + 1):
            ways = []
            if i and j:
                ways.append((best[i - 1, j - 1][0] + cost(own[i - 1], other[j - 1]), (i - 1, j - 1)))
            if exchange is not None and _are_exchanged(own, other, i, j):
                ways.append((best[i - 2, j - 2][0] + exchange, (i - 2, j - 2)))
            if i:
                ways.append((best[i - 1, j][0] + gap, (i - 1, j)))
            if j:
                ways.append((best[i, j - 1][0] + gap, (i, j - 1)))
            if ways:
                best[i, j] = min(ways, key=lambda way: round(way[0], 6))
    return _way_back(best, (len(own), len(other)))


def _are_exchanged(own: Sequence[str], other: Sequence[str], i: int, j: int) -> bool:
    if i < 2 or j < 2 or own[i - 1] == own[i - 2]:
        return False
    return own[i - 1] == other[j - 2] and own[i - 2] == other[j - 1]


def _way_back(best: dict[tuple[int, int], tuple[float, tuple[int, int]]], end: tuple[int, int]) -> list[Pair]:
    pairs: list[Pair] = []
    while end != (0, 0):
        i, j = end
        before = best[end][1]
        if (i - before[0], j - before[1]) == (2, 2):
            pairs += [(i - 1, j - 2), (i - 2, j - 1)]
        else:
            pairs.append((i - 1 if i > before[0] else None, j - 1 if j > before[1] else None))
        end = before
    return pairs[::-1]
