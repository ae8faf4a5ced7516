"""Standardises the cells of each kind of column."""

from collections.abc import Callable
from datetime import date

import polars as pl

from pipelines.sectors import foreign
from pipelines.sectors.schema import Column
from vn import dates, ids, names, nothing, sexes, territories
from vn.cells import over_distinct, tidy


def names_of(rows: pl.DataFrame, column: Column) -> pl.DataFrame:
    """The names in a column, or in the two that it is made of, as `vn.names.standardise` gives them."""
    if column.kind != "foreign_name":
        return names.standardise(rows[column.name])
    stated = {"family": column.family, "given": column.given}
    parts = {part: pl.col(name) if name else pl.lit(None, dtype=pl.String) for part, name in stated.items()}
    apart = rows.select(**parts) if any(stated.values()) else None
    return foreign.names(rows[column.name], apart, given_first=column.given_first)


def _numbers(cells: pl.Series, births: pl.Series, sex: pl.Series, column: Column) -> pl.DataFrame:
    """Numbers; ten digits get two zeros back only where date of birth and sex say that they were lost."""
    if column.kind == "foreign_id":
        return foreign.numbers(cells)
    restored = ids.padded(cells, births, sex)
    read = ids.standardise(restored.zip_with(restored.is_not_null(), cells))
    padded = pl.when(pl.Series(restored.is_not_null())).then(pl.lit("zero_padded"))
    return read.with_columns(pl.coalesce(padded, "id_repairs").alias("id_repairs"))


_BY_KIND: dict[str, Callable[[pl.Series, date], pl.Series]] = {
    "name": lambda text, _: names.standardise(text)["full_name"],
    "foreign_name": lambda text, _: foreign.names(text)["full_name"],
    "foreign_id": lambda text, _: foreign.numbers(text)["id_number"],
    "id": lambda text, _: ids.standardise(text)["id_number"],
    "date": lambda text, night: dates.standardise(text, night)["date_of_birth"],
    "year": lambda text, night: dates.standardise(text, night)["birth_year"],
    "sex": lambda text, _: sexes.standardise(text)["sex"],
    "province": lambda text, _: territories.standardise_provinces(text),
    "commune": lambda text, _: territories.standardise_communes(text),
    "bhxh": lambda text, _: ids.standardise_code(text, "bhxh"),
    "bhyt": lambda text, _: ids.standardise_code(text, "bhyt"),
    "phone": lambda text, _: ids.standardise_code(text, "phone"),
    "code": lambda text, _: ids.standardise_code(text, "code"),
    "number": lambda text, _: _whole_number(text),
    "text": lambda text, _: _plain_text(text),
}


def _whole_number(text: pl.Series) -> pl.Series:
    """What counts, whatever word stands before it: «mũi 2», also in the digits of another script."""
    if (text.str.len_bytes() != text.str.len_chars()).any():
        text = over_distinct(text, lambda cell: (cell and tidy(cell),), {"cell": pl.String})["cell"]
    return text.str.extract(r"^\s*[^0-9]{0,6}?([0-9]{1,9})(?:\.0)?\s*$").cast(pl.Int64)


def _plain_text(text: pl.Series) -> pl.Series:
    return nothing.drop(text.str.normalize("NFC").str.replace_all(r"\s+", " ").str.strip_chars())
