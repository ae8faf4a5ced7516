"""Reads one word of a name: its canonical spelling, its key, its repairs, whether it is known.

A word is *known* when it is a Vietnamese syllable (with or without its marks) or part of a name in the
tables. Legacy encodings and typing residue are looked for only in names that hold an unknown word.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

from unidecode import unidecode

from vn import nothing
from vn.tone import bases, is_in_place, is_syllable, put_tone, table

ETH: Final = str.maketrans("ÐðƉɖ", "ĐđĐđ")
"""Letters that look like Đ and are typed for it."""
_NOT_KEY: Final = re.compile(r"[^a-z0-9]+")
_PIECES: Final = re.compile(r"(['-])")
_PREFIX_LETTERS: Final = 2
"""H'Hen, Đ'Ran: a capital follows the apostrophe of a short prefix, not that of a longer word."""

_GREAT_SHARE: Final = 0.05


class Word(NamedTuple):
    """A word of a name."""

    text: str
    key: str
    repairs: tuple[str, ...]
    is_certain: bool
    """Whether the word is known as it stands: no old encoding, and nothing that a keyboard left."""
    opens: bool
    """Whether a title or a mark of nothing may begin with the word, where it stands first."""
    opens_note: bool
    """Whether a note may begin with the word, wherever it stands."""


def settles(words: Sequence[Word]) -> bool:
    """Whether the words, each mended on its own, are the name: all are certain, and none opens anything else."""
    return bool(words) and not words[0].opens and all(word.is_certain and not word.opens_note for word in words)


def fold(text: str) -> str:
    """Lower-case ASCII letters and digits with single spaces between the words; `""` if none is left."""
    return _NOT_KEY.sub(" ", unidecode(text.translate(ETH)).lower()).strip()


@cache
def surnames() -> dict[str, str]:
    """Lower-case surname (of one or more words) → its kind: `kinh`, `compound`, `ethnic`."""
    return {row["surname"].lower(): row["kind"] for row in table("surnames.csv")}


@cache
def great_surnames() -> frozenset[str]:
    """The few surnames of more than one person in twenty, lower case."""
    rows = table("surnames.csv")
    return frozenset(row["surname"].lower() for row in rows if float(row["frequency"] or 0) > _GREAT_SHARE)


@cache
def plain_surnames() -> frozenset[str]:
    """Surnames of one word with a measured frequency, lower case, also as typed without marks."""
    found = [
        row["surname"].lower()
        for row in table("surnames.csv")
        if row["kind"] == "kinh" and row["frequency"] and " " not in row["surname"]
    ]
    return frozenset(found) | frozenset(map(fold, found))


@cache
def name_words() -> frozenset[str]:
    """Words seen in real names (surname, middle, given), lower case, marks in the old style's place."""
    seen = {put_tone(row["word"].lower()) for row in table("name_words.csv")}
    return frozenset(seen | {word for name in surnames() for word in name.split()})


@cache
def cut_off_names() -> str:
    """The pattern of one lower-case word that is only part of a name, or a whole one typed without spaces.

    What the Kinh are called by needs a surname and a given name: `an`, `nguyễn`, `nguyễnvănan`. A word of no
    such name («Blô») may be all that somebody of a highland people is called; a lone letter is only a prefix.
    """
    own = {row["surname"].lower() for row in table("surnames.csv") if row["kind"] == "kinh"}
    used = own | {put_tone(row["word"].lower()) for row in table("name_words.csv")}
    first, rest = ("|".join(sorted(words | set(map(fold, words)))) for words in (own, used))
    return rf"{rest}|({first})({rest})+|\p{{L}}|.*\..*"


@cache
def _unmarked_name_words() -> frozenset[str]:
    return frozenset(map(fold, name_words()))


def are_name_words(words: list[str]) -> bool:
    """Whether all the lower-case words are known from real names, or all are ones without their marks."""
    return all(word in name_words() for word in words) or all(word in _unmarked_name_words() for word in words)


@cache
def _given_names() -> frozenset[str]:
    """Given names that are in use, lower case, also as typed without marks."""
    known = name_words() | {put_tone(row["word"].lower()) for row in table("given_names.csv")}
    return known | frozenset(map(fold, known))


def is_given_name(word: str) -> bool:
    """Whether people are called the lower-case word: `hùng`, `hung`, `năm`; a slip of the pen (`hủng`) hardly is."""
    return word in _given_names()


@cache
def _unmarked() -> frozenset[str]:
    return frozenset(map(fold, bases())) | frozenset("yhk") | {"ka"}


@cache
def openers() -> frozenset[str]:
    """First words of titles and of marks of nothing, also without their tones: behind other words they open nothing."""
    return _with_folded(_first_words("form of address", "title") | {m.split()[0] for m in nothing.listed("name")})


@cache
def note_openers() -> frozenset[str]:
    """First words of notes («con ông», «bé gái»), also without their marks: behind a name they cut it off."""
    return _with_folded(_first_words("newborn", "parent"))


def _first_words(*kinds: str) -> set[str]:
    return {row["text"].lower().split()[0] for row in table("name_notes.csv") if row["kind"] in kinds}


def _with_folded(words: set[str]) -> frozenset[str]:
    return frozenset(words | set(map(fold, words)))


@lru_cache(maxsize=1 << 16)
def is_known(word: str) -> bool:
    """Whether the lower-case word is a syllable, a syllable without marks, or in the tables."""
    return is_syllable(word) or word in _unmarked() or word in name_words()


def _title(word: str) -> str:
    pieces = _PIECES.split(word)
    for at in range(0, len(pieces), 2):
        piece = pieces[at]
        short_prefix = at == 0 or pieces[at - 1] == "-" or 0 < len(pieces[at - 2]) <= _PREFIX_LETTERS
        if piece and short_prefix and len(piece[0].upper()) == 1:
            pieces[at] = piece[0].upper() + piece[1:]
    return "".join(pieces)


@lru_cache(maxsize=1 << 17)
def read_word(raw: str) -> Word:
    """One word without spaces, mended on its own: Unicode form, Đ, case, place of the tone mark."""
    composed = unicodedata.normalize("NFC", raw)
    d_mended = composed.translate(ETH)
    lower = unicodedata.normalize("NFC", d_mended.lower())
    placed = put_tone(lower)
    text = unicodedata.normalize("NFC", _title(placed))
    found = {
        "unicode": composed != raw,
        "eth": d_mended != composed,
        "case": unicodedata.normalize("NFC", _title(lower)) != d_mended,
        "tone_placement": placed != lower,
    }
    # A mark in the wrong place of a word that no one is called may be a VNI font's (xaõ).
    certain = placed in name_words() or (is_known(placed) and is_in_place(lower))
    repairs = tuple(code for code, mended in found.items() if mended)
    return Word(text, fold(text), repairs, certain, placed in openers(), placed in note_openers())
