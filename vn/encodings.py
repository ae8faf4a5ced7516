"""Which legacy encoding was this text in, if it certainly was in one?

UTF-8 read as cp1252 or latin-1, TCVN3 (ABC) and VNI fonts. Text is changed only where the result is
certain; otherwise it comes back as it was.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from vn.name_words import is_known, name_words, surnames
from vn.tone import TONES, bases, is_syllable, place, table

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_ASCII_SIGNS: Final = re.compile(r"[\x00-@\[-`{-\x7f]+")
_WESTERN_END: Final = 0x100
_BEYOND_WESTERN: Final = re.compile(f"[^\\x00-{chr(_WESTERN_END - 1)}]").search


@cache
def _byte_of() -> dict[str, int]:
    seen = {chr(code): code for code in range(_WESTERN_END)}
    for code in range(0x80, 0xA0):
        # The five bytes that cp1252 leaves free pass through as control characters.
        seen[bytes([code]).decode("cp1252", errors="ignore") or chr(code)] = code
    return seen


@cache
def _vietnamese() -> frozenset[str]:
    letters = {letter for base in bases() for letter in base}
    marked = {unicodedata.normalize("NFC", letter + tone) for letter in letters for tone in TONES}
    lower = {letter for word in marked | letters for letter in word}
    return frozenset(lower | {letter.upper() for letter in lower} | set("ĕŏŭčƀñĔŎŬČɃÑ’ʼ‘–\u00a0"))


def _as_utf8(text: str) -> str | None:
    """The text's code-page bytes read as UTF-8, strictly; None if they are not UTF-8."""
    if text.isascii():
        return None
    byte_of = _byte_of()
    try:
        return bytes([byte_of[letter] for letter in text]).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None


def _all_vietnamese(text: str) -> bool:
    return all(letter.isascii() or letter in _vietnamese() for letter in text)


def _all_known(text: str) -> bool:
    return all(is_known(place(word.lower())) for word in _LETTERS.findall(text))


def mend_mojibake(text: str) -> str:
    """Text whose UTF-8 bytes had been read as cp1252 or latin-1 (also twice), decoded; else as it was.

    Strict: a text that is not wholly valid UTF-8, or yields letters of other languages, stays.
    """
    mended, decoded = text, _as_utf8(text)
    while decoded is not None:
        if _all_vietnamese(decoded):
            mended = decoded
        decoded = _as_utf8(decoded)
    if mended == text and "Ã " in text:
        # à is C3 A0, and A0 (no-break space) is often turned into a space on the way.
        decoded = _as_utf8(text.replace("Ã ", "Ã\u00a0"))
        if decoded is not None and _all_vietnamese(decoded) and _all_known(decoded):
            return decoded
    return mended


@cache
def _tcvn3() -> dict[str, str]:
    return {row["seen_as"]: row["letter"] for row in table("tcvn3.csv")}


@cache
def _vni() -> tuple[dict[str, str], re.Pattern[str]]:
    letters = {row["seen_as"]: row["letter"] for row in table("vni.csv")}
    longest_first = sorted(letters, key=len, reverse=True)
    return letters, re.compile("|".join(map(re.escape, longest_first)))


def from_tcvn3(text: str) -> str:
    """The text as a TCVN3 (.Vn…) font showed it; the fonts of capitals give small letters here."""
    return "".join(_tcvn3().get(letter, letter) for letter in text)


def from_vni(text: str) -> str:
    """The text as a VNI font showed it."""
    letters, pattern = _vni()
    return pattern.sub(lambda seen: letters[seen.group()], text)


class _Reading(NamedTuple):
    text: str
    possible: bool
    """Every word known, every changed one a syllable; and all are in use, or what was no word opens as a surname."""
    usual: bool
    """Every changed word is known from real names."""


def _reading(text: str, decoded: str) -> _Reading:
    if decoded == text or any(0x7F < ord(letter) < 0xC0 for letter in decoded):
        return _Reading(decoded, False, False)
    words = [place(word.lower()) for word in _LETTERS.findall(decoded)]
    changed = [word for word in words if not word.isascii()]
    usual = all(word in name_words() for word in changed)
    sound = bool(changed) and all(map(is_known, words)) and all(map(is_syllable, changed))
    opens = words[:1] != [] and words[0] in surnames() and not is_known(place(text.split()[0].lower()))
    return _Reading(decoded, sound and (usual or opens), sound and usual)


def _all_tcvn3(text: str) -> bool:
    return all(letter.isascii() or letter in _tcvn3() for letter in text)


def _all_vni(text: str) -> bool:
    return _vni()[1].sub("", text).isascii()


_FONTS: Final[dict[str, tuple[Callable[[str], bool], Callable[[str], str]]]] = {
    "tcvn3": (_all_tcvn3, from_tcvn3),
    "vni_font": (_all_vni, from_vni),
}


def mend_font(text: str) -> tuple[str, str]:
    """Text typed for a TCVN3 or VNI font in Unicode, and the code of what it was (`""`: nothing).

    Only if the text holds a word that is not known and exactly one of the two tables makes all known
    (where both do, exactly one makes names that are in use).
    """
    if text.isascii() or _BEYOND_WESTERN(text):
        return text, ""
    # Signs above ASCII stay with their word: ¨ and § are letters of TCVN3.
    if all(is_known(place(word.lower())) for word in _ASCII_SIGNS.split(text) if word):
        return text, ""
    readings = {code: _reading(text, decode(text)) for code, (is_wholly, decode) in _FONTS.items() if is_wholly(text)}
    certain = [code for code, reading in readings.items() if reading.possible]
    if len(certain) > 1:
        certain = [code for code in certain if readings[code].usual]
    return (readings[certain[0]].text, certain[0]) if len(certain) == 1 else (text, "")
