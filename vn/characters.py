"""Classifies characters: those that print nothing, digits and letters in another form, letters of other scripts than
Latin.
"""

import re
import unicodedata
from functools import cache
from typing import Final

from vn.tone import table


def _runs(kind: str) -> list[range]:
    rows = (row for row in table("unicode.csv") if row["kind"] == kind)
    return [range(int(row["first"], 16), int(row["last"], 16) + 1) for row in rows]


def _one_of(runs: list[range]) -> str:
    """The inside of a character class."""
    return "".join(f"\\U{run[0]:08x}-\\U{run[-1]:08x}" for run in runs)


_BLANK: Final = _runs("blank")
_INVISIBLE: Final = _runs("invisible") + _BLANK

INVISIBLE: Final = {code: None for run in _INVISIBLE for code in run}
"""Characters that print nothing, which copying from web pages and messages leaves behind, and empty fillers."""

FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width forms of ASCII, which East Asian keyboards produce."""

DIGITS: Final = {
    code: ord("0") + value for run in _runs("digit") for value, code in enumerate(run) if code not in FULL_WIDTH
}
"""Decimal digits of other scripts, which phones and spreadsheets write for who reads them, and of mathematics."""

FONTS: Final = {
    code: ord(plain)
    for code in (*range(0x2100, 0x2150), *range(0x1D400, 0x1D800))
    if unicodedata.decomposition(chr(code)).startswith("<font>")
    and code not in DIGITS
    and (plain := unicodedata.normalize("NFKC", chr(code))).isascii()
}
"""Letters of mathematics (bold, script, double-struck), which people take for a font."""

_OTHER_FORM: Final = FULL_WIDTH | DIGITS | FONTS
_ODD: Final = frozenset(map(chr, (*INVISIBLE, *_OTHER_FORM)))
"""As a set: a pattern of hundreds of ranges compares each letter with all of them."""
_GAP: Final = re.compile(rf"(?<=[^\W_])[{_one_of(_BLANK)}]+(?=[^\W_])")
_SOFT_HYPHEN: Final = 0xAD
_BUT_SOFT_HYPHEN: Final = {code: None for code in INVISIBLE if code != _SOFT_HYPHEN}


def printed(text: str, *, soft_hyphen: bool = False) -> str:
    """The text as it is printed, with ASCII's letters and digits for their other forms.

    What prints nothing is dropped (the soft hyphen not where `soft_hyphen` says that it may be a letter of a font);
    a filler between two letters or digits is a space.
    """
    if text.isascii() or _ODD.isdisjoint(text):
        return text
    return _GAP.sub(" ", text).translate(_BUT_SOFT_HYPHEN if soft_hyphen else INVISIBLE).translate(_OTHER_FORM)


@cache
def _is_latin() -> re.Pattern[str]:
    return re.compile(f"[{_one_of(_runs('latin'))}]")


def is_other_letter(letter: str) -> bool:
    """Whether the character is a letter, and not a Latin one."""
    return letter.isalpha() and not _is_latin().match(letter)
