"""Scores the information in a cell: a corrected list should not say less than the one that it replaces."""

from collections.abc import Callable
from datetime import date

import polars as pl

from vn import dates, encodings, ids, names, sexes, territories
from vn.nothing import is_nothing


def worth(cells: pl.Series, kind: str, night: date) -> pl.Series:
    """Score of each cell: 0 for one that says nothing, is masked, or cannot be read as its kind; the more, the more it
    says.

    Units: only to be compared with that of another cell of the same kind.
    """
    text = cells.cast(pl.String).str.strip_chars()
    read = _BY_KIND.get(kind, _said)(text, night)
    return pl.Series(cells.name, read.fill_null(0).cast(pl.Int64)).zip_with(
        ~ids.is_masked_column(text), pl.repeat(0, len(text), dtype=pl.Int64, eager=True)
    )


def _said(text: pl.Series, _: date) -> pl.Series:
    empty = [value for value in text.drop_nulls().unique() if is_nothing(value, "text") or "\ufffd" in value]
    return (text.is_not_null() & ~text.is_in(empty)).cast(pl.Int64)


def _name(text: pl.Series, _: date) -> pl.Series:
    """Its marks are worth something: they do not come back by themselves."""
    read = names.standardise(text)["full_name"]
    sound = read.is_not_null() & ~text.str.contains(r"\w\?\w|\?\?|\x{FFFD}").fill_null(False)
    marked = read.str.normalize("NFD").str.contains(r"[\p{Mn}đĐ]").fill_null(False)
    return sound.cast(pl.Int64) * (1 + marked.cast(pl.Int64))


def _date(text: pl.Series, night: date) -> pl.Series:
    return dates.standardise(text, date(night.year + 50, 12, 31))["date_of_birth"].str.len_chars()


def _number(text: pl.Series, _: date) -> pl.Series:
    read = ids.standardise(text)
    return read["id_number"].is_not_null().cast(pl.Int64) * 2 + read["cmnd_number"].is_not_null().cast(pl.Int64)


def _code(kind: str) -> Callable[[pl.Series, date], pl.Series]:
    return lambda text, _: ids.standardise_code(text, kind).is_not_null().cast(pl.Int64)


_BY_KIND: dict[str, Callable[[pl.Series, date], pl.Series]] = {
    "name": _name,
    "date": _date,
    "year": _date,
    "id": _number,
    "sex": lambda text, _: sexes.standardise(text)["sex"].is_not_null().cast(pl.Int64),
    "province": lambda text, _: (
        territories.standardise_provinces(encodings.repair(text)["text"]).is_not_null().cast(pl.Int64)
    ),
    **{kind: _code(kind) for kind in ("bhxh", "bhyt", "phone", "code")},
}
