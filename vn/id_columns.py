"""Standardises whole columns of identity numbers, with the results of `vn.id_reading.read`.

Expressions read the common shapes (digits, alone or in groups, as Excel protects them, as a float prints them);
the scalar is asked about the distinct values that are left.
"""

import polars as pl

from vn.cells import over_distinct
from vn.id_reading import Reading, read
from vn.id_tables import CENTURIES, FILLER_NUMBERS, REPAIRS, SHAPES, Shape

_GAP = "[ \u00a0]"
_PLAIN = rf"^{_GAP}*'?([0-9](?:[0-9 \u00a0.\-]*?[0-9])?)(?:\.0)?{_GAP}*$"
_UNCLEAR = rf"(?:\.00|[ \u00a0.\-]\.0){_GAP}*$"
"""Endings that may be decimals or a group of the number: left to the scalar."""

_SCHEMA: dict[str, type[pl.DataType]] = {name: pl.String for name in Reading._fields} | {"id_birth_year": pl.Int16}
_SHAPES = (*SHAPES, Shape("", "filler", 0, "filler"))


def standardise(ids: pl.Series) -> pl.DataFrame:
    """Columns of what each cell of an identity column holds, as `vn.id_reading.read` finds it.

    Shape: one row per value, same order: `id_number, cmnd_number, id_kind, id_repairs, id_why_not,
    id_province_code` (three digits), `id_sex, id_birth_year`. `id_why_not` is null if there is a number.
    """
    table = _with_plain(ids.cast(pl.String).alias("text").to_frame())
    is_plain = pl.col("shape").is_not_null()
    odd = over_distinct(table.select(pl.when(~is_plain).then("text")).to_series(), read, _SCHEMA)
    plain = _plain_readings(table)
    both = pl.concat([table.select("shape"), plain, odd.select(pl.all().name.prefix("odd_"))], how="horizontal")
    return both.select(pl.when(is_plain).then(name).otherwise(f"odd_{name}").alias(name) for name in _SCHEMA)


def _with_plain(table: pl.DataFrame) -> pl.DataFrame:
    """Adds `grouped` and `digits`, null unless the cell is plain, and `shape`, the place in `_SHAPES`."""
    text, digits = pl.col("text"), pl.col("digits")
    grouped = pl.when(~text.str.contains(_UNCLEAR)).then(text.str.extract(_PLAIN, 1))
    table = table.with_columns(grouped.alias("grouped"))
    table = table.with_columns(pl.col("grouped").str.replace_all(r"[^0-9]", "").alias("digits"))
    table = table.with_columns(pl.when(digits.str.len_bytes().is_between(8, 12)).then("digits"))
    fits = [
        pl.when(digits.str.contains(f"^{shape.pattern}$")).then(pl.lit(index, pl.Int8))
        for index, shape in enumerate(SHAPES)
    ]
    is_filler = digits.is_in(sorted(FILLER_NUMBERS))
    filler = pl.when(is_filler).then(pl.lit(len(SHAPES), pl.Int8))
    return table.with_columns(pl.coalesce(filler, *fits).alias("shape"))


def _plain_readings(table: pl.DataFrame) -> pl.DataFrame:
    """The columns of `Reading` for the rows that have a `shape`."""
    places = range(len(_SHAPES))
    shape, digits = pl.col("shape"), pl.col("digits")
    table = table.with_columns(
        shape.replace_strict(places, [s.kind for s in _SHAPES], return_dtype=pl.String).alias("id_kind"),
        shape.replace_strict(places, [s.why_not for s in _SHAPES], return_dtype=pl.String).alias("id_why_not"),
        shape.replace_strict(places, [s.pad > 0 for s in _SHAPES], return_dtype=pl.Boolean).alias("is_padded"),
    )
    kind = pl.col("id_kind")
    number = pl.when("is_padded").then(pl.lit("0") + digits).otherwise(digits)
    table = table.with_columns(
        pl.when(kind == "cccd").then(number).alias("id_number"),
        pl.when(kind == "cmnd").then(number).alias("cmnd_number"),
        pl.when(kind.is_in(["cccd", "cmnd"])).then(_repairs()).otherwise(pl.lit("")).alias("id_repairs"),
    )
    person = pl.col("id_number")
    sexes = {digit: meaning.sex for digit, meaning in CENTURIES.items()}
    centuries = {digit: meaning.century for digit, meaning in CENTURIES.items()}
    century = person.str.slice(3, 1).replace_strict(centuries, default=None, return_dtype=pl.Int16)
    return table.with_columns(
        person.str.slice(0, 3).alias("id_province_code"),
        person.str.slice(3, 1).replace_strict(sexes, default=None, return_dtype=pl.String).alias("id_sex"),
        (century + person.str.slice(4, 2).cast(pl.Int16)).alias("id_birth_year"),
    ).select(list(_SCHEMA))


def _repairs() -> pl.Expr:
    text, grouped = pl.col("text"), pl.col("grouped")
    mended = {
        "apostrophe": text.str.contains("'", literal=True),
        "decimal_zero": text.str.contains(rf"\.0{_GAP}*$"),
        "spaces": text.str.contains(_GAP),
        "separators": grouped.str.contains(r"[.\-]"),
        "zero_padded": pl.col("is_padded"),
    }
    codes = [pl.when(mended[code]).then(pl.lit(code)) for code in REPAIRS if code in mended]
    return pl.concat_str(codes, separator=",", ignore_nulls=True)
