"""Tells what each cell of a record's row became, and what was mended on the way."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipelines.review.trace.model import Cell
from pipelines.sectors.schema import Sector
from rules import masks, tables

Row = Mapping[str, Any]

_REPAIRS = {"full_name": "name_repairs", "date_of_birth": "birth_repairs", "id_number": "id_repairs"}
_WHY_NOT = {"date_of_birth": "birth_why_not", "sex": "sex_why_not", "id_number": "id_why_not"}


def cells_of(sector: Sector, raw: Row, core: Row, mapping: str | None, *, unmasked: bool) -> tuple[Cell, ...]:
    """Every column of the sector, in the order of its table. `mapping`: the JSON of the table `files`."""
    headers = _headers(mapping)
    return tuple(
        Cell(
            column=column.name,
            title_vi=column.title_vi,
            title_en=column.title_en,
            header=headers.get(column.name),
            text=_shown(raw.get(column.name), column.name, unmasked),
            value=_shown(_value(core, column.name), column.name, unmasked),
            repairs=_repairs(core, column.name),
            why_not=core.get(_WHY_NOT.get(column.name, "")),
        )
        for column in sector.column
    )


def _headers(mapping: str | None) -> dict[str, str]:
    """Column → the file's headers that mean it."""
    told: dict[str, list[str]] = {}
    for each in json.loads(mapping or "[]"):
        told.setdefault(str(each["column"]), []).append(str(each["header"]))
    return {column: " + ".join(headers) for column, headers in told.items()}


def _value(core: Row, column: str) -> str | None:
    value = core.get(column)
    if column == "id_number" and value is None:
        value = core.get("cmnd_number")
    return None if value is None else str(value)


def _repairs(core: Row, column: str) -> tuple[str, ...]:
    own = str(core.get(_REPAIRS.get(column, "")) or "")
    beside = [code.partition(":") for code in str(core.get("text_repairs") or "").split(",") if code]
    return tuple([*filter(None, own.split(",")), *(code for name, _, code in beside if name == column)])


def _shown(value: object, column: str, unmasked: bool) -> str | None:
    """As the rules' tables say that a column is shown; a column of which they say nothing is hidden."""
    if value is None or unmasked:
        return None if value is None else str(value)
    return str(masks.masked(pl.Series([str(value)]), tables.load().masks.get(column, "hide"))[0])
