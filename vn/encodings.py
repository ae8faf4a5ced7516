"""Repairs text that was stored in a legacy encoding, where it certainly was, and tells which one that was.

UTF-8 read as a Western code page, windows-1258 read as windows-1252, TCVN3 and VNI fonts, decomposed and full-width
letters, look-alikes of other scripts. Text is changed only where the result is certain by its syllables; otherwise it
comes back as it was.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

import polars as pl

from vn import scripts
from vn.cells import over_distinct
from vn.characters import printed
from vn.legacy import READINGS, from_cp1258, from_tcvn3, from_vni
from vn.mojibake import is_vietnamese, mend_mojibake
from vn.name_words import ETH
from vn.vocabulary import LETTERS, WORDS, alphabet, is_cased, is_good, is_usual, is_well_spelt

__all__ = [
    "CODES",
    "FOREIGN_CODES",
    "Mended",
    "from_cp1258",
    "from_tcvn3",
    "from_vni",
    "mend",
    "mend_legacy",
    "mend_mojibake",
    "repair",
]

FOREIGN_CODES: Final = ("mojibake", "cp1258", "tcvn3", "vni_font")
"""Repairs of text that was not in Unicode at all."""
CODES: Final = (*FOREIGN_CODES, "unicode", "other_script", "eth")
"""Every repair code, in the order of listing; `unicode` is another form of the same letters, `other_script` letters of
other scripts that look like Latin ones, `eth` Ð for Đ.
"""

_SIGNS: Final = re.compile("[\u00a0-\u00bf×÷]")
_LONG_WORD: Final = 3
_MANY_WORDS: Final = 2
_BEYOND_WESTERN: Final = re.compile(r"[^\x00-\xff–—‘’“”…•Œœ]").search


class Mended(NamedTuple):
    """A repaired cell: its text, and the codes of its repairs (`CODES`, in their order)."""

    text: str
    repairs: tuple[str, ...]


def mend(text: str) -> Mended:
    """The cell in Unicode NFC, and the codes of its repairs; the cell as it came if it is not certain what it was."""
    if text.isascii() or _is_unicode(text):
        return Mended(text, ())
    composed = unicodedata.normalize("NFC", text)
    decoded = mend_mojibake(composed)
    meant, font = mend_legacy(decoded)
    shown = _in_plain_form(meant)
    plain = scripts.mend(shown)
    found = {font}
    if not font and (with_d := _with_d(plain)) != plain:
        found.add("eth")
    if decoded != composed:
        found.add("mojibake")
    if composed != text or shown != meant:
        found.add("unicode")
    if plain != shown:
        found.add("other_script")
    return Mended(with_d if "eth" in found else plain, tuple(code for code in CODES if code in found))


def _is_unicode(text: str) -> bool:
    """Whether all letters are Vietnam's and some are in no legacy encoding."""
    return (
        not text.isascii() and max(text) > "\xff" and all(letter.isascii() or letter in alphabet() for letter in text)
    )


def _with_d(text: str) -> str:
    """Đ for the letters that look like it, unless windows-1258 would make another word of one (Ðãng: Đăng)."""
    replaced = text.translate(ETH)
    if replaced == text:
        return text
    words = [word for word in WORDS.findall(text) if not word.isascii()]
    others = [] if _BEYOND_WESTERN(text) else [(word.translate(ETH), from_cp1258(word)) for word in words]
    certain = all(map(is_good, words)) and not any(
        here != there and is_well_spelt(there.lower()) for here, there in others
    )
    return replaced if certain else text


def _in_plain_form(text: str) -> str:
    """Without full-width and invisible characters, where no other script is beside that may need them."""
    # The soft hyphen is ư in TCVN3: dropped only where some letter is in no font.
    plain = unicodedata.normalize("NFC", printed(text, soft_hyphen=not _BEYOND_WESTERN(text)))
    return plain if is_vietnamese(scripts.mend(plain)) else text


def mend_legacy(text: str) -> tuple[str, str]:
    """Text typed for a TCVN3 or VNI font or in windows-1258, decoded, and the code of what it was (`""`: nothing).

    Only if the text holds a word that is none as it stands and exactly one reading makes Vietnamese of all of them
    (where several do, exactly one makes words that are in use).
    """
    if text.isascii() or _BEYOND_WESTERN(text):
        return text, ""
    doubted = [word for word in WORDS.findall(text) if not word.isascii() and not is_good(word)]
    if not doubted:
        return text, ""
    strengths = {
        code: _strength(text, read(text))
        for code, (is_wholly, read) in READINGS.items()
        if all(_is_word_in(code, word) for word in doubted) and is_wholly(text)
    }
    possible = {code: strength for code, strength in strengths.items() if strength}
    enough = [code for code, strength in possible.items() if strength == _USUAL]
    if len(possible) == 1 and max(possible.values()) > _POSSIBLE:
        enough = list(possible)
    return (READINGS[enough[0]][1](text), enough[0]) if len(enough) == 1 else (text, "")


