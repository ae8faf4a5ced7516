"""What does a cell say that was typed for a Vietnamese font or in windows-1258, and shows as Western letters?

TCVN3 (ABC, .Vn… fonts), VNI fonts, windows-1258 read as windows-1252. Nothing here asks whether it was.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Final

from vn.tone import table

_NEUTRAL: Final = frozenset("–—‘’“”…•\u00a0")
"""Signs that windows-1252 has where the fonts have them too."""
_CAPITAL_LETTERS: Final = 2


@cache
def code_page(name: str) -> dict[str, int]:
    """Character → byte of a Western code page; bytes that it leaves free pass through as control characters."""
    seen = {chr(code): code for code in range(0x100)}
    for code in range(0x80, 0x100):
        seen[bytes([code]).decode(name, errors="ignore") or chr(code)] = code
    return seen


@cache
def _tcvn3() -> dict[str, str]:
    return {row["seen_as"]: row["letter"] for row in table("tcvn3.csv")}


@cache
def _vni() -> tuple[dict[str, str], re.Pattern[str]]:
    letters = {row["seen_as"]: row["letter"] for row in table("vni.csv")}
    longest_first = sorted(letters, key=len, reverse=True)
    return letters, re.compile("|".join(map(re.escape, longest_first)))


@cache
def _cp1258() -> dict[str, str]:
    """Character that windows-1252 shows → the one that windows-1258 means, where the two differ."""
    seen = {code: character for character, code in code_page("cp1252").items()}
    return {
        seen[code]: meant
        for code in range(0x80, 0x100)
        if (meant := bytes([code]).decode("cp1258", errors="ignore")) not in ("", seen[code])
    }


def from_tcvn3(text: str) -> str:
    """The text as a TCVN3 (.Vn…) font showed it; words in capitals whose marked letters are small become capitals.

    The fonts of capitals (.VnTimeH) show small letters as capitals, and most others have no marked capitals.
    """
    if text.isascii():
        return text
    decoded = "".join(_tcvn3().get(letter, letter) for letter in text)
    if not any(letter.isascii() and letter.islower() for letter in text) and _is_in_capitals(text):
        return decoded.upper()
    pairs = zip(re.split(r"(\s+)", text), re.split(r"(\s+)", decoded), strict=True)
    return "".join(meant.upper() if _is_in_capitals(seen) else meant for seen, meant in pairs)


def _is_in_capitals(text: str) -> bool:
    plain = [letter for letter in text if letter.isascii() and letter.isalpha()]
    return len(plain) >= _CAPITAL_LETTERS and all(map(str.isupper, plain))


def from_vni(text: str) -> str:
    """The text as a VNI font showed it."""
    letters, pattern = _vni()
    return pattern.sub(lambda seen: letters[seen.group()], text)


def from_cp1258(text: str) -> str:
    """The text whose windows-1258 bytes were read as windows-1252: its tones are letters of their own (Nguyêçn)."""
    meant = "".join(_cp1258().get(letter, letter) for letter in text)
    return unicodedata.normalize("NFC", meant)


def _is_tcvn3(text: str) -> bool:
    return all(letter.isascii() or letter in _tcvn3() or letter in _NEUTRAL for letter in text)


def _is_vni(text: str) -> bool:
    return all(letter.isascii() or letter in _NEUTRAL for letter in _vni()[1].sub("", text))


def _is_cp1258(text: str) -> bool:
    return all(letter in code_page("cp1252") for letter in text)


READINGS: Final[dict[str, tuple[Callable[[str], bool], Callable[[str], str]]]] = {
    "tcvn3": (_is_tcvn3, from_tcvn3),
    "vni_font": (_is_vni, from_vni),
    "cp1258": (_is_cp1258, from_cp1258),
}
"""Code → may the whole text be in it, and what it then says."""
