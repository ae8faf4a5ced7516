"""Compares two spellings of a name, syllable by syllable: a lost mark is not another tone, nor another letter."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from vn.alignment import Pair, Part, align
from vn.name_words import fold
from vn.tone import put_tone, take_tone

KINDS: Final = (
    "same", "marks_lost", "marks_added", "tone", "letter_mark", "tone_and_mark", "initial", "letter", "word",
    "missing", "added", "moved",
)  # fmt: skip
"""`marks_lost`: this name lacks marks that the other has (Nguyen for Nguyễn), `marks_added` the reverse; `tone`:
another tone mark (Hoà/Hoá); `letter_mark`: another letter of the same key (a/ă/â, d/đ, o/ơ); `initial`: one letter
for the word; `letter`: one other letter (Minh/Linh); `word`: another word; `missing` from this name, `added` in it,
`moved`: at another place.
"""

_COST: Final = {
    "same": 0.0, "marks_lost": 0.1, "marks_added": 0.1, "tone": 0.2, "letter_mark": 0.2, "tone_and_mark": 0.3,
    "initial": 0.6, "letter": 0.6, "word": 1.3,
}  # fmt: skip
"""Two wrong words side by side are two other words; a word that is out of its place is cheaper left out and put in."""


def compare(own: str, other: str) -> tuple[Part, ...]:
    """The syllables of `own` in their order beside those of `other`, each of both exactly once.

    What `own` lacks stands where it would be. Where a tone mark is written (hòa, hoà) and case make no difference.
    """
    ours, theirs = own.split(), other.split()
    pairs = align(ours, theirs, lambda one, two: _COST[kind(one, two)])
    moved = _moved(ours, theirs, pairs)
    parts = []
    for left, right in pairs:
        if left is None and right in moved.values():
            continue
        if right is None and left in moved:
            parts.append(Part(ours[left], theirs[moved[left]], "moved"))
        elif left is None or right is None:
            parts.append(_alone(ours, theirs, left, right))
        else:
            parts.append(Part(ours[left], theirs[right], kind(ours[left], theirs[right])))
    return tuple(parts)


@lru_cache(maxsize=1 << 16)
def kind(own: str, other: str) -> str:
    """Kind of difference between two syllables: one of KINDS up to `word`."""
    ours, theirs = _canonical(own), _canonical(other)
    if ours == theirs:
        return "same"
    plain = _plain(ours)
    if plain == _plain(theirs):
        return _marks(ours, theirs)
    if min(len(ours), len(theirs)) == 1 and plain[:1] == _plain(theirs)[:1]:
        return "initial"
    return "letter" if min(len(ours), len(theirs)) > 1 and OSA.distance(plain, _plain(theirs)) <= 1 else "word"


def _alone(ours: Sequence[str], theirs: Sequence[str], left: int | None, right: int | None) -> Part:
    if left is None:
        return Part("", theirs[right or 0], "missing")
    return Part(ours[left], "", "added")


def _moved(ours: Sequence[str], theirs: Sequence[str], pairs: Sequence[Pair]) -> dict[int, int]:
    """Syllables without a counterpart that the other name has elsewhere: place here → place there."""
    lacking = [right for left, right in pairs if left is None and right is not None]
    found: dict[int, int] = {}
    for left, right in pairs:
        if right is None and left is not None:
            same = [at for at in lacking if _canonical(theirs[at]) == _canonical(ours[left])]
            if same:
                found[left] = same[0]
                lacking.remove(same[0])
    return found


def _marks(ours: str, theirs: str) -> str:
    """How two syllables of the same plain letters differ."""
    (our_letters, our_tone), (their_letters, their_tone) = _taken(ours), _taken(theirs)
    if _within(our_letters, their_letters) and our_tone in ("", their_tone):
        return "marks_lost"
    if _within(their_letters, our_letters) and their_tone in ("", our_tone):
        return "marks_added"
    if our_letters == their_letters:
        return "tone"
    return "letter_mark" if our_tone == their_tone else "tone_and_mark"


def _within(fewer: str, more: str) -> bool:
    return len(fewer) == len(more) and all(one in (two, _plain(two)) for one, two in zip(fewer, more, strict=True))


def _taken(word: str) -> tuple[str, str]:
    # A word with two tone marks is no syllable: its marks are taken as they stand.
    return take_tone(word) or (word, "")


def _canonical(word: str) -> str:
    return put_tone(unicodedata.normalize("NFC", word).lower())


def _plain(word: str) -> str:
    """Its letters without any mark; the word itself where folding leaves nothing to compare."""
    return fold(word) or word
