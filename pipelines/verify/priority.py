"""Scores the value of a question in points: whether it will be confirmed, who waits for it, how many records it
settles.

The points are in `priority.toml`; a question's parts are kept beside it, so that its place can be explained.
"""

import tomllib
from functools import cache
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

PARTS = ("likely", "urgent", "unblocks")


class Age(BaseModel):
    """Points for people younger than so many years."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    below: int
    points: int


class Urgent(BaseModel):
    """Points for those who wait."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sector: dict[str, int]
    age: tuple[Age, ...]


class Unblocks(BaseModel):
    """Points for the number of records that share a question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points_each_further_record: int
    most: int


class Priority(BaseModel):
    """The table of points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    likely: dict[str, int]
    urgent: Urgent
    unblocks: Unblocks


@cache
def priority() -> Priority:
    """The points in force, from `priority.toml`."""
    path = Path(__file__).with_name("priority.toml")
    return Priority.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def of_records(records: pl.DataFrame, year: int) -> pl.DataFrame:
    """The records with their points `likely` and `urgent`, in the year of the night.

    Errors: polars' if a status is in no line of the table. Shape: as proposals.records.
    """
    table = priority()
    by_status = pl.col("link_status").replace_strict(table.likely, return_dtype=pl.Int32)
    by_sector = pl.col("sector").replace_strict(table.urgent.sector, default=0, return_dtype=pl.Int32)
    age = year - pl.col("date_of_birth").str.slice(0, 4).cast(pl.Int32)
    by_age = pl.lit(0)
    for line in reversed(table.urgent.age):
        by_age = pl.when(age < line.below).then(line.points).otherwise(by_age)
    return records.with_columns(
        likely=(by_status * pl.col("probability").fill_null(1.0)).round().cast(pl.Int32),
        urgent=(by_sector + by_age).cast(pl.Int32),
    )


def unblocks(records: pl.Expr) -> pl.Expr:
    """Points of a question by the number of records that share it."""
    table = priority().unblocks
    further = (records.cast(pl.Int32) - 1) * table.points_each_further_record
    return pl.min_horizontal(further, pl.lit(table.most)).cast(pl.Int32)
