"""Computes how far the texts of two columns are apart, a row a pair: slips, and similarity by what both have.

RapidFuzz counts characters (DuckDB counts bytes). What costs a look at each letter is worked out only for texts that
are not equal, where it is asked for, and where the letters alone leave it open.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from matching.letter_counts import letters_between

Rows = npt.NDArray[np.int64]

_MISSING = 99
_TINY = 1e-6
"""More than a product of floats is off."""


def rows_of(where: pl.Series) -> Rows:
    """The numbers of the rows that are true."""
    rows: Rows = np.flatnonzero(where.fill_null(False).to_numpy())
    return rows


def slips(both: pl.DataFrame, most: int) -> npt.NDArray[np.int32]:
    """Optimal string alignment distance of the texts of two columns, which are there; `most` + 1 where it is more."""
    found: npt.NDArray[np.int32] = process.cpdist(*_lists(both), scorer=OSA.distance, dtype=np.int32, score_cutoff=most)
    return found


def _lists(both: pl.DataFrame) -> tuple[list[str], list[str]]:
    return both.to_series(0).to_list(), both.to_series(1).to_list()


def between(pairs: pl.DataFrame, sides: list[str], where: pl.Series) -> pl.Series:
    """`letters_between` of the two sides in the rows `where`; 0 for the others."""
    found, rows = np.zeros(pairs.height, np.uint16), rows_of(where)
    found[rows] = letters_between(*(pairs[name].gather(rows) for name in sides))
    return pl.Series(found)


def slips_between(
    pairs: pl.DataFrame,
    sides: list[str],
    most: int,
    where: pl.Series | None = None,
    count: Callable[[pl.DataFrame, int], npt.NDArray[np.int32]] = slips,
) -> pl.Series:
    """How many slips part the two sides; far where either is missing, and but for `where`."""
    left, right = (pairs[name] for name in sides)
    equal = left.eq(right)
    found = np.full(pairs.height, _MISSING, np.int32)
    found[rows_of(equal)] = 0
    rows = rows_of(~equal if where is None else ~equal & where)
    found[rows] = count(pairs.select(sides)[rows], most)
    return pl.Series(found)


def similarity(
    pairs: pl.DataFrame,
    sides: list[str],
    least: float,
    where: pl.Series,
    apart: pl.Series,
    text: Callable[[pl.DataFrame], pl.DataFrame] = lambda both: both,
) -> pl.Series:
    """Similarity by insertions and deletions; 0 where either is missing, where it is below `least`, and but for
    `where`.

    Of similar texts few letters are not in both (`apart`): each is an insertion or a deletion.
    """
    left, right = (pairs[name] for name in sides)
    equal = left.eq(right)
    found = np.zeros(pairs.height, np.float64)
    found[rows_of(equal)] = 1.0
    near = apart <= (left.str.len_chars() + right.str.len_chars()) * (1 - least) + _TINY
    rows = rows_of(~equal & where & near)
    lists = _lists(text(pairs.select(sides)[rows]))
    # A cut-off at the very threshold loses some values that are equal to it but for a last bit.
    found[rows] = process.cpdist(*lists, scorer=Indel.normalized_similarity, score_cutoff=least - _TINY)
    return pl.Series(found)
