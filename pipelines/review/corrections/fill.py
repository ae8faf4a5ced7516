"""Fills approved changes into one table file, in its own format: a value in several columns all or not at all."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from pipelines.files.table import Table
from pipelines.files.text.sheet import DelimitedSheet
from pipelines.review.corrections import parquet_copy, split_values, text_copy, workbook_copy
from pipelines.review.corrections.forms import USUAL_DATE
from pipelines.review.corrections.text_copy import Cell

Place = tuple[str, int, str]
"""Sheet, row and column of ours: one proposed change."""
Typed = dict[Cell, date | int]
"""What a cell holds that held a date or a number as such."""


class Change(NamedTuple):
    """A proposed change and the cells of the file that it changes."""

    place: Place
    cells: tuple[Cell, ...]


def fill(source: Path, target: Path, found: Sequence[Table], changes: pl.DataFrame) -> set[Place] | None:
    """The changes that were filled in; None where the file has a format that is not written again.

    `found`: the file's tables with a header. Where one cell of a change cannot be written the others are not either.
    """
    typed: Typed = {}
    wanted = [each for table in found for each in _of_table(table, changes.filter(sheet=table.sheet.name), typed)]
    while True:
        cells = [cell for each in wanted for cell in each.cells]
        done = _rewritten(source, target, found, cells, typed)
        if done is None:
            return None
        torn = [each for each in wanted if not done.isdisjoint(each.cells) and not done.issuperset(each.cells)]
        if not torn:
            return {each.place for each in wanted if done.issuperset(each.cells)}
        wanted = [each for each in wanted if each not in torn]


def _rewritten(source: Path, target: Path, found: Sequence[Table], cells: list[Cell], typed: Typed) -> set[Cell] | None:
    match found[0].file.format if found else None:
        case "xlsx":
            return workbook_copy.rewrite(source, target, cells, typed)
        case "parquet":
            return parquet_copy.rewrite(source, target, cells, typed)
        case "delimited":
            sheet = found[0].sheet
            if isinstance(sheet, DelimitedSheet) and text_copy.is_known(sheet.encoding):
                return text_copy.rewrite(source, target, sheet.encoding, sheet.delimiter, cells)
    return None


def _of_table(table: Table, changes: pl.DataFrame, typed: Typed) -> Iterator[Change]:
    """The table's changes whose cells are known; their dates and numbers go into `typed`."""
    assert table.header is not None
    sources = {column: table.header.sources(column) for column in changes["column"].unique().sort()}
    rows = changes.to_dicts()
    split = [row for row in rows if "" not in sources[row["column"]]]
    held = _cells(table, {row["source_row"] for row in split})
    for row in rows:
        place = (row["sheet"], row["source_row"], row["column"])
        parts, number = sources[row["column"]], table.sheet.number
        if "" in parts:
            cell = Cell(row["source_row"], parts[""], row["before"], row["after"], number)
            if row["column"] == "date_of_birth" and (day := _day(row["after"])):
                typed[cell] = day
            yield Change(place, (cell,))
        elif row["source_row"] in held:
            there = {part: held[row["source_row"]][at] for part, at in parts.items()}
            new = split_values.changed(row["column"], there, row["after"]) or {}
            cells = [Cell(row["source_row"], parts[part], there[part], text, number) for part, text in new.items()]
            typed |= {cell: int(cell.after) for cell in cells if cell.after.isdigit()}
            if cells:
                yield Change(place, tuple(cells))


def _cells(table: Table, wanted: set[int]) -> dict[int, list[Any]]:
    """Row → its cells as they were read, of these rows; the file is read through once more, some rows at a time."""
    if not wanted or table.header is None:
        return {}
    parts = table.sheet.parts(table.below, table.header.width)
    found = pl.concat(part.rows.filter(pl.col("source_row").is_in(list(wanted))) for part in parts)
    return {row: cells for row, *cells in found.select("source_row", pl.selectors.matches(r"^c\d+$")).iter_rows()}


def _day(text: str) -> date | None:
    for form in (USUAL_DATE, "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day, no moment
        except ValueError:
            continue
    return None
