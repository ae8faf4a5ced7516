"""Parts of the rules' SQL: names and values made safe, and expressions that all conditions share."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final, NamedTuple

from vn import nothing


class Condition(NamedTuple):
    """Two Boolean SQL expressions over a record: whether the rule applies, and whether it is broken (null counts as
    no).
    """

    applicable: str
    failing: str


@dataclass(frozen=True)
class Scope:
    """Tables and values that a condition may use besides the record itself."""

    table: str
    """Table that holds the record and its sector's others."""
    night: date
    """The day against which ages are counted."""
    sector_tables: tuple[str, ...]
    """The standardised tables of all sectors of the night."""


def name(identifier: str) -> str:
    """The identifier unchanged, if it is safe to put in SQL unquoted; ValueError otherwise."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", identifier):
        raise ValueError(f"not a column or table name: {identifier!r}")
    return identifier


def text(value: object) -> str:
    """A value as an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Iterable[object]) -> str:
    """Values as the inside of an SQL list: `'a', 'b'`."""
    return ", ".join(text(value) for value in values)


_NAMES: Final = frozenset({"full_name", "father_name", "mother_name"})
_SIGNS: Final = r"[\s.,…?/_–—-]+"
"""Strokes and dots in an empty field; other signs (***) are told."""


GIVEN: Final = "_given"
"""Ending of the column that says whether a cell was given: worked out once a cell, whatever number of rules ask."""
RAW: Final = "_raw"
"""Ending of the column that holds the cell itself."""


def given(column: str) -> str:
    """SQL that is true where the cell of the file is neither empty nor a filler; `with_given` has its column."""
    return f"{name(column)}{GIVEN}"


def with_given(table: str, columns: Iterable[str], fillers: Iterable[str]) -> str:
    """The query of the table's records with a column of `given` for the cells of each of these columns."""
    listed = tuple(fillers)
    said = "".join(f", {_said(column, listed)} AS {given(column)}" for column in columns)
    return f"SELECT *{said} FROM {name(table)}"


def _said(column: str, fillers: tuple[str, ...]) -> str:
    """A number field's own kind knows more fillers (000000000000) than the list does."""
    cell = f"trim({name(column)}{RAW})"
    said = f"{cell} <> ''"
    if fillers:
        own = tuple(filler for filler in fillers if column not in _NAMES or filler in nothing.listed("name"))
        lower = f"lower(nfc_normalize({cell}))"
        said += f" AND NOT regexp_full_match({cell}, '{_SIGNS}') AND NOT regexp_full_match({lower}, {_any_of(own)})"
    if column == "id_number":
        said += " AND id_kind NOT IN ('missing', 'filler')"
    return f"coalesce({said}, false)"


@cache
def _any_of(fillers: tuple[str, ...]) -> str:
    """The pattern of these fillers, as an SQL literal: signs around one change nothing, unless it has its own.

    One pattern, because a list of hundreds is compared one by one.
    """
    words = [filler for filler in fillers if filler[0].isalnum() and filler[-1].isalnum()]
    signs = [filler for filler in fillers if filler not in words]
    around = rf"[^\pL\pN\\]*(?:{'|'.join(map(_escaped, words))})[^\pL\pN]*"
    return text("|".join([*([around] if words else []), *map(_escaped, signs)]))


def _escaped(literal: str) -> str:
    return re.sub(r"([^\w\s])", r"\\\1", literal)


def age(night: date) -> str:
    """SQL of the full years on the night; from the year alone (so at most one too many) where the day is not known."""
    before_birthday = f"(length(date_of_birth) = 10 AND right(date_of_birth, 5) > '{night:%m-%d}')"
    return f"({night.year} - birth_year - coalesce({before_birthday}, false)::INTEGER)"


def live_view(sector: str) -> str:
    """The statement that makes `live_<sector>`: a record beside its link, its final status and what the registry says.

    A record without a question has nulls for the answer, one without a person also for the place.
    """
    return f"""
CREATE OR REPLACE VIEW live_{name(sector)} AS
SELECT record.*, link.person_id, coalesce(answer.decision, link.decision) AS decision,
       coalesce(answer.status, link.status) AS status,
       answer.state, answer.result, answer.asked_on,
       answer.id_flag, answer.name_flag, answer.birth_flag, answer.sex_flag,
       residence.province_registry, residence.commune_registry, residence.address_registry
FROM core_{sector} AS record LEFT JOIN links AS link USING (record_id)
     LEFT JOIN verifications AS answer USING (record_id) LEFT JOIN residences AS residence USING (record_id)
"""
