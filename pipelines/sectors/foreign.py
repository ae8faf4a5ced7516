"""Standardises names and numbers of people who are not in Vietnam's registry, without Vietnamese rules.

No tone mark is moved, no surname is guessed, no digit is checked; case, spaces, punctuation and accents are no
evidence. A name has two parts, family name and given name, and is always told in this order.
"""

import polars as pl

from matching.name_parts import UNKNOWN
from vn.names import fold

NO_NUMBER = ("na", "none", "nil", "null", "unknown")
"""Folded words that mean that there is no number."""
_NAME = {"full_name": pl.String, "name_key": pl.String, "name_note": pl.String, "name_repairs": pl.String}


def names(whole: pl.Series, parts: pl.DataFrame | None = None, *, given_first: bool = False) -> pl.DataFrame:
    """The names, in the columns of `vn.names.standardise`.

    Shape: a row for each cell of `whole`; `parts`, where the file has them apart, has the columns `family` and `given`,
    which count where there is no whole name. `full_name` is in title case; `name_key` is two words of ASCII letters and
    digits, `-` for a part that is not known; both null if neither is.
    `given_first`: the last word of a whole name is the family name, unless a comma stands behind it.
    """
    cells = _spaced(whole)
    split = cells.to_frame("whole").select(_family(given_first).alias("family"), _given(given_first).alias("given"))
    if parts is not None:
        own = cells.is_null().to_frame("own").hstack(parts.select(_spaced(parts[name]) for name in split.columns))
        split = own.select(pl.when("own").then(name).otherwise(split[name]).alias(name) for name in ("family", "given"))
    keys = split.select(_key(split[name]).fill_null(UNKNOWN) for name in split.columns)
    known = keys.select(pl.any_horizontal(pl.all() != UNKNOWN)).to_series()
    return split.hstack(keys.rename(lambda name: f"{name}_key")).select(
        full_name=pl.when(known).then(
            pl.concat_str("family", "given", separator=" ", ignore_nulls=True).str.to_titlecase()
        ),
        name_key=pl.when(known).then(pl.concat_str("family_key", "given_key", separator=" ")),
        name_note=pl.lit(None, dtype=pl.String),
        name_repairs=pl.lit(""),
    )


def numbers(cells: pl.Series) -> pl.DataFrame:
    """The numbers, in the columns of `vn.ids.standardise`: capital letters and digits, of whatever length.

    Shape: a row a cell; `id_kind` is `foreign`, `filler` (0000000, N/A) or `missing`.
    """
    each = pl.col("key")
    one_character = (each.str.strip_chars(each.str.head(1)) == "") & (each.str.len_chars() > 1)
    nothing = pl.lit(None, dtype=pl.String)
    kind = pl.when("filler").then(pl.lit("filler")).when(pl.col("key").is_null()).then(pl.lit("missing"))
    read = _key(cells).to_frame("key").with_columns(filler=(one_character | each.is_in(NO_NUMBER)).fill_null(False))
    return read.select(
        id_number=pl.when(~pl.col("filler")).then(pl.col("key").str.to_uppercase()),
        cmnd_number=nothing,
        id_kind=kind.otherwise(pl.lit("foreign")),
        id_repairs=pl.lit(""),
        id_why_not=kind,
        id_province_code=nothing,
        id_sex=nothing,
        id_birth_year=pl.lit(None, dtype=pl.Int16),
    )


def key(text: str) -> str | None:
    """Lower-case ASCII letters and digits without spaces; None if there are none."""
    return fold(text).replace(" ", "") or None


def _family(given_first: bool) -> pl.Expr:
    whole = pl.col("whole")
    first, last = whole.str.extract(r"^(\S+)"), whole.str.extract(r"(\S+)$")
    return (
        pl.when(whole.str.contains(",")).then(whole.str.extract(r"^([^,]*)")).otherwise(last if given_first else first)
    )


def _given(given_first: bool) -> pl.Expr:
    whole = pl.col("whole")
    others = whole.str.extract(r"^(.+) \S+$" if given_first else r"^\S+ (.+)$")
    return pl.when(whole.str.contains(",")).then(whole.str.extract(r"^[^,]*,(.*)$").str.strip_chars()).otherwise(others)


def _spaced(cells: pl.Series) -> pl.Series:
    spaced = cells.str.normalize("NFC").str.replace_all(r"\s+", " ").str.strip_chars()
    return spaced.replace("", None)


def _key(cells: pl.Series) -> pl.Series:
    """`key` of each cell, asked once for each value."""
    keys = {text: key(text) for text in cells.drop_nulls().unique()}
    return cells.replace_strict(keys, default=None, return_dtype=pl.String)
