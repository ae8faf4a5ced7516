"""Finds and places the tone mark of a syllable, and tells whether it is a Vietnamese syllable at all.

Syllables are onset + rhyme from `tables/syllables.csv`; the mark goes where the old style puts it
(hòa, thúy, not hoà, thuý); `qu` and `gi` are onsets, so quý and giá.
"""

import csv
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

TONES: Final = "\u0301\u0300\u0309\u0303\u0323"  # sắc huyền hỏi ngã nặng
STOP_TONES: Final = ("\u0301", "\u0323")
_VOWELS: Final = "aăâeêioôơuưy"
_SHAPED: Final = "ăâêôơư"
_NEW_STYLE: Final = re.compile("(?:o[àáảãạèéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])$")


class Base(NamedTuple):
    """A syllable without its tone: which letter carries the mark, and whether only sắc and nặng fit."""

    carrier: int
    stopped: bool


def table(name: str) -> list[dict[str, str]]:
    """The rows of one of the package's CSV tables, every cell as text."""
    text = files("vn").joinpath("tables", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _carrier(rhyme: str) -> int:
    shaped = [at for at, letter in enumerate(rhyme) if letter in _SHAPED]
    if shaped:
        return shaped[-1]
    vowels = sum(letter in _VOWELS for letter in rhyme)
    if vowels < len(rhyme):
        return vowels - 1
    return 1 if vowels == 3 else 0


def _goes_with(onset: dict[str, str], rhyme: dict[str, str]) -> bool:
    firsts, onsets = onset["beside"].split(), rhyme["beside"].split()
    return (not firsts or rhyme["text"][0] in firsts) and (not onsets or onset["text"] in onsets)


@cache
def bases() -> dict[str, Base]:
    """Every possible toneless syllable."""
    rows = table("syllables.csv")
    found: dict[str, Base] = {}
    for onset in (row for row in rows if row["part"] == "onset"):
        start = onset["text"].replace("-", "")
        for rhyme in (row for row in rows if row["part"] == "rhyme"):
            if _goes_with(onset, rhyme):
                base = Base(len(start) + _carrier(rhyme["text"]), rhyme["tones"] == "stop")
                # `gi` stands before `g` in the table: gia is gi + a, not g + ia.
                found.setdefault(start + rhyme["text"], base)
    return found


def take_tone(word: str) -> tuple[str, str] | None:
    """A word without its tone mark, and the mark (`""` if it has none); None if it has several."""
    base, tone, on_vowel = "", "", False
    for mark in unicodedata.normalize("NFD", word):
        if not unicodedata.combining(mark):
            on_vowel = mark in _VOWELS  # the tilde of ñ is no tone
        if not on_vowel or mark not in TONES:
            base += mark
        elif tone:
            return None
        else:
            tone = mark
    return unicodedata.normalize("NFC", base), tone


@lru_cache(maxsize=1 << 16)
def put_tone(word: str) -> str:
    """The lower-case word with its tone mark where the old style puts it; unchanged if it is no syllable."""
    parts = take_tone(word)
    if parts is None or not parts[1] or (base := bases().get(parts[0])) is None:
        return word
    text, tone = parts
    if base.stopped and tone not in STOP_TONES:
        return word
    at = base.carrier + 1
    return unicodedata.normalize("NFC", text[:at] + tone + text[at:])


def is_in_place(word: str) -> bool:
    """Whether the lower-case word's mark stands where the old or the new style (hoà, khoẻ, thuý) puts it."""
    return put_tone(word) == word or _NEW_STYLE.search(word) is not None


def is_syllable(word: str) -> bool:
    """Whether the lower-case word is a correctly spelt Vietnamese syllable, marks included."""
    parts = take_tone(word)
    if parts is None or (base := bases().get(parts[0])) is None:
        return False
    return not base.stopped or parts[1] in STOP_TONES
