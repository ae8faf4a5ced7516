"""Computes the block keys: one number of the parts that two sides must share to be compared.

Names of parts come from blocking.toml, what they are from PARTS.
"""

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from matching.model import Key, ModelError

FOLD = "lower(replace(replace(strip_accents({text}), 'đ', 'd'), 'Đ', 'D'))"
"""SQL for the lower-case ASCII letters of a canonical name (strip_accents leaves đ)."""


class Part(NamedTuple):
    """What a key takes of a column."""

    column: str
    value: pl.Expr
    """Null where there is nothing to share."""


def _each_word(what: pl.Expr) -> pl.Expr:
    """One number of what is said of each word, whatever their order."""
    return _WORDS.list.eval(what.hash(_SEED)).list.sum()


_SEED = 17
_NAME, _BORN, _NUMBER = pl.col("name_key"), pl.col("date_of_birth"), pl.col("person_id")
_WORDS = _NAME.str.split(" ")
_HALF = _NUMBER.str.len_chars() // 2

PARTS = {
    "words": Part("name_key", _each_word(pl.element())),
    "given": Part("name_key", _WORDS.list.last()),
    "surname": Part("name_key", _WORDS.list.first()),
    "initials": Part("name_key", _each_word(pl.element().str.head(1))),
    "birth_date": Part("date_of_birth", _BORN),
    "birth_year": Part("birth_year", pl.col("birth_year").cast(pl.Int16)),
    "month_day": Part("date_of_birth", pl.when(_BORN.str.len_bytes() == 10).then(_BORN.str.slice(5, 5))),
    "sex": Part("sex", pl.col("sex")),
    "province": Part("province_code", pl.col("province_code")),
    "commune": Part("commune_code", pl.col("commune_code")),
    "mother": Part("mother_key", pl.col("mother_key")),
    "father": Part("father_key", pl.col("father_key")),
    "birth_place": Part("person_id", _NUMBER.str.head(3)),
    "serial": Part("person_id", _NUMBER.str.tail(6)),
    "first_eight": Part("person_id", _NUMBER.str.head(8)),
    "last_eight": Part("person_id", _NUMBER.str.tail(8)),
    "outer_eight": Part("person_id", _NUMBER.str.head(4) + _NUMBER.str.tail(4)),
    "first_half": Part("person_id", _NUMBER.str.head(_HALF)),
    "last_half": Part("person_id", _NUMBER.str.tail(_HALF)),
}
"""Part name → what it is, of people and of what is searched for, which have the same columns.

Of three groups of four digits one wrong digit leaves two whole, so the three `_eight` find every such number, and
those with a digit lost or added too.
"""

COLUMNS = tuple(dict.fromkeys(part.column for part in PARTS.values()))
"""The columns that parts are taken of."""

NUMBER = "number"
"""Name of the key that no table lists: a number, the person's own or an earlier one."""

PLACE_BITS = 28
"""Bits of a person's row number in the snapshot: 268 million people."""

_HIGH = pl.lit(2**64 - 2**PLACE_BITS, pl.UInt64)
"""The bits above, for a value's hash. Two values may share it (at 100 million people one lookup in 700 meets a
stranger): that makes one comparison more, which the weights settle or, for a number, `block.settle` by looking."""

_MIX = pl.lit(0x9E3779B97F4A7C15, pl.UInt64)
"""An odd number that spreads what it multiplies over all bits."""


def of_numbers(numbers: pl.Series) -> pl.Series:
    """The key NUMBER of personal numbers: null where there is none."""
    found = pl.when(pl.col("value").is_not_null()).then(pl.col("value").hash(_SEED) & _HIGH)
    return numbers.alias("value").to_frame().select(found.alias("value")).to_series()


def by_every_name(people: pl.DataFrame) -> pl.DataFrame:
    """COLUMNS and the place `p` of each person, once more for each other name, with that name's key.

    Shape: `people` has COLUMNS, `p` and `other_keys`.
    """
    own = people.select("p", *COLUMNS)
    renamed = people.filter(pl.col("other_keys").list.len() > 0).with_columns(name_key="other_keys").explode("name_key")
    return pl.concat([own, renamed.select(own.columns)])


def by_every_number(people: pl.DataFrame) -> pl.DataFrame:
    """The place `p` of each person and each `number` of theirs, the earlier ones too."""
    own = people.select("p", number="person_id")
    earlier = people.filter(pl.col("old_ids").list.len() > 0).select("p", number="old_ids").explode("number")
    return pl.concat([own, earlier])


def values(sides: pl.DataFrame, keys: Iterable[Key]) -> pl.DataFrame:
    """The number of every key for every row; null where one of its parts is missing.

    Shape: a row a row, a UInt64 column a key; `sides` has COLUMNS. Errors: ModelError if a key names an unknown part.
    """
    keys = tuple(keys)
    for key in keys:
        if unknown := [part for part in key.parts if part not in PARTS]:
            raise ModelError(f"blocking.toml: {key.name}: no part {', '.join(unknown)}")
    parts = {part: PARTS[part].value for key in keys for part in key.parts}
    hashed = {f"part_{part}": pl.when(value.is_not_null()).then(value.hash(_SEED)) for part, value in parts.items()}
    return (
        sides.lazy()
        .select(**hashed)
        .select(_joined([pl.col(f"part_{part}") for part in key.parts]).alias(key.name) for key in keys)
        .collect()
    )


def _joined(parts: list[pl.Expr]) -> pl.Expr:
    number = parts[0]
    for other in parts[1:]:
        number = (number * _MIX) ^ other
    return number & _HIGH
