"""Which column a header may mean that no alias spells: near misses, and how sure that is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import OSA

from pipelines.read.vocabulary import has_word, header_tables, without_neutral
from pipelines.sectors.headings import key, spaced
from pipelines.sectors.schema import Column
from vn import dates, ids, names, sexes

SURE_ENOUGH = 0.8
"""Of a guess that is acted upon; the officer is told of it."""
SHORTEST = 5
"""Letters of a header in which a slip may be: of three letters every one counts."""
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
    sure: float
    """Likeness of the header, times the share of the values below it that can be read as such."""


def guess(at: int, label: str, values: Iterable[str | None], columns: Sequence[Column]) -> Guess | None:
    """The one column that the header `label` is near to; None if there is none or two are as near."""
    nearest = sorted(((likeness(label, column), column.name) for column in columns), reverse=True)[:2]
    if not nearest or nearest[0][0] == 0 or (len(nearest) == 2 and nearest[0][0] == nearest[1][0]):
        return None
    likely, name = nearest[0]
    column = next(column for column in columns if column.name == name)
    sure = round(likely * fit(column, values), 2)
    return Guess(at, name, sure) if sure >= SURE_ENOUGH else None


def likeness(label: str, column: Column) -> float:
    """How like the header is to one of the column's aliases, 0 to 1; 0 if a word makes another thing of it."""
    return max((_like(label, alias) for alias in (*column.aliases, column.title_vi)), default=0.0)


def _like(label: str, alias: str) -> float:
    different = header_tables().words.different
    other = {word for word in different if has_word(label, (word,)) != has_word(alias, (word,))}
    if other:
        return 0.0
    said, meant = key(without_neutral(label)), key(without_neutral(alias))
    if min(len(said), len(meant)) < SHORTEST:
        return 0.0
    if said == meant:
        return _NEUTRAL
    slips = OSA.distance(said, meant, score_cutoff=2)
    allowed = 1 if min(len(said), len(meant)) < 9 else 2
    return 1 - slips / max(len(said), len(meant)) if slips <= allowed else 0.0


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
    """Headers that may stand for a column that is missing, the likeliest first: at most three, with a share."""
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
