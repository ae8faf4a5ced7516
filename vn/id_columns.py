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
    text = table["text"]
    # Most cells are digits alone and of the first shape: what costs more is asked of the others only.
    odd = (~text.str.contains(r"^[0-9]*$")).arg_true()
    unclear = text.gather(odd).str.contains(_UNCLEAR)
    extracted = text.gather(odd).str.extract(_PLAIN, 1).set(unclear, None)
    grouped = text.clone().scatter(odd, extracted)  # which changes what it is called on
    digits = text.clone().scatter(odd, extracted.str.replace_all(r"[^0-9]", ""))
    digits = digits.set(~digits.str.len_bytes().is_between(8, 12), None)
    return table.with_columns(grouped.alias("grouped"), digits.alias("digits"), _shapes(digits).alias("shape"))


def _shapes(digits: pl.Series) -> pl.Series:
    """The place in `_SHAPES` of each text of digits, null for null."""
    first, *others = (pl.when(pl.col("digits").str.contains(f"^{s.pattern}$")).then(i) for i, s in enumerate(SHAPES))
    is_filler = digits.is_in(sorted(FILLER_NUMBERS))
    shape = digits.to_frame("digits").select(first.cast(pl.Int8)).to_series().set(is_filler, len(SHAPES))
    left = (shape.is_null() & digits.is_not_null()).arg_true()
    rest = digits.gather(left).to_frame("digits").select(pl.coalesce(others).cast(pl.Int8)).to_series()
    return shape.scatter(left, rest)


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
