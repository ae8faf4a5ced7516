"""Standardises dates of birth: the date, its precision, and other dates that a cell may mean.

A date is a value and a precision, because older people truly have no day and month. What may have been written
another way round is kept as the alternative, never chosen silently: only a date that is impossible as day/month is
read as month/day.
"""

from datetime import date
from functools import lru_cache, partial

import polars as pl

from vn.cells import over_distinct
from vn.date_reading import Reading, normalise, read, why_not
from vn.date_tables import LOSSLESS, REPAIRS, WHY_NOT
from vn.lunar import lunar_to_solar, lunar_to_solar_column

__all__ = [
    "LOSSLESS",
    "REPAIRS",
    "WHY_NOT",
    "Reading",
    "lunar_to_solar",
    "lunar_to_solar_column",
    "normalise",
    "read",
    "standardise",
    "why_not",
]

_SCHEMA: dict[str, type[pl.DataType]] = {name: pl.String for name in Reading._fields} | {"birth_year": pl.Int16}


def standardise(dates: pl.Series, night: date) -> pl.DataFrame:
    """Columns of the date in each cell; `read` is called once for each distinct value (a century has 36,525 days).

    Shape: one row per value, same order: `date_of_birth` (`YYYY-MM-DD`, `YYYY-MM`, `YYYY`), `birth_precision`
    (`day month year`), `birth_year, birth_alternative, birth_repairs, birth_why_not` (null if there is a date).
    """
    return over_distinct(dates, partial(_read, night), _SCHEMA)


# A long column comes in slices, which hold the same days.
@lru_cache(maxsize=1 << 17)
def _read(night: date, text: str | None) -> Reading:
    return read(text, night)
