"""What is this person's name: canonical spelling, key for comparing, parts?

Scalar forms are the definition; column forms say the same of whole columns. Canonical: NFC, single
spaces, a capital at each syllable, tone marks in the old style's place (hòa, thúy, quý).
"""

from typing import Final

import polars as pl

from vn.cells import over_distinct
from vn.name_parse import CODES, Parsed, parse
from vn.name_split import split
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

LOSSLESS: Final = frozenset({"mojibake", "tcvn3", "vni_font", "unicode", "eth", "spacing", "case", "tone_placement"})
"""Repairs after which the name says exactly what the cell said."""

_WORD_CODES: Final = ("unicode", "eth", "case", "tone_placement")
_COUNT_BITS: Final = 6
_MOST_WORDS: Final = (1 << _COUNT_BITS) - 1
_NOT_PLAIN: Final = 1 << (_COUNT_BITS * len(_WORD_CODES))
_SPACING: Final = _NOT_PLAIN << _COUNT_BITS


def normalise(text: str | None) -> str | None:
    """The canonical name; None if the cell holds none (`why_not` says why)."""
    return parse(text).full_name


def why_not(text: str | None) -> str | None:
    """Why the cell holds no name: `missing`, `filler`, `no_name`, `no_letters`; None if it holds one."""
    return parse(text).why_not


def _row(text: str | None) -> tuple[str | None, str | None, str | None, str]:
    parsed = parse(text)
    key = None if parsed.full_name is None else fold(parsed.full_name)
    return parsed.full_name, key, parsed.note, ",".join(parsed.repairs)


_SCHEMA: Final = {
    "full_name": pl.String,
    "name_key": pl.String,
    "name_note": pl.String,
    "name_repairs": pl.String,
}


def standardise(names: pl.Series) -> pl.DataFrame:
    """Names as `full_name, name_key, name_note, name_repairs`.

    Shape: one row per name, same order. `name_key` is null where `full_name` is; `name_repairs` is `""`
    where nothing was mended.
    """
    return over_distinct(names, _row, _SCHEMA)


def split_column(names: pl.Series) -> pl.DataFrame:
    """Canonical names as `surname, middle_name, given_name`; null where the name is null."""
    schema = {"surname": pl.String, "middle_name": pl.String, "given_name": pl.String}
    return over_distinct(names, lambda name: (None,) * 3 if name is None else split(name), schema)
