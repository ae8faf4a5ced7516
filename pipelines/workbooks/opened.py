"""A workbook opened by both readers, its sheets written as Arrow files."""

import heapq
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from pipelines.errors import UnreadableFile
from pipelines.workbooks import ods, xls, xlsx
from pipelines.workbooks.agreement import agreed
from pipelines.workbooks.survey import Book, Entry, Survey

_BOOKS: dict[str, Callable[[Path], Book]] = {"xlsx": xlsx.Workbook, "xls": xls.Workbook, "ods": ods.Workbook}
_BATCH_CELLS = 500_000
_MOST_MERGES = 10_000
"""The first of them are enough for a header and for a note; an attacker may write millions."""


def sheets(path: Path, format_: str, folder: Path) -> list[dict[str, Any]]:
    """For each sheet that holds anything: `number, name, hidden, file, rows, merges, unvalued, first_unvalued`.

    Shape: the file has the rows of `agreement.agreed`.
    Errors: UnreadableFile; others of the libraries, if the workbook is damaged.
    """
    # The first reader goes by the ending.
    named = folder / f"book.{format_}"
    named.symlink_to(path.resolve())
    book = _BOOKS[format_](named)
    first_reader: list[fastexcel.ExcelReader] = []
    found = []
    for entry in book.entries():
        survey = book.survey(entry)
        if not first_reader:
            first_reader.append(fastexcel.read_excel(named))
        seen, before = _seen(first_reader[0], entry)
        rows = agreed(seen, before, survey, partial(book.places, entry))
        if rows.height:
            file = folder / f"{entry.number}.arrow"
            rows.write_ipc(file, record_batch_size=max(1, _BATCH_CELLS // rows.width))
            found.append(_described(entry, survey, file, rows.height))
    if not found:
        raise UnreadableFile("empty_file", "Sổ tính không có dòng nào / the workbook is empty.")
    return found


def _seen(reader: fastexcel.ExcelReader, entry: Entry) -> tuple[pl.DataFrame, int]:
    """The first reader's cells from row 1 on, and how many columns stand before them."""
    first: list[int] = []

    def take(column: Any) -> bool:
        first.append(column.absolute_index)
        return True

    # Eagerly: otherwise the sheet stays in memory beside the table that is made of it.
    batch = reader.load_sheet(
        entry.name,
        header_row=None,
        skip_rows=0,
        dtypes="string",
        whitespace_as_null=True,
        use_columns=take,
        eager=True,
    )
    return (pl.DataFrame(batch), first[0]) if first else (pl.DataFrame(), 0)


def _described(entry: Entry, survey: Survey, file: Path, rows: int) -> dict[str, Any]:
    return {
        "number": entry.number,
        "name": entry.name,
        "hidden": entry.hidden,
        "file": str(file),
        "rows": rows,
        "merges": heapq.nsmallest(_MOST_MERGES, survey.merges),
        "unvalued": survey.unvalued,
        "first_unvalued": survey.first_unvalued,
    }
