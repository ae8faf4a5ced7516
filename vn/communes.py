"""Finds which of today's 3,321 communes a code or name means.

The communes of 01/07/2025 reuse codes of the old ones: a code that is in use today is read as today's. An old
commune that was split among several new ones (471 of 10,035) has no single answer and gives none.
"""

import re
from functools import cache

import polars as pl

from vn.cells import key, over_distinct, tidy
from vn.provinces import province_code, read_territories

_CODE = re.compile(r"'?([0-9]{1,5})(?:\.0)?(?:[ .:_–—-]+[^0-9].*)?")
_LEVELS = {"phuong": "phuong", "p": "phuong", "xa": "xa", "x": "xa", "thi tran": "thi tran", "tt": "thi tran"}
_LEVELS |= {"dac khu": "dac khu", "dk": "dac khu"}
_NAME = re.compile(r"(?:(phuong|p|xa|x|thi tran|tt|dac khu|dk) )?(.+)")
_SEPARATOR = "\x1f"


@cache
def communes() -> pl.DataFrame:
    """All communes: those until 30/06/2025 with their successors (`;` between), and those since.

    Shape: a row per code and period, sorted by code and `valid_from`; `parent` is the province's code of that
    time (districts no longer exist); days as `YYYY-MM-DD`.
    """
    return read_territories("communes.csv")


def commune_name(code: str) -> str | None:
    """The name that goes with a five-digit code today; the last one it had if it is no longer used."""
    return _names().get(code)


def normalise_commune(text: str | None, province: str | None = None) -> str | None:
    """Today's five-digit code for a code or a name, None if it is not certain which commune is meant.

    `province` (a code, old or new) tells apart communes of the same name; without it only names that lead to
    one commune in the whole country are understood.
    """
    cell = tidy(text or "")
    if code := _CODE.fullmatch(cell):
        return _only(_successors().get(code[1].zfill(5), ()))
    name = _form(cell.partition(",")[0])
    return _only(_by_name().get((province_code(province) if province else None, name), ()))


def communes_meant(text: str | None, province: str | None = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Two tuples: today's communes with this code or name, and today's communes into which a former commune with it was
    merged.

    A code or name may be of both: codes and names were used again. `province` as in `normalise_commune`.
    """
    cell = tidy(text or "")
    if code := _CODE.fullmatch(cell):
        which: tuple[str | None, str] = (None, code[1].zfill(5))
    else:
        which = (province_code(province) if province else None, _form(cell.partition(",")[0]))
    today, before = _by_period()
    return today.get(which, ()), before.get(which, ())


def standardise_communes(values: pl.Series, provinces: pl.Series | None = None) -> pl.Series:
    """Today's five-digit code of each value, null where `normalise_commune` says None.

    Shape: one value per value, same order, named `commune_code`; `provinces` is as long as `values`.
    """
    given = pl.lit(None, pl.String) if provinces is None else provinces.cast(pl.String).alias("province")
    parts = pl.DataFrame({"value": values.cast(pl.String)}).with_columns(given.alias("province"))
    pairs = parts.select(pl.concat_str(pl.col("province").fill_null(""), "value", separator=_SEPARATOR))

    def read(pair: str | None) -> tuple[str | None]:
        province, _, value = (pair or "").partition(_SEPARATOR)
        return (normalise_commune(value, province or None),)

    return over_distinct(pairs.to_series(), read, {"commune_code": pl.String})["commune_code"]


def _only(codes: tuple[str, ...]) -> str | None:
    return codes[0] if len(codes) == 1 else None


def _form(name: str) -> str:
    """The name as the index holds it: folded, the level written out, numbers without leading zeros."""
    found = _NAME.fullmatch(key(name))
    if not found:
        return ""
    words = " ".join(word.lstrip("0") or word for word in found[2].split())
    return f"{_LEVELS[found[1]]} {words}" if found[1] else words


@cache
def _names() -> dict[str, str]:
    return dict(communes().sort("code", pl.col("valid_from").fill_null("")).select("code", "name").rows())


@cache
def _successors() -> dict[str, tuple[str, ...]]:
    """Code → today's codes: a code in use is its own only successor, whatever it was before."""
    table = communes().sort("code", pl.col("valid_from").fill_null(""))
    return {
        code: tuple(after.split(";")) if after else (code,) for code, after in table.select("code", "successor").rows()
    }


@cache
def _by_period() -> tuple[dict[tuple[str | None, str], tuple[str, ...]], dict[tuple[str | None, str], tuple[str, ...]]]:
    """The communes of today and those before them, each by `_by_name`'s keys and by (None, code) → today's codes."""
    periods = []
    for wanted in (pl.col("valid_to").is_null(), pl.col("valid_to").is_not_null()):
        index: dict[tuple[str | None, str], set[str]] = {}
        for code, name, parent, after in communes().filter(wanted).select("code", "name", "parent", "successor").rows():
            for place in (*_places(name, parent), (None, code)):
                index.setdefault(place, set()).update(after.split(";") if after else [code])
        periods.append({place: tuple(sorted(codes)) for place, codes in index.items()})
    today, before = periods
    return today, before


def _places(name: str, parent: str) -> list[tuple[str | None, str]]:
    """Where and how a commune's name may be asked for."""
    full = _form(name)
    short = _NAME.fullmatch(full)
    forms = {full, short[2] if short else full}
    return [(where, form) for form in sorted(forms) for where in (None, province_code(parent))]


@cache
def _by_name() -> dict[tuple[str | None, str], tuple[str, ...]]:
    """(today's province or None for anywhere, name with or without its level) → today's codes."""
    index: dict[tuple[str | None, str], set[str]] = {}
    for code, name, parent, after in communes().select("code", "name", "parent", "successor").rows():
        for place in _places(name, parent):
            index.setdefault(place, set()).update(after.split(";") if after else [code])
    return {place: tuple(sorted(codes)) for place, codes in index.items()}
