"""Writes corrections as a file writes its cells: its form of dates, its words for the sexes, its capital letters."""

import polars as pl

_FILE = ["source_file", "sheet"]

_DATES = {
    r"^\d{4}-\d{2}-\d{2}$": "%Y-%m-%d",
    r"^\d{4}/\d{2}/\d{2}$": "%Y/%m/%d",
    r"^\d{8}$": "%Y%m%d",
    r"^\d{2}/\d{2}/\d{4}$": "%d/%m/%Y",
    r"^\d{1,2}/\d{1,2}/\d{4}$": "%-d/%-m/%Y",
    r"^\d{2}-\d{2}-\d{4}$": "%d-%m-%Y",
    r"^\d{2}\.\d{2}\.\d{4}$": "%d.%m.%Y",
}
"""Form of a cell → how a date is written so; the first that fits counts."""
USUAL_DATE = "%d/%m/%Y"


def as_written(changes: pl.DataFrame, written: pl.DataFrame) -> pl.DataFrame:
    """The changes with `after` in the commonest form of the file's own cells.

    Shape: `written` has a row a record: `source_file, sheet, full_name_raw, date_of_birth_raw, sex_raw, sex`. A date of
    which the registry knows no day is no correction, and is left out.
    """
    habits = _habits(written)
    told = changes.join(habits, on=_FILE, how="left", maintain_order="left")
    value, kind = pl.col("after"), pl.col("column")
    return told.with_columns(
        pl.when(kind == "date_of_birth").then(_dated(value))
        .when((kind == "full_name") & pl.col("capitals")).then(value.str.to_uppercase())
        .when((kind == "sex") & (value == "Nam")).then(pl.coalesce("male", value))
        .when((kind == "sex") & (value == "Nữ")).then(pl.coalesce("female", value))
        .otherwise(value).alias("after")
    ).filter(pl.col("after").is_not_null(), pl.col("after").ne_missing(pl.col("before")))  # fmt: skip


def _dated(value: pl.Expr) -> pl.Expr:
    day = value.str.to_date("%Y-%m-%d", strict=False)
    formats = list(dict.fromkeys(_DATES.values()))
    written = [pl.when(pl.col("date_form") == form).then(day.dt.strftime(form)) for form in formats]
    return pl.coalesce(*written, day.dt.strftime(USUAL_DATE))


def _habits(written: pl.DataFrame) -> pl.DataFrame:
    """How each file and sheet writes: `date_form, capitals, male, female`."""
    cell = pl.col("date_of_birth_raw").str.strip_chars()
    form = pl.coalesce(*(pl.when(cell.str.contains(pattern)).then(pl.lit(name)) for pattern, name in _DATES.items()))
    name = pl.col("full_name_raw")
    return (
        written.with_columns(form=form)
        .group_by(_FILE)
        .agg(
            _commonest(pl.col("form")).alias("date_form"),
            (name == name.str.to_uppercase()).mean().fill_null(0).gt(0.5).alias("capitals"),
            _commonest(pl.col("sex_raw").filter(pl.col("sex") == "Nam")).alias("male"),
            _commonest(pl.col("sex_raw").filter(pl.col("sex") == "Nữ")).alias("female"),
        )
    )


def _commonest(values: pl.Expr) -> pl.Expr:
    """The value that most have; of those that are as common the first in order."""
    return values.drop_nulls().sort().mode().sort().first()
