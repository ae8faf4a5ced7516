"""Compares a 12-digit number with the record's date of birth and sex.

Nothing here rejects: a disagreement is evidence for the rules and the linker, an agreement is what makes it safe
to give a 10-digit value its two lost zeros back.
"""

import polars as pl

from vn.id_tables import CENTURIES
from vn.provinces import birth_codes

_CENTURY = {digit: meaning.century for digit, meaning in CENTURIES.items()}
_SEX = {digit: meaning.sex for digit, meaning in CENTURIES.items()}


def disagreements(id_numbers: pl.Series, dates: pl.Series, sexes: pl.Series) -> pl.Series:
    """Fields of the record that the 12-digit number contradicts: `birth_year`, `sex`, `birth_year,sex` or `""`.

    Shape: one value per row, same order, named `id_disagreements`. The three are standardised values; a
    missing one contradicts nothing.
    """
    wrong_year = _born(pl.col("id")) != _year(pl.col("date"))
    wrong_sex = _sex(pl.col("id")) != pl.col("sex")
    found = pl.concat_str(
        pl.when(wrong_year).then(pl.lit("birth_year")),
        pl.when(wrong_sex).then(pl.lit("sex")),
        separator=",",
        ignore_nulls=True,
    )
    return _table(id_numbers, dates, sexes).select(found.alias("id_disagreements")).to_series()


def padded(ids: pl.Series, dates: pl.Series, sexes: pl.Series) -> pl.Series:
    """The 12-digit number of each 10-digit cell that lost two zeros and whose date of birth and sex agree with it.

    Shape: one value per row, same order, named `id_number`; null where the cell has not ten digits, the result is
    no number of provinces 001–008, or date or sex is missing or disagrees. `ids` are cells as they came; `dates`
    and `sexes` standardised.
    """
    bare = pl.col("id").str.replace(r"[.,]0{1,2}\s*$", "").str.replace_all(r"[\s'.\-]", "")
    restored = pl.when(bare.str.contains(r"^[1-9][0-9]{9}$")).then(pl.lit("00") + bare)
    table = _table(ids, dates, sexes).with_columns(restored.alias("id"))
    agrees = (
        pl.col("id").str.slice(0, 3).is_in(sorted(birth_codes()))
        & (_born(pl.col("id")) == _year(pl.col("date")))
        & (_sex(pl.col("id")) == pl.col("sex"))
    )
    return table.select(pl.when(agrees).then("id").alias("id_number")).to_series()


def _table(ids: pl.Series, dates: pl.Series, sexes: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"id": ids.cast(pl.String), "date": dates.cast(pl.String), "sex": sexes.cast(pl.String)})


def _born(number: pl.Expr) -> pl.Expr:
    century = number.str.slice(3, 1).replace_strict(_CENTURY, default=None, return_dtype=pl.Int16)
    return century + number.str.slice(4, 2).cast(pl.Int16, strict=False)


def _sex(number: pl.Expr) -> pl.Expr:
    return number.str.slice(3, 1).replace_strict(_SEX, default=None, return_dtype=pl.String)


def _year(day: pl.Expr) -> pl.Expr:
    return day.str.slice(0, 4).cast(pl.Int16, strict=False)
