"""Recognises cells that say that there is no value, as databases, spreadsheets, programs and clerks write it.

The marks are in `tables/nothing.csv`, one list for names, numbers, dates, sexes, places, codes and texts. Only a whole
cell is one: Trần Không is a person.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final, Literal

import polars as pl

from vn.cells import key, tidy
from vn.provinces import TABLES

Kind = Literal["name", "number", "date", "sex", "place", "code", "text"]

_EDGE: Final = re.compile(r"^[^\w\\]+|^[\s_]+|\W+$|[\s_]+$")


@lru_cache(maxsize=1 << 16)
def is_nothing(text: str, kind: Kind) -> bool:
    """Whether the cell, which is not empty, says in words or signs that there is no value of that kind."""
    cell = _cell(text)
    bare = _bare(cell)
    if not bare.strip("_"):
        return True
    marks = listed(kind)
    # In a name each mark counts: Khổng and Trọng are names, Không and Trống say that there is none.
    return cell in marks or bare in marks or (kind not in ("name", "text") and _folded(cell) in marks)


@cache
def listed(kind: Kind) -> frozenset[str]:
    """The marks of a kind in lower case: as they are written, and without tone marks."""
    values = [_cell(value) for value, where in _rows() if _counts_for(kind, where)]
    # <NA> is nothing and Na a name; Trong is Trọng, not Trống.
    plain = [value for value in values if value == _bare(value) and (kind != "name" or " " in value)]
    return frozenset({*values, *map(_folded, plain)} - {""})


def drop(texts: pl.Series) -> pl.Series:
    """The texts, null where a cell says that there is none."""
    said = [text for text in texts.drop_nulls().unique() if len(text) <= _longest() and is_nothing(text, "text")]
    return texts.set(texts.is_in(said), None) if said else texts


@cache
def _rows() -> list[tuple[str, str]]:
    return pl.read_csv(TABLES / "nothing.csv", infer_schema=False).select("value", "where").rows()


@cache
def _longest() -> int:
    """Longer cells are not looked at: room for the signs around a mark."""
    return 2 * max(len(value) for value, _ in _rows())


def _counts_for(kind: str, where: str) -> bool:
    everywhere, _, excepted = where.partition("all but ")
    return kind not in excepted.split() if excepted else everywhere == "all" or kind in everywhere.split()


def _cell(text: str) -> str:
    return unicodedata.normalize("NFC", tidy(text).casefold())


def _bare(cell: str) -> str:
    return _EDGE.sub("", cell)


def _folded(cell: str) -> str:
    r"""Without tone marks; `\N` has no such form, for n is a word of its own."""
    return "" if "\\" in cell else key(cell)
