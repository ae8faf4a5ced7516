"""Defines the block keys: SQL that makes one number of the parts that two sides must share to be compared.

Names of parts come from blocking.toml, the expressions from PARTS; no value is ever part of the text.
"""

from collections.abc import Iterable

from matching.model import Key, ModelError

FOLD = "lower(replace(replace(strip_accents({text}), 'đ', 'd'), 'Đ', 'D'))"
"""SQL for the lower-case ASCII letters of a canonical name (strip_accents leaves đ)."""

PARTS = {
    "words": "array_to_string(list_sort(string_split(name_key, ' ')), ' ')",
    "given": "split_part(name_key, ' ', -1)",
    "surname": "split_part(name_key, ' ', 1)",
    "initials": "array_to_string(list_sort(list_transform(string_split(name_key, ' '), lambda word: word[1])), '')",
    "birth_date": "date_of_birth",
    "birth_year": "birth_year::SMALLINT",
    "month_day": "CASE WHEN length(date_of_birth) = 10 THEN date_of_birth[6:10] END",
    "sex": "sex",
    "province": "province_code",
    "commune": "commune_code",
    "mother": FOLD.format(text="mother_name"),
    "father": FOLD.format(text="father_name"),
    "birth_place": "left(person_id, 3)",
    "serial": "right(person_id, 6)",
    "first_eight": "left(person_id, 8)",
    "last_eight": "right(person_id, 8)",
    "outer_eight": "left(person_id, 4) || right(person_id, 4)",
    "first_half": "left(person_id, length(person_id) // 2)",
    "last_half": "right(person_id, length(person_id) // 2)",
}
"""Part name → its SQL over the view `people` and the table `searches`, which have the same columns.

Of three groups of four digits one wrong digit leaves two whole, so the three `_eight` find every such number, and
those with a digit lost or added too.
"""

LETTERS = " | ".join(
    [
        *(f"(contains(name_key, '{chr(ord('a') + bit)}')::UINTEGER << {bit})" for bit in range(26)),
        "((hash(split_part(name_key, ' ', 1), split_part(name_key, ' ', -1)) & 31)::UINTEGER << 26)",
    ]
)
"""SQL of `matching.letters`: the letters of a name, and five bits of its first and last word."""

NUMBER = "number"
"""Name of the key that no table lists: a number, the person's own or an earlier one."""

PLACE_BITS = 28
"""Bits of a person's row number in the snapshot: 268 million people."""

_HASH_BITS = 2**64 - 2**PLACE_BITS
"""The bits above, for a value's hash. Two values may share it (at 100 million people one lookup in 700 meets a
stranger): that makes one comparison more, which the weights settle or, for a number, `block.settle` by looking."""


def hashed(*columns: str) -> str:
    """SQL of a key's number from the columns of its parts: null where a part is missing."""
    whole = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    return f"CASE WHEN {whole} THEN hash({', '.join(columns)}) & {_HASH_BITS}::UBIGINT END"


def select(keys: Iterable[Key], row: str, table: str) -> str:
    """SQL of the number of every key, each part computed once.

    Shape: `row` and a column a key (UBIGINT). Errors: ModelError if a key names an unknown part.
    """
    keys = tuple(keys)
    for key in keys:
        if unknown := [part for part in key.parts if part not in PARTS]:
            raise ModelError(f"blocking.toml: {key.name}: no part {', '.join(unknown)}")
    wanted = sorted({part for key in keys for part in key.parts})
    parts = "".join(f", {PARTS[part]} AS part_{part}" for part in wanted)
    columns = "".join(f", {hashed(*(f'part_{part}' for part in key.parts))} AS {key.name}" for key in keys)
    return f"SELECT {row}{columns} FROM (SELECT {row}{parts} FROM {table})"
