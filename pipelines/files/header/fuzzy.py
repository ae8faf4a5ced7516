"""Matches headers that are no alias to columns: which column, with what confidence."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from pipelines.files.header.aliases import has_word, header_tables, without_neutral
from pipelines.sectors.header_key import key, spaced
from pipelines.sectors.schema import Column
from vn import dates, ids, names, sexes

SURE_ENOUGH = 0.8
"""Least confidence at which a guess is used; the officer is told."""
SHORTEST, LONG = 5, 9
"""Letters of a header in which a slip may be (of three letters every one counts), and in which two may be."""
MOST_SLIPS = 2
_NEUTRAL = 0.95
"""How sure a header is that says the same with other words around it."""
_SAMPLE = 50
_SOME_DAY = date(2099, 12, 31)
"""Against which dates are judged: whether they can be read, not whether they have come."""


@dataclass(frozen=True)
class Guess:
    """A column that a header may mean."""

    at: int
    column: str
    confidence: float
    """Likeness of the header, times the share of the values below it that can be read as the column's kind."""


def guesses(
    labels: Mapping[int, str], values: Mapping[int, list[str | None]], columns: Sequence[Column]
) -> list[Guess]:
    """The one column that each header is similar to; none where two are, or the values are of another kind."""
    found = []
    for at, likely in likenesses(labels, columns).items():
        (best, name), *others = sorted(((share, name) for name, share in likely.items()), reverse=True)
        if others and others[0][0] == best:
            continue
        column = next(column for column in columns if column.name == name)
        confidence = round(best * fit(column, values.get(at, [])), 2)
        if confidence >= SURE_ENOUGH:
            found.append(Guess(at, name, confidence))
    return found


def likenesses(labels: Mapping[int, str], columns: Sequence[Column]) -> dict[int, dict[str, float]]:
    """Header → the columns with a similar alias, and the similarity, up to 1."""
    known = [(column.name, alias) for column in columns for alias in (*column.aliases, column.title_vi)]
    meant = [_bare(alias) for _, alias in known]
    said = {at: _bare(label) for at, label in labels.items()}
    # A slip or two: all headers against all aliases at once.
    slips = cdist(list(said.values()), meant, scorer=OSA.distance, score_cutoff=MOST_SLIPS)
    found: dict[int, dict[str, float]] = {}
    places = list(said)
    for row, other in zip(*np.nonzero(slips <= MOST_SLIPS), strict=True):
        at, (name, alias) = places[row], known[other]
        share = _share(said[at], meant[other], int(slips[row, other]))
        if share > found.get(at, {}).get(name, 0.0) and _different(labels[at]) == _different(alias):
            found.setdefault(at, {})[name] = share
    return found


def _share(said: str, meant: str, slips: int) -> float:
    shorter = min(len(said), len(meant))
    if shorter < SHORTEST or slips > (1 if shorter < LONG else MOST_SLIPS):
        return 0.0
    return 1 - slips / max(len(said), len(meant)) if slips else _NEUTRAL


@lru_cache(maxsize=1 << 14)
def _bare(label: str) -> str:
    return key(without_neutral(label))


@lru_cache(maxsize=1 << 14)
def _different(label: str) -> frozenset[str]:
    """Words in it that make another thing of a header."""
    return frozenset(word for word in header_tables().words.different if has_word(label, (word,)))


def fit(column: Column, values: Iterable[str | None]) -> float:
    """The share of the values that can be read as what the column holds; 1 if there are none."""
    filled = [value for value in values if value][:_SAMPLE]
    reads = _READS.get(column.kind)
    if not filled or reads is None:
        return 1.0
    return sum(map(reads, filled)) / len(filled)


def suggestions(
    missing: Column, labels: dict[int, str], values: dict[int, list[str | None]]
) -> list[tuple[str, float]]:
    """Headers that may stand for a missing column, the likeliest first: at most three, with a share."""
    scored = []
    for at, label in labels.items():
        filled = [value for value in values.get(at, []) if value]
        readable = fit(missing, filled) if filled and missing.kind in _READS else 0.0
        words = max((_words_alike(label, alias) for alias in (*missing.aliases, missing.title_vi)), default=0.0)
        scored.append((round((words + readable) / 2, 2), label))
    return [(label, share) for share, label in sorted(scored, key=lambda each: (-each[0], each[1])) if share >= 0.4][:3]


def _words_alike(label: str, alias: str) -> float:
    return float(OSA.normalized_similarity(spaced(label), spaced(alias)))


def _is_name(text: str) -> bool:
    return names.normalise(text) is not None and not any(letter.isdigit() for letter in text)


_READS: dict[str, Callable[[str], bool]] = {
    "name": _is_name,
    "date": lambda text: dates.normalise(text, _SOME_DAY) is not None,
    "sex": lambda text: sexes.normalise(text) is not None,
    "id": lambda text: ids.read(text).id_kind in ("cccd", "cmnd", "passport"),
}
