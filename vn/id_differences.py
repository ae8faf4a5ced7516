"""Compares two numbers: the positions at which they differ."""

from typing import Final

from vn.alignment import Part, align

KINDS: Final = ("same", "other", "exchanged", "missing", "added")
"""`exchanged`: with its neighbour (1234, 1324); `missing`: a digit that this number lacks; `added`: one too many."""


def compare(own: str, other: str) -> tuple[Part, ...]:
    """The digits of `own` in their order beside those of `other`, each of both exactly once."""
    pairs = align(own, other, lambda one, two: 0.0 if one == two else 1.0, exchange=1.0)
    parts = []
    for at, (left, right) in enumerate(pairs):
        one, two = own[left] if left is not None else "", other[right] if right is not None else ""
        parts.append(Part(one, two, _kind(one, two, crosses=_crosses(pairs, at))))
    return tuple(parts)


def _crosses(pairs: list[tuple[int | None, int | None]], at: int) -> bool:
    """Whether the pair is one of two neighbours that were exchanged: only their places run against the order."""
    for near in (at - 1, at):
        if near >= 0 and near + 1 < len(pairs):
            (left, right), (next_left, next_right) = pairs[near], pairs[near + 1]
            whole = None not in (left, right, next_left, next_right)
            if whole and ((left or 0) < (next_left or 0)) != ((right or 0) < (next_right or 0)):
                return True
    return False


def _kind(own: str, other: str, *, crosses: bool) -> str:
    if not own:
        return "missing"
    if not other:
        return "added"
    if crosses:
        return "exchanged"
    return "same" if own == other else "other"