@lru_cache(maxsize=1 << 16)
def _is_word_in(code: str, word: str) -> bool:
    return is_well_spelt(READINGS[code][1](word).lower())


_POSSIBLE, _LIKELY, _USUAL = 1, 2, 3


def _strength(text: str, decoded: str) -> int:
    """How far a reading is to be believed: 0 if a changed word is not Vietnamese, most if all of them are in use."""
    pairs = dict(zip(WORDS.findall(text), WORDS.findall(decoded), strict=True))
    changed = {before: after for before, after in pairs.items() if before != after}
    beside = [word for word in pairs if word not in changed]
    in_capitals = decoded.isupper()
    if not changed or not all(_is_sound(word, in_capitals) for word in changed.values()):
        return 0
    if not all(word.isascii() or is_good(word) for word in beside):
        return 0
    doubted = [before for before in changed if not is_good(before)]
    others = [before for before in pairs if before not in doubted]
    usual = {before for before, after in changed.items() if is_usual(after.lower())}
    worse = [before for before in changed if before not in usual and is_usual(before.lower())]
    if worse or (len(changed) - len(doubted) < _MANY_WORDS and _may_be_foreign(doubted, others)):
        return _POSSIBLE
    if len(usual) == len(changed):
        return _USUAL
    telling = [word for word in doubted if _is_telling(word) and (word in usual or _has_several_marks(word))]
    return _LIKELY if telling else _POSSIBLE


def _may_be_foreign(doubted: list[str], beside: list[str]) -> bool:
    """Whether the words in doubt are short, all letters, and not among plain Vietnamese words: Bø Olsen is no Bứ."""
    if any(map(_is_telling, doubted)):
        return False
    others = [word for word in beside if not (word.isascii() and word.isupper())]
    return not others or not all(word.isascii() and is_good(word) for word in others)


def _is_telling(word: str) -> bool:
    return len(word) >= _LONG_WORD or _SIGNS.search(word) is not None


def _has_several_marks(word: str) -> bool:
    return sum(not letter.isascii() for letter in word) > 1


@lru_cache(maxsize=1 << 16)
def _is_sound(word: str, in_capitals: bool) -> bool:
    """Whether a decoded word is Vietnamese, and its capitals stand where a person puts them.

    `in_capitals`: the whole cell is; else a word in capitals is one of which two letters were never in doubt.
    """
    if not LETTERS.fullmatch(word) or not is_well_spelt(word.lower()) or not is_cased(word):
        return False
    plain_capitals = sum(letter.isascii() for letter in word)
    return len(word) == 1 or not word.isupper() or in_capitals or plain_capitals > 1


_SCHEMA: Final = {"text": pl.String, "repair": pl.String}


def repair(cells: pl.Series) -> pl.DataFrame:
    """Columns of the text and the repair codes of each cell, as `mend` gives them.

    Shape: one row per cell, same order: `text` (null where the cell is), `repair` (codes joined with commas, `""`).
    """
    text = cells.cast(pl.String).alias("text")
    good = pl.DataFrame({"text": text, "repair": pl.repeat("", len(text), dtype=pl.String, eager=True)})
    marked = (text.str.len_bytes() != text.str.len_chars()).arg_true()
    at = marked.filter(_is_doubtful(text.gather(marked)))
    if at.is_empty():
        return good
    mended = over_distinct(text.gather(at), _row, _SCHEMA)
    return pl.DataFrame([good[name].scatter(at, mended[name]) for name in _SCHEMA])


@lru_cache(maxsize=1 << 16)
def _row(text: str | None) -> tuple[str | None, str]:
    mended = mend(text or "")
    return mended.text, ",".join(mended.repairs)


def _is_doubtful(text: pl.Series) -> pl.Series:
    """Whether `mend` must be asked: not if all are Vietnamese letters, some in no old encoding or all in words."""
    odd = text.str.contains(f"[^\\x00-\\x7f{''.join(sorted(alphabet()))}]")
    western = (~odd & ~text.str.contains(r"[^\x00-\xff]")).arg_true()
    return odd if western.is_empty() else odd.scatter(western, _has_strange_word(text.gather(western)))


def _has_strange_word(text: pl.Series) -> pl.Series:
    """Whether one of the words may not have been typed in Unicode as it stands."""
    words = text.str.extract_all(r"[^\x00-@\[-`{-\x7f]+")
    distinct = words.explode().drop_nulls().unique()
    strange = [word for word in distinct.to_list() if not word.isascii() and not is_good(word)]
    if not strange:
        return pl.repeat(False, len(text), dtype=pl.Boolean, eager=True)
    return words.to_frame("words").select(pl.col("words").list.eval(pl.element().is_in(strange)).list.any()).to_series()
