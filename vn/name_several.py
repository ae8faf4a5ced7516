"""Tells a cell that names several people from one that names a single person.

«Hộ ông Nguyễn Văn An và bà Trần Thị Bình» is two people: none of them is the record's as if the other were not there.
«Và A Pó» is one: the word between two names stands in the middle, and on either side is a name of two words or more.
"""

import re
from functools import cache
from typing import Final

from vn import encodings
from vn.name_notes import starts_with_parent
from vn.name_words import are_name_words, fold, plain_surnames, surnames
from vn.tone import put_tone, table

_MAY_BE_SEVERAL: Final = re.compile(r"[;,&+/\n\r]|\s[-–—]\s|\sv\S{1,4}\s", re.IGNORECASE).search
_SEPARATOR: Final = re.compile(r"[;,&+/\n\r]|\s[-–—]\s")
_AND: Final = re.compile(r"(?<=\s)(?:và|cùng)(?=\s)", re.IGNORECASE)
_UNMARKED_AND: Final = re.compile(r"(?<=\s)va(?=\s+(?:ong|ba|vo|chong|anh|chi)\s)", re.IGNORECASE)
_BRACKETED: Final = re.compile(r"[(\[{<][^()\[\]{}<>]*[)\]}>]")
_BEFORE: Final = ("hộ", "gia", "đình", "ông", "bà", "anh", "chị", "cô", "chú", "bác", "vợ", "chồng", "là", "cùng")
"""Words that stand before the name of one of several people."""
_ADDRESSED: Final = frozenset(("ông", "bà", "anh", "chị"))
_LEAST_WORDS: Final = 2


@cache
def _before() -> frozenset[str]:
    return frozenset(_BEFORE) | {fold(word) for word in _BEFORE}


@cache
def _places() -> frozenset[str]:
    """Provinces of today and before, folded: «Nguyễn Văn An, Hà Nam» is one man and where he lives."""
    named = {row["name"] for row in table("provinces.csv")} | {row["alias"] for row in table("province_aliases.csv")}
    return frozenset(map(fold, named))


def names_several(text: str) -> bool:
    """Whether the cell holds two names or more."""
    if not _MAY_BE_SEVERAL(text):
        return False
    plain = _BRACKETED.sub(" ", encodings.mend(text).text)
    parts = [part for line in _SEPARATOR.split(plain) for part in _joined_by_and(line)]
    return len(parts) > 1 and sum(map(_is_name, parts)) > 1


def _joined_by_and(line: str) -> list[str]:
    """The line parted at «và», if both sides are names: it is a surname and a syllable of names, too."""
    for word in (*_AND.finditer(line), *_UNMARKED_AND.finditer(line)):
        # In a cell of small letters «Và» with a capital belongs to a name.
        is_of_a_name = word[0][0].isupper() and not line.isupper()
        left, right = line[: word.start()], line[word.end() :]
        if not is_of_a_name and all(any(map(_is_name, _joined_by_and(side))) for side in (left, right)):
            return [*_joined_by_and(left), *_joined_by_and(right)]
    return [line]


def _is_name(part: str) -> bool:
    words = [put_tone(word) for word in part.lower().strip(" .:-\"'*0123456789)").split()]
    if starts_with_parent(words):
        return False
    if words[:1] == ["và"] and words[1:2] and words[1] in _before():  # «Nguyễn Văn An, và bà Trần Thị Bình»
        words = words[1:]
    start = 0
    while start < len(words) - _LEAST_WORDS and words[start].strip(".:") in _before():
        start += 1
    name = words[start:]
    if len(name) < _LEAST_WORDS or (start == 0 and fold(" ".join(name)) in _places()):
        return False
    # Behind «ông» or «bà» the words need not be known: many names of the highlands are not.
    if start > 0 and words[start - 1].strip(".:") in _ADDRESSED and "".join(name).isalpha():
        return True
    is_surname = name[0] in plain_surnames() or name[0] in surnames() or " ".join(name[:2]) in surnames()
    return is_surname and are_name_words(name[1:])
