"""Parses one name cell: the name, what was cut off, what was mended, or why there is no name."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from vn import encodings, keystrokes, name_notes
from vn.characters import printed
from vn.name_several import names_several
from vn.name_words import are_name_words, is_known, plain_surnames, read_word, settles
from vn.nothing import is_nothing
from vn.tone import put_tone
from vn.vocabulary import alphabet

CODES: Final = (
    "mojibake",
    "cp1258",
    "tcvn3",
    "vni_font",
    "unicode",
    "other_script",
    "eth",
    "spacing",
    "punctuation",
    "note",
    "title",
    "several",
    "telex",
    "vni_typing",
    "joined",
    "case",
    "tone_placement",
)
"""Every repair code, in the order in which they are listed."""

_MARKS: Final = str.maketrans(dict.fromkeys("’‘ʼʹ′`´ꞌ", "'") | dict.fromkeys("‐‑‒–—−", "-"))
_UNUSUAL: Final = re.compile(f"[{re.escape(''.join(map(chr, _MARKS)))}]").search
_PREFIX_APOSTROPHE: Final = re.compile(r"(?i)(?<![^\W_])([hky]) ?' ?(?=[^\W\d_])")
_PASSES: Final = 5
"""What one repair uncovers another may mend; two passes do for all that has been seen."""


class Parsed(NamedTuple):
    """A name cell after parsing."""

    full_name: str | None
    note: str | None
    repairs: tuple[str, ...]
    why_not: str | None


def _plain(text: str) -> Parsed | None:
    parts = text.split(" ")
    words = [read_word(part) for part in parts if part]
    if not settles(words):
        return None
    found = {code for word in words for code in word.repairs}
    if len(words) < len(parts):
        found.add("spacing")
    return Parsed(" ".join(word.text for word in words), None, _ordered(found), None)


def _ordered(found: set[str]) -> tuple[str, ...]:
    return tuple(code for code in CODES if code in found)


def _decode(text: str, found: set[str]) -> str:
    mended = encodings.mend(text)
    found.update(mended.repairs)
    return mended.text


def _clean(text: str, found: set[str]) -> str:
    visible = printed(text)
    visible = unicodedata.normalize("NFC", visible)
    if not visible.isprintable():
        visible = "".join(letter for letter in visible if letter.isspace() or unicodedata.category(letter)[0] != "C")
    visible = visible.translate(_MARKS) if _UNUSUAL(visible) else visible
    if visible != text:
        found.add("unicode")
    spaced = " ".join(visible.split())
    if "'" in spaced:
        spaced = _PREFIX_APOSTROPHE.sub(r"\1'", spaced)
    if spaced != visible:
        found.add("spacing")
    return spaced


@lru_cache(maxsize=1 << 16)
def _split_joined(word: str, opens: bool) -> Sequence[str]:
    """The words that were typed as one: parted at inner capitals, or the surname and a known word."""
    lower = put_tone(unicodedata.normalize("NFC", word.lower()))
    if is_known(lower) or not word.isalpha():
        return [word]
    edges = [at for at in range(1, len(word)) if word[at].isupper() and word[at - 1].islower()]
    parts = [word[start:end] for start, end in zip([0, *edges], [*edges, len(word)], strict=True)]
    if len(parts) > 1 and word[0].isupper() and are_name_words([put_tone(part.lower()) for part in parts]):
        return parts
    if opens and not word.isascii():
        cuts = [at for at in range(2, len(word) - 1) if _is_surname_and_word(lower[:at], lower[at:])]
        if len(cuts) == 1:
            return [word[: cuts[0]], word[cuts[0] :]]
    return [word]


def _is_surname_and_word(first: str, rest: str) -> bool:
    return first in plain_surnames() and are_name_words([put_tone(rest)])


def is_beyond_repair(word: str) -> bool:
    """Whether no repair has a hold on the word, so that it stays as it is beside such words and certain ones.

    It has no other case and no other marks, is not two words in one, and was not typed for a keyboard program.
    """
    read = read_word(word)
    return (
        read.text == word
        and not read.repairs
        and word.isalpha()
        and all(letter.isascii() or letter in alphabet() for letter in word)
        and _split_joined(word, True) == [word] == _split_joined(word, False)
        and not keystrokes.may_be_typed(word.lower())
    )


def _one_pass(text: str, found: set[str], notes: list[str]) -> str | None:
    """The name after one round of repairs; None for a filler or if only a note was there."""
    text = _clean(_decode(text, found), found)
    if is_nothing(text, "name"):
        return None
    cut = name_notes.cut_notes(text)
    typed, keyboard = keystrokes.mend(cut.name.split())
    numbered = name_notes.cut_numbers(" ".join(typed))
    name = name_notes.strip_punctuation(numbered.name)
    parts = [part for at, word in enumerate(name.split()) for part in _split_joined(word, at == 0)]
    words = [read_word(part) for part in parts]
    is_title = name_notes.is_form_of_address(cut.note)
    notes.extend(note for note in (cut.note, numbered.note) if note)
    found.update(code for word in words for code in word.repairs)
    found.update({keyboard} - {""})
    found.update({"note"} if (cut.note and not is_title) or numbered.note else ())
    found.update({"title"} if is_title else ())
    found.update({"punctuation"} if name != numbered.name and not numbered.note else ())
    found.update({"joined"} if len(parts) > len(name.split()) else ())
    return " ".join(word.text for word in words)


def parse(text: str | None) -> Parsed:
    """The name in a cell, its note, the codes of the repairs, or the reason why there is none.

    Errors: `missing` (empty), `filler` ("không rõ", "."), `no_name` (only a note), `no_letters`,
    `several` (people; none of them is meant before another).
    """
    if text is None or not text.strip():
        return Parsed(None, None, (), "missing")
    if names_several(text):
        return Parsed(None, None, ("several",), "several")
    found: set[str] = set()
    notes: list[str] = []
    name = text
    for _ in range(_PASSES):
        plain = _plain(name)
        if plain is not None:
            found.update(plain.repairs)
            name = plain.full_name or ""
            break
        mended = _one_pass(name, found, notes)
        if mended is None or not any(map(str.isalpha, mended)):
            return _without_name(text, mended, notes)
        if mended == name:
            break
        name = mended
    return Parsed(name, "; ".join(notes) or None, _ordered(found), None)


def _without_name(text: str, mended: str | None, notes: list[str]) -> Parsed:
    if notes:
        return Parsed(None, "; ".join(notes), ("note",), "no_name")
    return Parsed(None, None, (), "filler" if mended is None else "no_letters")
