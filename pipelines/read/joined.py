"""One value from the several columns that it stands in: family and given name, day month year, a mark for the sex."""

from collections.abc import Callable, Mapping

import polars as pl

from vn import sexes

Parts = Mapping[str, pl.Expr]

_NO_MARK = r"(?i)^\s*(0|0\.0|-|không|khong|no|false)\s*$"
"""In a column for one sex: says that it is the other."""


def joined(kind: str, parts: Parts) -> pl.Expr:
    """The value as one text, as it would stand in one column; null if all parts are."""
    return parts[""] if "" in parts else _BY_KIND[kind](parts)


def sex_of_place(parts: Parts) -> pl.Expr:
    """Nam or Nữ by the column in which something stands; both of them, told as such, if it stands in both."""
    male, female = (_marked(parts[part]) if part in parts else pl.lit(False) for part in ("male", "female"))
    one = pl.when(male & female).then(pl.lit(f"{sexes.MALE}/{sexes.FEMALE}"))
    # A column for one sex only says nothing of the rows without a mark.
    return one.when(male).then(pl.lit(sexes.MALE)).when(female).then(pl.lit(sexes.FEMALE))


def _marked(cell: pl.Expr) -> pl.Expr:
    return cell.is_not_null() & ~cell.str.contains(_NO_MARK).fill_null(False)


def _name(parts: Parts) -> pl.Expr:
    words = [parts[part].str.strip_chars() for part in ("family", "middle", "given") if part in parts]
    text = pl.concat_str(words, separator=" ", ignore_nulls=True)
    return pl.when(text != "").then(text)


def _date(parts: Parts) -> pl.Expr:
    """Day, month and year with strokes between; a part that stands alone as it is, since it may be the whole."""
    if "male" in parts or "female" in parts:
        return pl.coalesce(parts[part] for part in ("male", "female") if part in parts)
    figures = {part: _figure(parts[part]) for part in ("day", "month", "year") if part in parts}
    if set(figures) == {"day", "month", "year"}:
        # Else a day without its month would be read as the month.
        is_month_lost = figures["month"].is_null() & figures["day"].is_not_null() & figures["year"].is_not_null()
        figures["month"] = pl.when(is_month_lost).then(pl.lit("?")).otherwise(figures["month"])
    text = pl.concat_str(list(figures.values()), separator="/", ignore_nulls=True)
    return pl.when(text != "").then(text)


def _figure(cell: pl.Expr) -> pl.Expr:
    bare = cell.str.strip_chars().str.replace(r"\.0+$", "")
    return pl.when(~bare.is_in(["", "0", "00", "-"])).then(bare)


_BY_KIND: dict[str, Callable[[Parts], pl.Expr]] = {"name": _name, "date": _date, "sex": sex_of_place}
