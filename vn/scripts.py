"""Replaces letters of other scripts that were typed for Latin ones that look like them (Нồ with a Cyrillic Н: Hồ).

A word of Latin and other letters is none of any language: it is mended if all the others have a Latin look-alike. A
word wholly of others is mended only beside Latin words, and only if it then is a word of Vietnamese names and places;
else it may be a foreigner's. `tables/look_alikes.csv` has the letters; a small letter may also stand for what its
capital looks like, since programs put capitals and small letters right (ТРАН, Тран).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from vn.characters import is_other_letter
from vn.name_words import name_words
from vn.tone import put_tone, table
from vn.vocabulary import is_usual, is_well_spelt

_ROWS: Final = table("look_alikes.csv")
_BY_LOOK: Final = {ord(row["letter"]): row["latin"] for row in _ROWS if row["by"] == "look"}
_BY_CASE: Final = {ord(row["letter"]): row["latin"] for row in _ROWS if row["by"] == "case"}
_SYMBOLS: Final = {ord(row["letter"]) for row in _ROWS if row["script"] == "Greek" and row["letter"].islower()}
"""Also signs of medicine and physics (IFNα): letters only in a known word."""
_READINGS: Final = (_BY_CASE | _BY_LOOK, _BY_LOOK | _BY_CASE)
"""First by look where a letter has both (ν is v, or n as Ν)."""

_LETTER: Final = r"[^\W\d_][\u0300-\u036f]*"
_WORD: Final = re.compile(f"(?:{_LETTER})+(?:['’ʼ](?:{_LETTER})+)*")


def as_latin(text: str) -> str:
    """The text with every letter replaced that looks like a Latin one: for codes and numbers, which have no others."""
    return text if text.isascii() else text.translate(_BY_LOOK)


def mend(text: str) -> str:
    """The text in NFC with Latin letters where others certainly stand for them; as it was if there are none."""
    if text.isascii() or not any(map(is_other_letter, text)):
        return text
    words = _WORD.findall(text)
    has_latin = any(not all(map(is_other_letter, _letters(word))) for word in words)
    mended = _WORD.sub(lambda found: _mended(found[0], has_latin), text)
    return text if mended == text else unicodedata.normalize("NFC", mended)


def _letters(word: str) -> list[str]:
    return [letter for letter in word if letter.isalpha()]


@lru_cache(maxsize=1 << 16)
def _mended(word: str, beside_latin: bool) -> str:
    apart = unicodedata.normalize("NFD", word)
    letters = _letters(apart)
    others = {letter for letter in letters if is_other_letter(letter)}
    if not others or not all(ord(letter) in _READINGS[0] for letter in others):
        return word
    is_mixed = len(others) < len(set(letters))
    readings = [unicodedata.normalize("NFC", apart.translate(reading)) for reading in _READINGS]
    known = [reading for reading in readings if _is_known(reading, is_mixed)]
    if known and (is_mixed or beside_latin):
        return known[0]
    is_sure = all(ord(letter) in _BY_LOOK and ord(letter) not in _SYMBOLS for letter in others)
    return readings[0] if is_mixed and is_sure else word


def _is_known(word: str, is_mixed: bool) -> bool:
    """Whether it is a word of Vietnamese names and places (of one letter: Giàng A Páo); a mixed one any syllable."""
    placed = put_tone(word.lower())
    return (
        placed in name_words() or is_usual(placed) or word in ("A", "Y") or (is_mixed and is_well_spelt(word.lower()))
    )
