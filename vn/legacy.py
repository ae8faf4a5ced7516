"""Decodes text that was typed for a Vietnamese font or in windows-1258 and shows as Western letters.

TCVN3 (ABC, .Vn… fonts), VNI fonts, windows-1258 read as windows-1252. Nothing here asks whether it was.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final

from vn.tone import table

_NEUTRAL: Final = "–—‘’“”…•\u00a0"
"""Signs that windows-1252 has where the fonts have them too."""
_IN_CAPITALS: Final = re.compile(r"[^A-Za-z]*[A-Z][^A-Za-z]*[A-Z][^a-z]*").fullmatch
_WORD: Final = re.compile(r"\S+")


@cache
def code_page(name: str) -> dict[str, int]:
    """Character → byte of a Western code page; bytes that it leaves free pass through as control characters."""
    seen = {chr(code): code for code in range(0x100)}
    for code in range(0x80, 0x100):
        seen[bytes([code]).decode(name, errors="ignore") or chr(code)] = code
    return seen


@cache
def _only(letters: str) -> Callable[[str], object]:
    """Whether a text has only ASCII, neutral signs and these letters."""
    return re.compile(f"[\\x00-\\x7f{_NEUTRAL}{re.escape(letters)}]*").fullmatch


@cache
def _tcvn3() -> tuple[dict[int, str], Callable[[str], object]]:
    letters = {row["seen_as"]: row["letter"] for row in table("tcvn3.csv")}
    return str.maketrans(letters), _only("".join(letters))


@cache
def _vni() -> tuple[dict[str, str], re.Pattern[str]]:
    letters = {row["seen_as"]: row["letter"] for row in table("vni.csv")}
    longest_first = sorted(letters, key=len, reverse=True)
    return letters, re.compile("|".join(map(re.escape, longest_first)))


@cache
def _cp1258() -> tuple[dict[int, str], Callable[[str], object]]:
    """Character that windows-1252 shows → the one that windows-1258 means, where the two differ."""
    seen = {code: character for character, code in code_page("cp1252").items()}
    meant = {seen[code]: bytes([code]).decode("cp1258", errors="ignore") for code in range(0x80, 0x100)}
    return str.maketrans({here: there for here, there in meant.items() if there}), _only("".join(code_page("cp1252")))


def from_tcvn3(text: str) -> str:
    """The text as a TCVN3 (.Vn…) font showed it; words in capitals whose marked letters are small become capitals.

    The fonts of capitals (.VnTimeH) show small letters as capitals, and most others have no marked capitals.
    """
    if text.isascii():
        return text
    if _IN_CAPITALS(text):
        return text.translate(_tcvn3()[0]).upper()
    return _WORD.sub(lambda word: _tcvn3_word(word.group()), text)


@lru_cache(maxsize=1 << 16)
def _tcvn3_word(word: str) -> str:
    decoded = word.translate(_tcvn3()[0])
    return decoded.upper() if _IN_CAPITALS(word) else decoded


def from_vni(text: str) -> str:
    """The text as a VNI font showed it."""
    letters, pattern = _vni()
    return pattern.sub(lambda seen: letters[seen.group()], text)


def from_cp1258(text: str) -> str:
    """The text whose windows-1258 bytes were read as windows-1252: its tones are letters of their own (NguyêÞn)."""
    return unicodedata.normalize("NFC", text.translate(_cp1258()[0]))


def _is_tcvn3(text: str) -> bool:
    return _tcvn3()[1](text) is not None


def _is_vni(text: str) -> bool:
    return _only("")(_vni()[1].sub("", text)) is not None


def _is_cp1258(text: str) -> bool:
    return _cp1258()[1](text) is not None


READINGS: Final[dict[str, tuple[Callable[[str], bool], Callable[[str], str]]]] = {
    "tcvn3": (_is_tcvn3, from_tcvn3),
    "vni_font": (_is_vni, from_vni),
    "cp1258": (_is_cp1258, from_cp1258),
}
"""Encoding code → (test whether the whole text may be in the encoding, function that decodes it)."""
