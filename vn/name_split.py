"""Splits a name into surname (họ), middle name (đệm) and given name (tên)."""

from functools import cache
from typing import Final

import polars as pl

from vn.tone import table

_PREFIXES: Final = ("Y", "H", "K", "Ka")
"""Êđê, Cơ Ho and others put the sex first and the clan last or nowhere: the parts are not told apart."""


@cache
def _compounds() -> dict[int, list[str]]:
    """Surnames of several words, by their number of words, longest first."""
    names = [row["surname"] for row in table("surnames.csv") if " " in row["surname"]]
    lengths = sorted({name.count(" ") + 1 for name in names}, reverse=True)
    return {length: [name for name in names if name.count(" ") + 1 == length] for length in lengths}


def split(name: str) -> tuple[str, str, str]:
    """Surname, middle and given name of a canonical name; `""` for a part that it lacks.

    A single word is a given name. Names that begin with Y, H', K' or Ka are given names whole.
    """
    words = name.split(" ")
    if len(words) == 1 or words[0].split("'")[0] in _PREFIXES:
        return "", "", name
    lengths = (
        length for length, names in _compounds().items() if length < len(words) and " ".join(words[:length]) in names
    )
    surname = next(lengths, 1)
    return " ".join(words[:surname]), " ".join(words[surname:-1]), words[-1]


def split_column(names: pl.Series) -> pl.DataFrame:
    """Canonical names as `surname, middle_name, given_name`; null where the name is null."""
    words, count = pl.col("words"), pl.col("words").list.len()
    whole = (count == 1) | words.list.first().str.split("'").list.first().is_in(_PREFIXES)
    length = pl.lit(1)
    for number, compounds in reversed(_compounds().items()):
        opens = words.list.head(number).list.join(" ").is_in(compounds)
        length = pl.when((count > number) & opens).then(number).otherwise(length)
    table = pl.DataFrame({"name": names.cast(pl.String)}).with_columns(words=pl.col("name").str.split(" "))
    surname = pl.col("surname_words")
    return table.with_columns(surname_words=pl.when(whole).then(0).otherwise(length)).select(
        surname=words.list.head(surname).list.join(" "),
        middle_name=pl.when(surname == 0)
        .then(pl.when(words.is_not_null()).then(pl.lit("")))
        .otherwise(words.list.slice(surname, count - surname - 1).list.join(" ")),
        given_name=pl.when(surname == 0).then("name").otherwise(words.list.last()),
    )
