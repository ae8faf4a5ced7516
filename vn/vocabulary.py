"""Tells whether a word is usual in Vietnamese lists, a possible syllable, or no Vietnamese word at all.

What a legacy encoding is told by: of the ways to read a cell, the one that gives such words is what was typed.
"""

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from typing import Final

from vn.communes import communes
from vn.name_words import ETH, is_known, name_words
from vn.provinces import provinces
from vn.tone import TONES, bases, is_in_place, is_syllable, put_tone, table

LETTERS: Final = re.compile(r"[^\W\d_]+")
WORDS: Final = re.compile(r"[^\x00-@\[-`{-\x7f–—‘’“”…•\u00a0]+")
"""Pattern of words, signs above ASCII included: ¨ and § are letters of TCVN3."""
_PLACES_WITH_A_USUAL_WORD: Final = 5


@cache
def alphabet() -> frozenset[str]:
    """The marked letters of Vietnamese and of the minorities' names, small and capital, composed."""
    letters = {letter for base in bases() for letter in base}
    marked = {unicodedata.normalize("NFC", letter + tone) for letter in letters for tone in TONES}
    small = {letter for letter in letters | marked | set("ĕŏŭčƀñ") if len(letter) == 1 and not letter.isascii()}
    return frozenset(small | {letter.upper() for letter in small})


@cache
def _usual() -> frozenset[str]:
    words_of = {name: _words(name) for name in [*communes()["name"], *provinces()["name"]]}
    in_places = Counter(word for words in words_of.values() for word in words)
    often = {word for word, count in in_places.items() if count >= _PLACES_WITH_A_USUAL_WORD}
    of_minorities = {word for word, count in in_places.items() if count > 1 and not is_known(word)}
    of_provinces = {word for name in provinces()["name"] for word in words_of[name]}
    listed = {put_tone(row["word"]) for row in table("text_words.csv")}
    usual = often | of_minorities | of_provinces | listed | name_words()
    return frozenset(word for word in usual if len(word) > 1)


def _words(name: str) -> list[str]:
    return [put_tone(word) for word in LETTERS.findall(name.lower())]


def is_usual(word: str) -> bool:
    """Whether the lower-case word is common in names, places, schools, employers or notes."""
    return put_tone(word) in _usual()


@lru_cache(maxsize=1 << 16)
def is_well_spelt(word: str) -> bool:
    """Whether the lower-case word is usual or a syllable, with its mark where the old or the new style puts it."""
    return is_in_place(word) and (is_syllable(word) or put_tone(word) in _usual())


def is_cased(word: str) -> bool:
    """Whether the word's capitals are all of its letters, its first letter, or none."""
    return word.islower() or word.isupper() or word[1:].islower()


@lru_cache(maxsize=1 << 16)
def is_good(word: str) -> bool:
    """Whether a person may have typed the word in Unicode as it stands: with marks or without, or Ð for Đ.

    A mark in the wrong place (xaõ) is good only in a usual word (hòang): fonts look alike.
    """
    if not is_cased(word):
        return False
    lower = word.translate(ETH).lower()
    placed = put_tone(lower)
    return placed in _usual() or (is_known(placed) and is_in_place(lower))
