"""Standardises dates of birth: the date, its precision, and other dates that a cell may mean.

A date is a value and a precision, because older people truly have no day and month. What may have been written
another way round is kept as the alternative, never chosen silently: only a date that is impossible as day/month is
read as month/day.
"""

from vn.date_columns import standardise
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
