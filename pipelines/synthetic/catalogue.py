"""Lists the errors that can be planted: the codes of `tables/errors.csv` and their meaning for the truth."""

from functools import cache

import polars as pl

from pipelines.synthetic.tables import table


@cache
def codes() -> frozenset[str]:
    """All error codes."""
    return frozenset(table("errors")["code"])


@cache
def lossless() -> frozenset[str]:
    """Codes that only change how a value is written: a record with no others still counts as right."""
    return frozenset(table("errors").filter(pl.col("lossless") == "yes")["code"])


@cache
def of_field(field: str) -> tuple[str, ...]:
    """Codes that damage one field (`name`, `dob`, `sex`, `id`, `place`, `record`), in the table's order."""
    return tuple(table("errors").filter(pl.col("field") == field)["code"])
