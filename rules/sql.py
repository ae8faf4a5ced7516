"""Parts of the rules' SQL: names and values made safe, and expressions that all conditions share."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
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
    fillers: tuple[str, ...] = ()
    """Texts that people type where they know nothing, in lower case."""


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


def given(column: str, scope: Scope) -> str:
    """SQL that is true where the cell of the file is neither empty nor a filler.

    A number field's own kind knows more fillers (000000000000) than the list does.
    """
    cell = f"trim({name(column)}_raw)"
    said = f"{cell} <> ''"
    if scope.fillers:
        fillers = [filler for filler in scope.fillers if filler in nothing.listed("name") or column not in _NAMES]
        lower = f"lower(nfc_normalize({cell}))"
        bare = rf"regexp_replace({lower}, '^[^\pL\pN\\]+|[^\pL\pN]+$', '', 'g')"
        listed = f"({texts(fillers)})"
        said += f" AND NOT regexp_full_match({cell}, '{_SIGNS}') AND {lower} NOT IN {listed} AND {bare} NOT IN {listed}"
    if column == "id_number":
        said += " AND id_kind NOT IN ('missing', 'filler')"
    return f"coalesce({said}, false)"


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
SELECT record.*, link.person_id, link.decision, coalesce(answer.status, link.status) AS status,
       answer.state, answer.result, answer.asked_on,
       answer.id_flag, answer.name_flag, answer.birth_flag, answer.sex_flag,
       residence.province_registry, residence.commune_registry, residence.address_registry
FROM core_{sector} AS record LEFT JOIN links AS link USING (record_id)
     LEFT JOIN verifications AS answer USING (record_id) LEFT JOIN residences AS residence USING (record_id)
"""
