"""Prepares a sector's records for matching: the columns that take part, and whether a record can be searched at all."""

import polars as pl

from vn import dates, ids, names
from vn.name_words import is_given_name, is_known

TEXT = (
    "full_name", "name_key", "date_of_birth", "birth_alternative", "sex", "id_number", "cmnd_number", "id_kind",
    "province_code", "commune_code", "mother_name", "father_name", "name_repairs", "birth_repairs", "id_repairs",
    "id_number_raw", "group_key",
)  # fmt: skip
"""Columns of core that matching reads, besides `birth_year`; one that a sector does not have is all null. `group_key`
is the department's own key of the person, where a person has many rows."""

CLEAN = {"full_name": "name_clean", "date_of_birth": "birth_clean", "id_number": "id_clean"}
"""Identity field → the column that tells whether the value needed lossless repairs only."""

NO_NUMBER = ("missing", "filler")
"""Kinds of cell that hold no number at all, not even a wrong one."""


def prepare(core: pl.DataFrame) -> pl.DataFrame:
    """The records in the columns that matching reads.

    Shape: one row a record, same order; `r` is the row number, `number` what is looked up among the registry's
    numbers, `digits` what is left of a number that is not well-formed, `name_clean`, `birth_clean` and `id_clean`
    whether the value stands there but for lossless repairs, `mother_key` and `father_key` the parents' names folded,
    `searchable` whether there is a name and a date, a number or both parents' names, `given_known` whether the given
    name can be one (a syllable or a word seen in names), `given_heard` whether it is one seen in names, marks and all.
    """
    lacking = [pl.lit(None, dtype=pl.String).alias(name) for name in TEXT if name not in core.columns]
    frame = core.with_columns(lacking).select(*(pl.col(name).cast(pl.String) for name in TEXT), "birth_year")
    raw_digits = pl.col("id_number_raw").str.replace_all(r"[^0-9]", "")
    given_name = frame.select(_given()).to_series()
    given = given_name.drop_nulls().unique()
    known = {word: is_known(word) for word in given}
    heard = {word: is_given_name(word) for word in given}
    return frame.with_row_index("r").with_columns(
        pl.col("r").cast(pl.Int32),
        pl.col("birth_year").cast(pl.Int16),
        number=pl.coalesce("id_number", "cmnd_number"),
        digits=pl.coalesce(
            pl.col("id_number"),
            pl.when(raw_digits.str.len_chars().is_in([11, 12, 13]) & pl.col("cmnd_number").is_null()).then(raw_digits),
        ),
        name_clean=_only(frame["name_repairs"], names.LOSSLESS),
        birth_clean=_only(frame["birth_repairs"], dates.LOSSLESS),
        id_clean=_only(frame["id_repairs"], ids.LOSSLESS),
        mother_key=_folded(pl.col("mother_name")),
        father_key=_folded(pl.col("father_name")),
        name_plain=pl.col("full_name").str.to_lowercase() == pl.col("name_key"),
        given_known=given_name.replace_strict(known, default=True, return_dtype=pl.Boolean),
        given_heard=given_name.replace_strict(heard, default=True, return_dtype=pl.Boolean),
        searchable=pl.col("name_key").is_not_null()
        & (
            pl.col("date_of_birth").is_not_null()
            | pl.coalesce("id_number", "cmnd_number").is_not_null()
            | (pl.col("mother_name").is_not_null() & pl.col("father_name").is_not_null())
        ),
    )


def _folded(name: pl.Expr) -> pl.Expr:
    """What `keys.FOLD` says in SQL."""
    marks = name.str.normalize("NFD").str.replace_all(r"\p{M}", "")
    return marks.str.replace_many(["đ", "Đ"], ["d", "D"]).str.to_lowercase()


def filled_of(core: pl.DataFrame) -> pl.Series:
    """Number of cells that each record has, by which records of one person are preferred; 0 where nobody counted."""
    if "filled" in core.columns:
        return core["filled"].cast(pl.Int16)
    return pl.Series("filled", [0], dtype=pl.Int16).new_from_index(0, core.height)


def _given() -> pl.Expr:
    return pl.col("full_name").str.to_lowercase().str.split(" ").list.last()


def _only(codes: pl.Series, allowed: frozenset[str]) -> pl.Series:
    """Whether each comma-separated list has no code besides the allowed ones; true for none. Few lists differ."""
    clean = [each for each in codes.unique().drop_nulls() if {*each.split(",")} <= {*allowed, ""}]
    return codes.is_null() | codes.is_in(clean)
