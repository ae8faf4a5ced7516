"""Finds the single fields whose correction alone would have made an automatic link.

Asked of the matcher itself: the record is linked again with the nearest people's value in one field at a time.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from matching.stages import LinkOptions, link
from vn import ids, names

NEAREST = 3
"""Number of candidates whose values are tried: the right one need not be the strongest where much is wrong."""

FIELDS = ("id", "name", "birth", "sex")
"""Fields that a department can be asked to correct, in the order of telling."""

Row = Mapping[str, Any]


class _Trial(NamedTuple):
    """A record as it would be with one field corrected."""

    record_id: str
    field: str
    person_id: str
    row: dict[str, Any]


def corrections(
    records: pl.DataFrame, nearest: Mapping[str, Sequence[Row]], registry: Path, options: LinkOptions
) -> dict[str, tuple[str, ...]]:
    """Fields of each record that would each alone make a link, if the record had the person's value there.

    `nearest` are each record's strongest candidates, as rows of the snapshot. Every record of `nearest` has an entry.
    """
    rows = {row["record_id"]: row for row in records.to_dicts()}
    # Nor may trials of one record lend each other their person.
    apart = {"group_key": None} if "group_key" in records.columns else {}
    trials = [
        _Trial(record_id, field, person["person_id"], rows[record_id] | changed | apart)
        for record_id, people in nearest.items()
        for person in people[:NEAREST]
        for field in FIELDS
        if (changed := _changed(field, person, rows[record_id]))
    ]
    linked = _linked(trials, records, registry, options)
    return {record_id: tuple(field for field in FIELDS if (record_id, field) in linked) for record_id in nearest}


def _linked(
    trials: Sequence[_Trial], records: pl.DataFrame, registry: Path, options: LinkOptions
) -> set[tuple[str, str]]:
    """Record and field of the trials that were linked to the person they were made for."""
    if not trials:
        return set()
    tried = pl.DataFrame([trial.row for trial in trials], schema=records.schema)
    # Trials of one record must not compete for a person.
    alone = options.model_copy(update={"one_record_per_person": False})
    found = link(tried, registry, alone).select("decision", "person_id").rows()
    return {
        (trial.record_id, trial.field)
        for trial, (decision, person_id) in zip(trials, found, strict=True)
        if decision == "link" and person_id == trial.person_id
    }


def _changed(field: str, person: Row, record: Row) -> dict[str, Any]:
    """The record's columns that the correction changes; empty if the person's value is not known or the same."""
    changed = _AS[field](person)
    column = next(iter(changed))
    if changed[column] is None or changed[column] == record.get(column):
        return {}
    return {name: value for name, value in changed.items() if name in record}


def _name(person: Row) -> dict[str, Any]:
    read = names.standardise(pl.Series([person["full_name"]], dtype=pl.String)).row(0, named=True)
    return {"full_name": person["full_name"], **read, "name_repairs": ""}


def _birth(person: Row) -> dict[str, Any]:
    return {
        "date_of_birth": person["date_of_birth"],
        "birth_year": person["birth_year"],
        "birth_alternative": None,
        "birth_repairs": "",
    }


def _number(person: Row) -> dict[str, Any]:
    read = ids.standardise(pl.Series([person["person_id"]], dtype=pl.String)).row(0, named=True)
    return {"id_number": person["person_id"], **read, "id_repairs": "", "id_number_raw": person["person_id"]}


def _sex(person: Row) -> dict[str, Any]:
    return {"sex": person["sex"]}


_AS = {"id": _number, "name": _name, "birth": _birth, "sex": _sex}
