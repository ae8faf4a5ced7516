"""Finds which of today's 34 provinces a code or name means, and what a code meant on a given day.

63 provinces became 34 on 01/07/2025. Seven codes (015 024 044 052 080 082 091) name another province since
then, so a name is looked up by code and date. The three-digit codes in ID numbers are the old two-digit ones
behind a zero. No old code conflicts with a new one: an old code that is still used leads to the province
that uses it now.
"""

import re
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from vn.cells import key, over_distinct, tidy

TABLES = Path(__file__).parent / "tables"

MERGED_ON = date(2025, 7, 1)
"""First day of the 34 provinces."""

_CODE = re.compile(r"'?([0-9]{1,3})(?:\.0)?")
_CODE_AND_NAME = re.compile(r"([0-9]{1,3})[ .:_–—-]+([^0-9].*)")
_PREFIX = re.compile(r"^(?:tinh|thanh pho|tp|t p|t) ")


def read_territories(name: str) -> pl.DataFrame:
    """A table of territories, all text: `code, name, level, parent, valid_from, valid_to, successor, source`."""
    return pl.read_csv(TABLES / name, infer_schema=False)


@cache
def provinces() -> pl.DataFrame:
    """All provinces: the 63 until 30/06/2025 with their successor, and the 34 since.

    Shape: a row per code and period, sorted by code and `valid_from`; days as `YYYY-MM-DD`.
    """
    return read_territories("provinces.csv")


def province_code(code: str) -> str | None:
    """Today's two-digit code for an old or new two-digit code or the three digits of an ID number."""
    if len(code) == 3 and not code.startswith("0"):
        return None
    return _current().get(code[-2:].zfill(2))


def province_name(code: str, on: date | None = None) -> str | None:
    """The name that a two- or three-digit code has today, or had on a given day.

    Errors: None for an unknown code, and for a code that was not in use on that day.
    """
    day = (on or MERGED_ON).isoformat()
    for name, valid_from, valid_to in _names().get(code[-2:].zfill(2), ()):
        if (valid_from or "") <= day and (valid_to is None or day <= valid_to):
            return name
    return None


def birth_codes() -> frozenset[str]:
    """The three-digit codes of the provinces that may begin an ID number.

    Source: TT 07/2016/TT-BCA. The 34 codes are among the 63, so the set holds whatever a child registered
    after the merger is given.
    """
    return frozenset(f"0{code}" for code in _current())


def normalise_province(text: str | None) -> str | None:
    """Today's two-digit code for a code or a name, None if it is not certain which province is meant."""
    cell = tidy(text or "")
    if code := _CODE.fullmatch(cell):
        return province_code(code[1])
    if both := _CODE_AND_NAME.fullmatch(cell):
        meant = {province_code(both[1]), _by_name(both[2])} - {None}
        return meant.pop() if len(meant) == 1 else None
    return _by_name(cell)


def is_former_province(text: str | None) -> bool:
    """Whether a code or a name is that of a province that is no more, and of none of today's."""
    cell = tidy(text or "")
    if code := _CODE.fullmatch(cell):
        return province_code(code[1]) is not None and code[1][-2:].zfill(2) not in _current().values()
    if both := _CODE_AND_NAME.fullmatch(cell):
        cell = both[2]
    forms = {form for part in (cell, cell.rpartition(",")[2]) for form in _forms(part)}
    return bool(forms & _former()) and not forms & _standing()


def former_provinces(values: pl.Series) -> pl.Series:
    """Whether each value names a province that is no more, as `is_former_province` says."""
    return over_distinct(values, lambda text: (is_former_province(text),), {"former": pl.Boolean})["former"]


def standardise_provinces(values: pl.Series) -> pl.Series:
    """Today's two-digit code of each value, null where `normalise_province` says None.

    Shape: one value per value, same order, named `province_code`.
    """
    answers = over_distinct(values, lambda text: (normalise_province(text),), {"province_code": pl.String})
    return answers["province_code"]


def _by_name(cell: str) -> str | None:
    for part in (cell, cell.rpartition(",")[2]):
        for form in _forms(part):
            if code := _aliases().get(form):
                return code
    return None


def _forms(part: str) -> tuple[str, str]:
    """How the tables may have a name: with its level and without, no marks, no spaces."""
    words = key(part)
    return words.replace(" ", ""), _PREFIX.sub("", words).replace(" ", "")


@cache
def _standing() -> frozenset[str]:
    return _names_where(pl.col("valid_to").is_null())


@cache
def _former() -> frozenset[str]:
    return _names_where(pl.col("valid_to").is_not_null())


def _names_where(wanted: pl.Expr) -> frozenset[str]:
    return frozenset(form for name in provinces().filter(wanted)["name"] for form in _forms(name))


@cache
def _current() -> dict[str, str]:
    table = provinces().with_columns(pl.coalesce("successor", "code").alias("now"))
    return dict(table.select("code", "now").rows())


@cache
def _names() -> dict[str, tuple[tuple[str, str | None, str | None], ...]]:
    table = provinces().group_by("code", maintain_order=True).agg(pl.struct("name", "valid_from", "valid_to"))
    return {
        code: tuple((period["name"], period["valid_from"], period["valid_to"]) for period in periods)
        for code, periods in table.rows()
    }


@cache
def _aliases() -> dict[str, str]:
    """Names without marks and spaces → today's code."""
    named = {key(name): province_code(code) for code, name in provinces().select("code", "name").rows()}
    listed = pl.read_csv(TABLES / "province_aliases.csv", infer_schema=False)
    pairs = [*named.items(), *listed.select("alias", "code").rows()]
    return {name.replace(" ", ""): code for name, code in pairs if code}
