"""Says by which columns a record is known to be unchanged, and makes the fingerprint of them in SQL."""

from collections.abc import Iterable

RECORD_FIELDS = (
    "full_name", "date_of_birth", "sex", "id_number", "cmnd_number", "province_code", "commune_code", "mother_name",
    "father_name", "id_number_raw",
)  # fmt: skip
"""Columns of a record that a human's decision is about: what the person saw."""


def record_sql(columns: Iterable[str], table: str = "") -> str:
    """SQL of the fingerprint of a record's content, given the columns that there are; the same for ever, whatever
    machine or version.
    """
    there, prefix = set(columns), f"{table}." if table else ""
    return of_columns(prefix + name if name in there else "NULL::VARCHAR" for name in RECORD_FIELDS)


def of_columns(columns: Iterable[str]) -> str:
    """SQL of the fingerprint of some columns; lengths keep neighbours apart."""
    return "sha256(concat(" + ", ".join(f"coalesce(length({c}) || ':' || {c}, '-')" for c in columns) + "))"
