"""Standardises people's names: canonical spelling, key for comparing, parts.

Scalar forms are the definition; column forms say the same of whole columns. Canonical: NFC, single
spaces, a capital at each syllable, tone marks in the old style's place (hòa, thúy, quý).
"""

from typing import Final

from vn import encodings
from vn.name_columns import standardise
from vn.name_parse import CODES, Parsed, parse
from vn.name_split import split, split_column
from vn.name_words import fold

__all__ = [
    "CODES",
    "LOSSLESS",
    "Parsed",
    "fold",
    "normalise",
    "parse",
    "split",
    "split_column",
    "standardise",
    "why_not",
]

LOSSLESS: Final = frozenset({*encodings.CODES, "eth", "spacing", "case", "tone_placement", "title"})
"""Repairs after which the name says exactly what the cell said: who, if not how he is addressed."""


def normalise(text: str | None) -> str | None:
    """The canonical name; None if the cell holds none (`why_not` says why)."""
    return parse(text).full_name


def why_not(text: str | None) -> str | None:
    """Why the cell holds no name: `missing`, `filler`, `no_name`, `no_letters`, `several`; None if it holds one."""
    return parse(text).why_not
