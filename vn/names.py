"""Standardises people's names: canonical spelling, key for comparing, parts.

Scalar forms are the definition; column forms say the same of whole columns. Canonical: NFC, single
spaces, a capital at each syllable, tone marks in the old style's place (hòa, thúy, quý).
"""

from functools import lru_cache
from itertools import product
from typing import Final

import polars as pl

from vn import encodings
from vn.cells import over_distinct
from vn.name_parse import CODES, Parsed, is_beyond_repair, parse
from vn.name_split import split, split_column
from vn.name_words import Word, fold, read_word

__all__ = [
    "CODES",
    "LOSSLESS",
    "Parsed",
    "fold",
    "normalise",
    "parse",
    "split",
    "split_column",
    "standardise",
    "why_not",
]

LOSSLESS: Final = frozenset({*encodings.CODES, "eth", "spacing", "case", "tone_placement", "title"})
"""Repairs after which the name says exactly what the cell said: who, if not how he is addressed."""

_SCHEMA: Final = {
    "full_name": pl.String,
    "name_key": pl.String,
    "name_note": pl.String,
    "name_repairs": pl.String,
}
_PLAIN_CODES: Final = ("unicode", "eth", "spacing", "case", "tone_placement")
"""What can be mended in a name of plain words, in the order of CODES."""

_MAY_JOIN: Final = r" (va|cung) "
"""Two names may stand around such a word."""

_COUNT_BITS: Final = 8
"""The words of a name that need each repair are counted side by side in one number."""

_UNKNOWN: Final = 1 << (_COUNT_BITS * len(_PLAIN_CODES))
_NOT_PLAIN: Final = _UNKNOWN << _COUNT_BITS
_SURELY_UNICODE: Final = r"^[\x00-\x7f]*$|[^\x00-\xff]"
"""A name of Vietnamese letters was typed in Unicode if all are ASCII's, or one is in no old encoding."""
_MOST_WORDS: Final = (1 << _COUNT_BITS) - 1


def normalise(text: str | None) -> str | None:
    """The canonical name; None if the cell holds none (`why_not` says why)."""
    return parse(text).full_name


def why_not(text: str | None) -> str | None:
    """Why the cell holds no name: `missing`, `filler`, `no_name`, `no_letters`, `several`; None if it holds one."""
    return parse(text).why_not


# A long column comes in slices, which hold the same damaged and foreign names.
@lru_cache(maxsize=1 << 16)
def _row(text: str | None) -> tuple[str | None, str | None, str | None, str]:
    parsed = parse(text)
    return parsed.full_name, _key(parsed.full_name), parsed.note, ",".join(parsed.repairs)


def _key(name: str | None) -> str | None:
    """`fold` of the name: the same words come again and again."""
    return None if name is None else " ".join(filter(None, map(_folded, name.split(" "))))


_folded = lru_cache(maxsize=1 << 17)(fold)


def _counts(raw: str, word: Word) -> int:
    if word.opens_note:
        return _NOT_PLAIN
    if not word.is_certain:
        return _UNKNOWN if is_beyond_repair(raw) else _NOT_PLAIN
    return sum(1 << (_COUNT_BITS * _PLAIN_CODES.index(code)) for code in word.repairs)


def _repairs(counts: pl.Expr, spaced: pl.Expr) -> pl.Expr:
    """The comma-joined codes of the repairs that were counted."""
    spacing = _PLAIN_CODES.index("spacing")
    bits = [
        (spaced if at == spacing else ((counts // (1 << (_COUNT_BITS * at))) % (1 << _COUNT_BITS)) > 0)
        for at in range(len(_PLAIN_CODES))
    ]
    number = pl.sum_horizontal(bit.cast(pl.UInt32) * (1 << at) for at, bit in enumerate(bits))
    texts = {
        sum(1 << at for at, on in enumerate(chosen) if on): ",".join(
            code for code, on in zip(_PLAIN_CODES, chosen, strict=True) if on
        )
        for chosen in product((False, True), repeat=len(_PLAIN_CODES))
    }
    return number.replace_strict(list(texts), list(texts.values()), return_dtype=pl.String)


def _by_words(names: pl.Series) -> pl.DataFrame:
    """The columns of `standardise` as each name's words say one by one, and `plain`: that this is all."""
    trimmed = names.str.strip_chars(" ").str.replace_all(" {2,}", " ")
    table = pl.DataFrame({"raw": names, "trimmed": trimmed, "parts": trimmed.str.split(" ")})
    distinct = table["parts"].explode().drop_nulls().unique().to_list()
    words = [read_word(word) for word in distinct]

    def each(column: pl.Series) -> pl.Expr:
        seen = pl.element().replace_strict(pl.Series(distinct, dtype=pl.String), column, return_dtype=column.dtype)
        return pl.col("parts").list.eval(seen)

    counts = each(pl.Series(list(map(_counts, distinct, words)), dtype=pl.UInt64)).list.sum()
    surely_unicode = pl.col("trimmed").str.contains(_SURELY_UNICODE)
    opening = [raw for raw, word in zip(distinct, words, strict=True) if word.opens]
    return (
        table.select(
            "raw",
            "trimmed",
            full_name=each(pl.Series([word.text for word in words], dtype=pl.String)).list.join(" "),
            name_key=each(pl.Series([word.key for word in words], dtype=pl.String)).list.join(" "),
            counts=counts,
            may_settle=(pl.col("parts").list.len() <= _MOST_WORDS) & ~pl.col("parts").list.first().is_in(opening),
        )
        .with_columns(
            name_note=pl.lit(None, pl.String),
            name_repairs=_repairs(pl.col("counts"), pl.col("raw") != pl.col("trimmed")),
            plain=(
                pl.col("may_settle")
                & (pl.col("counts") < pl.when(surely_unicode).then(_NOT_PLAIN).otherwise(_UNKNOWN))
                & ~pl.col("name_key").str.contains(_MAY_JOIN)
            ).fill_null(False),
        )
        .select(*_SCHEMA, "plain")
    )


def standardise(names: pl.Series) -> pl.DataFrame:
    """Names as `full_name, name_key, name_note, name_repairs`.

    Shape: one row per name, same order. `name_key` is null where `full_name` is; `name_repairs` is `""`
    where nothing was mended.
    """
    raw = names.cast(pl.String)
    simple = _by_words(raw)
    plain = simple["plain"]
    if plain.all():
        return simple.drop("plain")
    whole = over_distinct(raw.filter(~plain), _row, _SCHEMA)
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    other = pl.len() + (~pl.col("plain")).cum_sum() - 1
    order = simple.select(pl.when("plain").then(row).otherwise(other))
    return pl.concat([simple.drop("plain"), whole]).select(pl.all().gather(order.to_series()))
