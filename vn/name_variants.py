"""Finds spellings of a name that the public uses for one another (Quí/Quý, Huỳnh/Hoàng).

For finding candidates only: `vn.names.normalise` never applies them, since they are lawful names of
different people.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

import polars as pl

from vn.name_words import fold
from vn.tone import table

SAME_SOUND: Final = ("iy",)
"""Kinds of variant that sound the same. `doublet` adds regional forms, which are different names."""


@cache
def _canonical(kinds: tuple[str, ...]) -> dict[str, str]:
    rows = [row for row in table("name_variants.csv") if row["kind"] in kinds]
    return {row["value"]: row["canonical"] for row in rows}


def variant_key(name: str, kinds: Sequence[str] = SAME_SOUND) -> str:
    """The key of a canonical name with each word replaced by the usual one of its variants."""
    usual = _canonical(tuple(kinds))
    return fold(" ".join(usual.get(word, word) for word in name.split(" ")))


def variants(names: pl.Series, kinds: Sequence[str] = SAME_SOUND) -> pl.Series:
    """`variant_key` of canonical names; null where the name is null."""
    words = names.cast(pl.String).alias("name").str.split(" ")
    distinct = words.explode().drop_nulls().unique().to_list()
    keys = pl.Series([variant_key(word, kinds) for word in distinct], dtype=pl.String)
    each = pl.element().replace_strict(pl.Series(distinct, dtype=pl.String), keys, return_dtype=pl.String)
    joined = words.to_frame().select(pl.col("name").list.eval(each).list.join(" "))
    return joined.to_series().str.replace_all(" {2,}", " ").str.strip_chars(" ").alias("variant_key")
