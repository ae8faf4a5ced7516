"""Standardises whole columns of dates, with the results of `vn.date_reading.read`.

Expressions read whole days in digits, day or year first; the scalar is asked about the distinct values that are left.
"""

from datetime import date

import polars as pl

from vn.cells import numbered
from vn.date_parts import FIRST_YEAR
from vn.date_reading import Reading, read
from vn.date_tables import FILLER_DAYS

_DAY_FIRST = r"^([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})$"
_YEAR_FIRST = r"^([0-9]{4})[/.\-]([0-9]{1,2})[/.\-]([0-9]{1,2})$"

_SCHEMA: dict[str, type[pl.DataType]] = {name: pl.String for name in Reading._fields} | {"birth_year": pl.Int16}


def standardise(dates: pl.Series, night: date) -> pl.DataFrame:
    """Columns of the date in each cell, as `vn.date_reading.read` finds it.

    Shape: one row per value, same order: `date_of_birth` (`YYYY-MM-DD`, `YYYY-MM`, `YYYY`), `birth_precision`
    (`day month year`), `birth_year, birth_alternative, birth_repairs, birth_why_not` (null if there is a date).
    """
    distinct, places = numbered(dates)
    plain = _plain_readings(distinct, night)
    odd = plain["date_of_birth"].is_null().arg_true()
    answers = [read(text, night) for text in distinct.gather(odd).to_list()]
    others = pl.DataFrame(answers, schema=_SCHEMA, orient="row")
    readings = pl.DataFrame([plain[name].scatter(odd, others[name]) for name in _SCHEMA])
    return readings.select(pl.all().gather(places))


def _plain_readings(texts: pl.Series, night: date) -> pl.DataFrame:
    """The columns of `Reading` for days of the calendar, since 1900 and not to come, that no filler is; else null."""
    first, last = (f"{FIRST_YEAR}-01-01", night.isoformat())
    table = texts.alias("text").to_frame().select(day=_part(1, 3), month=_part(2, 2), year=_part(3, 1))
    day, swapped = (pl.concat_str("year", *parts, separator="-") for parts in (("month", "day"), ("day", "month")))
    table = table.with_columns(
        lawful.is_between(pl.lit(first), pl.lit(last)).and_(~lawful.is_in(sorted(FILLER_DAYS))).alias(f"is_{name}")
        for name, lawful in {"day": day, "swapped": swapped}.items()
    )
    is_plain = pl.col("is_day") & day.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    may_be_swapped = pl.col("is_swapped") & (pl.col("day") <= "12") & (pl.col("day") != pl.col("month"))
    return table.select(
        date_of_birth=pl.when(is_plain).then(day),
        birth_precision=pl.lit("day"),
        birth_year=pl.col("year").cast(pl.Int16, strict=False),
        birth_alternative=pl.when(may_be_swapped).then(swapped),
        birth_repairs=pl.when(day.str.ends_with("-01-01")).then(pl.lit("first_of_january")).otherwise(pl.lit("")),
        birth_why_not=pl.lit(None, pl.String),
    )


def _part(of_day_first: int, of_year_first: int) -> pl.Expr:
    """Two digits of day or month, four of a year."""
    text = pl.col("text")
    return pl.coalesce(
        text.str.extract(_DAY_FIRST, of_day_first), text.str.extract(_YEAR_FIRST, of_year_first)
    ).str.zfill(2)
