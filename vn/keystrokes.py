"""Decodes Telex and VNI keystrokes that no keyboard program turned into letters (`Nguyeenx`, `Nguye6n4`).

Real words look like Telex too (Das, Lee, Moong, Raj), so a name is decoded only when one of its words
cannot be anything else, every decoded word is known from real names, and the name opens with a surname.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from vn.name_words import is_known, name_words, plain_surnames, surnames
from vn.tone import put_tone

_VOWELS: Final = "aeiouyâêôăơư"


class _Keyboard(NamedTuple):
    code: str
    tones: dict[str, str]
    shapes: tuple[tuple[re.Pattern[str], str], ...]
    sure: frozenset[str]
    """Keys that no Vietnamese name has after its first letter."""


_TELEX: Final = _Keyboard(
    "telex",
    {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"},
    (
        (re.compile(r"^dd"), "đ"),
        (re.compile(r"([aeo])([^aeiouyw]*)\1"), "\\1\u0302\\2"),
        (re.compile(r"uw?o([^w]*)w"), "ươ\\1"),
        (re.compile(r"a([^aw]*)w"), "ă\\1"),
        (re.compile(r"([ou])([^ouw]*)w"), "\\1\u031b\\2"),
    ),
    frozenset("fjw"),
)
_VNI: Final = _Keyboard(
    "vni_typing",
    {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"},
    (
        (re.compile(r"^d([^9]*)9"), "đ\\1"),
        (re.compile(r"u7?o([^7]*)7"), "ươ\\1"),
        (re.compile(r"([aeo])([^6]*)6"), "\\1\u0302\\2"),
        (re.compile(r"([ou])([^7]*)7"), "\\1\u031b\\2"),
        (re.compile(r"a([^8]*)8"), "a\u0306\\1"),
    ),
    frozenset("6789"),
)
_KEYBOARDS: Final = {keyboard.code: keyboard for keyboard in (_TELEX, _VNI)}


class _Decoded(NamedTuple):
    text: str
    sure: bool
    """Could not be anything but keystrokes."""


def _unchanged(word: str) -> _Decoded:
    return _Decoded(word, False)


@lru_cache(maxsize=1 << 16)
def _decode(word: str, code: str) -> _Decoded:
    keyboard = _KEYBOARDS[code]
    if not word.isascii() or not word.isalnum() or word in surnames():
        return _unchanged(word)
    shaped = word
    for keys, letters in keyboard.shapes:
        shaped = keys.sub(letters, shaped)
    shaped = unicodedata.normalize("NFC", shaped)
    vowel = next((at + 1 for at, letter in enumerate(shaped) if letter in _VOWELS), len(shaped))
    tones = [key for key in shaped[vowel:] if key in keyboard.tones]
    if len(tones) > 1:
        return _unchanged(word)
    tone = keyboard.tones[tones[0]] if tones else ""
    rest = shaped[vowel:].replace(tones[0], "") if tones else shaped[vowel:]
    text = put_tone(unicodedata.normalize("NFC", shaped[:vowel] + tone + rest))
    if text == word or text not in name_words():
        return _unchanged(word)
    sure = not keyboard.sure.isdisjoint(word[1:]) or (shaped != word and bool(tones)) or word.startswith("dd")
    return _Decoded(text, sure)


def may_be_typed(word: str) -> bool:
    """Whether some keyboard program would have made another word of the lower-case one."""
    return any(_decode(word, code).text != word for code in _KEYBOARDS)


def _certain(before: list[str], after: list[_Decoded]) -> bool:
    # A digit at the end of the last word may be a counter ("Lan 2"), one inside the name is not.
    typed = any(old != new.text and not old.isalpha() for old, new in zip(before[:-1], after, strict=False))
    opens = after[0].text in plain_surnames() or after[0].text in surnames()
    if not opens or not (typed or any(word.sure for word in after)):
        return False
    if len(after) == 1:
        # Taj, Raj: a lone word needs both a tone key and a letter key.
        return after[0].sure and sum(map(len, before)) > len(after[0].text) + 1
    return all(is_known(put_tone(word.text)) for word in after)


def _cased_as(word: str, decoded: _Decoded) -> str:
    if len(word) > 1 and word.isupper():
        return decoded.text.upper()
    return decoded.text.capitalize() if word[0].isupper() else decoded.text


def mend(words: list[str]) -> tuple[list[str], str]:
    """The words of a name with typing residue decoded, and `telex`, `vni_typing` or `""`."""
    lower = [word.lower() for word in words]
    if all(is_known(put_tone(word)) for word in lower):
        return words, ""
    for code in _KEYBOARDS:
        decoded = [_decode(word, code) for word in lower]
        if decoded and _certain(lower, decoded):
            return list(map(_cased_as, words, decoded)), code
    return words, ""
