"""Turns rows of text into standardised Vietnamese values, the original beside them."""

from datetime import date
from typing import Literal

import polars as pl

from pipelines.sectors.kinds import _BY_KIND, _numbers, names_of
from pipelines.sectors.schema import IDENTITY, Column, Sector
from vn import dates, encodings, sexes, territories

_PLACE_COLUMNS = ("record_id", "sector", "source_file", "sheet", "source_row")


def no_rows(sector: Sector) -> pl.DataFrame:
    """The rows of text of a sector that sent nothing."""
    cells = {name: pl.String for name in (*_PLACE_COLUMNS, *(column.name for column in sector.column), "extra")}
    return pl.DataFrame(schema=cells).cast({"source_row": pl.Int32})


def core_rows(rows: pl.DataFrame, sector: Sector, night: date) -> pl.DataFrame:
    """The standardised rows of some rows of text.

    Shape: one row for each of `rows`, in the same order; columns as docs/architecture.md lists them for
    `core_<sector>`, without `content_hash`.
    """
    original = rows
    rows, text_repairs = _in_unicode(rows, sector)
    born = dates.standardise(rows["date_of_birth"], night)
    sex = sexes.standardise(rows["sex"])
    number = _numbers(rows["id_number"], born["date_of_birth"], sex["sex"], sector.find("id_number"))
    place = _places(rows)
    parts = [
        rows.select(_PLACE_COLUMNS),
        names_of(rows, sector.find("full_name")),
        born,
        sex,
        number,
        place,
        *(_other(rows, column, night) for column in sector.column if column.name not in _TOGETHER),
        text_repairs.to_frame(),
        original.select(pl.col(column.name).alias(f"{column.name}_raw") for column in sector.column),
    ]
    tenant = pl.lit(f"{sector.name}-") + pl.col("province_code").fill_null("00")
    told = {role: sector.with_role(role) for role in _ROLES}
    units = [(pl.col(column.name) if column else _NOTHING).alias(role) for role, column in told.items()]
    return pl.concat(parts, how="horizontal").with_columns(tenant.alias("tenant"), *units)


_ROLES: tuple[Literal["unit", "zone"], ...] = ("unit", "zone")
_NOTHING = pl.lit(None, dtype=pl.String)


_TEXT_KINDS = frozenset({"name", "sex", "province", "commune", "text", "code"})
"""Kinds of columns that people write words in; a person's own name has its repairs in `name_repairs`."""


def _in_unicode(rows: pl.DataFrame, sector: Sector) -> tuple[pl.DataFrame, pl.Series]:
    """The rows with their text in Unicode, and for each row which of its cells were not (`address:tcvn3`)."""
    named = [column.name for column in sector.column if column.kind in _TEXT_KINDS and column.name != "full_name"]
    nothing = pl.repeat("", rows.height, dtype=pl.String, eager=True).alias("text_repairs")
    if sector.foreign:
        return rows, nothing
    repaired = {name: encodings.repair(rows[name]) for name in named}
    rows = rows.with_columns(repaired[name]["text"].alias(name) for name in named)
    codes = [_with_column(name, repaired[name]["repair"]) for name in named if (repaired[name]["repair"] != "").any()]
    if not codes:
        return rows, nothing
    told = pl.DataFrame(codes).select(pl.concat_str(pl.all(), separator=",", ignore_nulls=True).alias("text_repairs"))
    return rows, told.to_series()


def _with_column(name: str, codes: pl.Series) -> pl.Series:
    """Each code behind the column's name, null where there is none."""
    told = f"{name}:" + codes.str.replace_all(",", f",{name}:", literal=True)
    return told.set(codes == "", None).alias(name)


_TOGETHER = (*IDENTITY, "province_code", "commune_code")
"""Columns that are standardised with others, not one by one."""


_YEARS_TO_COME = 50
"""How far ahead a date may lie: a licence lasts until its holder is old. A year of two digits is read so, too."""


def _other(rows: pl.DataFrame, column: Column, night: date) -> pl.DataFrame:
    latest = date(night.year + _YEARS_TO_COME, 12, 31) if column.to_come else night
    return _BY_KIND[column.kind](rows[column.name], latest).alias(column.name).to_frame()


def _places(rows: pl.DataFrame) -> pl.DataFrame:
    """Province and commune codes; the province from the commune or the address where its own column says nothing."""
    own = territories.standardise_provinces(rows["province_code"])
    # Several provinces may have a commune of the same name.
    communes = territories.standardise_communes(rows["commune_code"], own)
    last_part = rows["address"].str.split(",").list.last()
    return pl.DataFrame(
        {
            "own": own,
            "of_commune": communes.replace_strict(_commune_provinces(), default=None, return_dtype=pl.String),
            "of_address": territories.standardise_provinces(last_part),
            "commune_code": communes,
        }
    ).select(pl.coalesce("own", "of_commune", "of_address").alias("province_code"), "commune_code")


def _commune_provinces() -> dict[str, str]:
    return dict(territories.communes().select("code", "parent").iter_rows())
