"""Which part of the name is họ, which đệm, which tên?"""

from functools import cache
from typing import Final

from vn.name_words import surnames

_PREFIXES: Final = frozenset({"y", "h", "k", "ka"})
"""Êđê, Cơ Ho and others put the sex first and the clan last or nowhere: the parts are not told apart."""


@cache
def _compounds() -> tuple[frozenset[tuple[str, ...]], int]:
    found = frozenset(tuple(name.split()) for name in surnames() if " " in name)
    return found, max(map(len, found))


def _surname_length(words: list[str]) -> int:
    compounds, longest = _compounds()
    for length in range(min(longest, len(words) - 1), 1, -1):
        if tuple(words[:length]) in compounds:
            return length
    return 1


def split(name: str) -> tuple[str, str, str]:
    """Surname, middle and given name of a canonical name; `""` for a part that it lacks.

    A single word is a given name. Names that begin with Y, H', K' or Ka are given names whole.
    """
    words = name.split()
    lower = name.lower().split()
    if len(words) < 2 or lower[0].split("'")[0] in _PREFIXES:
        return "", "", name
    surname = _surname_length(lower)
    return " ".join(words[:surname]), " ".join(words[surname:-1]), words[-1]
