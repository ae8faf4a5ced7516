"""Reads a person's sex from a cell: Nam or Nữ.

The words are in `tables/sexes.csv`. Nothing is guessed: what the table does not list is `unknown`, what may
mean both is `ambiguous`.
"""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

import polars as pl

from vn.cells import key, over_distinct, tidy
from vn.nothing import is_nothing
from vn.provinces import TABLES

MALE = "Nam"
FEMALE = "Nữ"


class Reading(NamedTuple):
    """Sex in a cell, or the reason why there is none (`missing filler ambiguous other unknown`)."""

    sex: str | None
    why_not: str | None


def read(text: str | None) -> Reading:
    """The sex that the cell names, or why it names none."""
    cell = unicodedata.normalize("NFC", tidy(text or "").casefold())
    if not cell:
        return Reading(None, "missing")
    whole = re.sub(r"^'|\.0$", "", cell)
    if found := _table().get(whole):
        return found
    if is_nothing(cell, "sex"):
        return Reading(None, "filler")
    return _table().get(key(whole)) or Reading(None, "unknown")


def normalise(text: str | None) -> str | None:
    """`Nam` or `Nữ`, None if the cell does not say."""
    return read(text).sex


def why_not(text: str | None) -> str | None:
    """Why the cell gives no sex, None if it gives one."""
    return read(text).why_not


def standardise(values: pl.Series) -> pl.DataFrame:
    """The sex of each value.

    Shape: one row per value, same order: `sex` (`Nam`, `Nữ`, null), `sex_why_not` (null if there is a sex).
    """
    return over_distinct(values, read, {"sex": pl.String, "sex_why_not": pl.String})


@cache
def _table() -> dict[str, Reading]:
    rows = pl.read_csv(TABLES / "sexes.csv", infer_schema=False).select("value", "sex", "why_not").rows()
    return {value: Reading(sex, reason) for value, sex, reason in rows}
