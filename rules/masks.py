"""Masks cells for people: enough to find one in the file, too little to use it elsewhere."""

import polars as pl

from rules.tables import Masking
from vn.ids import mask_column


def masked(values: pl.Series, masking: Masking) -> pl.Series:
    """The cells masked as the column's row in the tables says, null for null.

    `id`: first and last characters; `name`: initials; `date`: groups of four digits, others starred, initials of
    words; `show`: as it is; `hide`: an ellipsis.
    """
    text = pl.col(values.name)
    if masking == "id":
        return mask_column(values)
    if masking == "name":
        # Of anything between spaces: letters in a broken encoding are not letters any more.
        shown = text.str.replace_all(r"(\S)\S*", "$1.").str.replace_all(r"\d", "*")
    elif masking == "date":
        # A year stands alone between separators; a run of digits without separators is not told apart.
        # A list whose columns have shifted has a name here: of each word its initial.
        digits = text.str.replace_all(r"\b\d{1,3}\b", "**").str.replace_all(r"\d{5,}", "*****")
        shown = digits.str.replace_all(r"(\p{L})[^\s\d*/.,;:-]*", "$1.")
    elif masking == "show":
        shown = text
    else:
        shown = pl.when(text.is_not_null()).then(pl.lit("…"))
    return values.cast(pl.String).to_frame().select(shown.alias(values.name)).to_series()
