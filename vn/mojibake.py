"""Decodes text whose UTF-8 bytes were read as a Western code page (Nguyá»…n).

Once or several times, as windows-1252, latin-1 or, on a Vietnamese Windows, windows-1258; also where bytes were lost on
the way or good text stands beside, if only one reading makes Vietnamese words.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from math import prod
from typing import Final

from vn.legacy import code_page
from vn.tone import TONES
from vn.vocabulary import LETTERS, WORDS, alphabet, is_cased, is_good, is_well_spelt

_PAGES: Final = ("cp1252", "cp1258")
_SIGNS: Final = "’ʼ‘–—“”…•·°²³½×÷±«»§©®€₫\u00a0"
_UNUSED: Final = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
"""Bytes that windows-1252 leaves free: programs drop them or write a question mark."""
_NO_BREAK_SPACE: Final = 0xA0
_SOFT_HYPHEN: Final = 0xAD
_MOST_READINGS: Final = 512
_RAW_WORDS: Final = re.compile(r"[^\x00-@\[-`{-\x7f]+")
_MARKS: Final = TONES + "\u0302\u0306\u031b"
_IS_SEQUENCE: Final = re.compile("[ÃÅÆĂÌ][\u0080-¿‚-™Œ-ž]|Ä|á[º»]|â€")
_LEAD: Final = re.compile("[ÂÃÄÅÆĂÌ]|á[º»]|â€")


@cache
def _letters_and_signs() -> Callable[[str], object]:
    return re.compile(f"[\\x00-\\x7f{re.escape(''.join(sorted(alphabet())) + _SIGNS)}]*").fullmatch


def is_vietnamese(text: str) -> bool:
    """Whether the text has no letters but those of Vietnam's languages, and no sign that a misreading may have left."""
    return _letters_and_signs()(text) is not None


def mend_mojibake(text: str) -> str:
    """The text decoded, in NFC, where it certainly was UTF-8 that had been misread; else as it was.

    Text that is wholly valid UTF-8 and yields Vietnam's letters is certain; other text only by its syllables.
    """
    if text.isascii():
        return text
    mended, decoded = text, _as_utf8(text)
    while decoded is not None:
        composed = unicodedata.normalize("NFC", decoded)
        if is_vietnamese(composed):
            mended = composed
        decoded = _as_utf8(decoded)
    return mended if mended != text or not _LEAD.search(text) else _in_pieces(text)


def _as_utf8(text: str) -> str | None:
    """The text's code-page bytes read as UTF-8, strictly; None if they are not UTF-8."""
    if text.isascii():
        return None
    for page in _PAGES:
        byte_of = code_page(page)
        try:
            return bytes([byte_of[letter] for letter in text]).decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            continue
    return None


def _in_pieces(text: str) -> str:
    """The one reading in which every changed word is Vietnamese, each sequence being decoded by itself."""
    if all(word.isascii() or is_good(word) for word in _RAW_WORDS.findall(text)):
        return text
    # à is C3 A0, and A0 (no-break space) is often turned into a space on the way.
    spaced = re.sub(r"(Ã|Ă|Æ|áº|á») ", "\\1\u00a0", text)
    for damaged in dict.fromkeys((spaced, text)):
        if not _IS_SEQUENCE.search(damaged):
            continue
        readings = {reading for reading in _readings(damaged) if _is_certain(text, reading)}
        if len(readings) == 1:
            return readings.pop()
    return text


def _readings(text: str) -> Iterator[str]:
    parts, at = [], 0
    for lead in _LEAD.finditer(text):
        if lead.start() >= at:
            meant, end = _sequence(text, lead)
            parts += [[text[at : lead.start()]], meant]
            at = end
    parts.append([text[at:]])
    if prod(map(len, parts)) <= _MOST_READINGS:
        yield from (unicodedata.normalize("NFC", "".join(chosen)) for chosen in product(*parts))


def _sequence(text: str, lead: re.Match[str]) -> tuple[list[str], int]:
    """What the sequence that begins here may mean, and where it ends."""
    byte_of = code_page("cp1258" if lead[0] == "Ă" else "cp1252")
    start = bytes(byte_of[letter] for letter in lead[0])
    after, end = text[lead.end() : lead.end() + 1], lead.end() + 1
    last: tuple[int, ...] = _UNUSED
    follows = byte_of.get(after, 0)
    if 0x80 <= follows < 0xC0:
        last = (follows,)
    elif after not in ("?", "\ufffd"):
        last, end = (*_UNUSED, _NO_BREAK_SPACE, _SOFT_HYPHEN), lead.end()
    return _decoded(start, last) or [text[lead.start() : end]], end


def _decoded(start: bytes, last: tuple[int, ...]) -> list[str]:
    meant = [(start + bytes([byte])).decode("utf-8", errors="ignore") for byte in last]
    if len(last) > 1:  # a sign that was lost cannot be told
        meant = [text for text in meant if text.isalpha()]
    return [text for text in meant if text and (is_vietnamese(text) or text in _MARKS)]


def _is_certain(text: str, reading: str) -> bool:
    before = set(LETTERS.findall(text))
    changed = [word for word in LETTERS.findall(reading) if word not in before]
    return (
        bool(changed)
        and is_vietnamese(reading)
        and all(is_well_spelt(word.lower()) and is_cased(word) for word in changed)
        and all(word.isascii() or is_good(word) for word in WORDS.findall(reading))
    )
