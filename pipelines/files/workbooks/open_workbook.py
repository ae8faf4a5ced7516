"""Opens a workbook by both readers and writes its sheets as Arrow files."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from pipelines.errors import UnreadableFile
from pipelines.files.workbooks import ods, xls, xlsx
from pipelines.files.workbooks.merged import covered
from pipelines.files.workbooks.reconcile import agreed
from pipelines.files.workbooks.survey import Book, Entry, Survey

_BOOKS: dict[str, Callable[[Path], Book]] = {"xlsx": xlsx.Workbook, "xls": xls.Workbook, "ods": ods.Workbook}
_BATCH_CELLS = 500_000
_MOST = 10_000
"""Of merges and of stretches of hidden rows: the first are enough for a header and a note; there may be millions."""


def sheets(path: Path, format_: str, folder: Path) -> list[dict[str, Any]]:
    """For each sheet that holds anything: `number, name, hidden, file, rows`, `covered` (a file), `merges, unvalued,
    first_unvalued`, `hidden_rows` (how many), `hidden_stretches` (of rows: first, last), `hidden_columns`.

    Shape: the files have the rows of `agreement.agreed` and of `merged.covered`.
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
            under = folder / f"{entry.number}.covered.arrow"
            covered(rows, survey.merges).write_ipc(under)
            found.append({**_described(entry, survey), "file": str(file), "rows": rows.height, "covered": str(under)})
    if not found:
        raise UnreadableFile("empty_file", "Bảng tính không có dòng nào / the workbook is empty.")
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


def _described(entry: Entry, survey: Survey) -> dict[str, Any]:
    return {
        "number": entry.number,
        "name": entry.name,
        "hidden": entry.hidden,
        "merges": heapq.nsmallest(_MOST, survey.merges),
        "unvalued": survey.unvalued,
        "first_unvalued": survey.first_unvalued,
        "hidden_rows": len(survey.hidden_rows),
        "hidden_stretches": list(islice(_stretches(survey.hidden_rows), _MOST)),
        "hidden_columns": survey.hidden_columns(),
    }


def _stretches(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of neighbours."""
    for _, neighbours in groupby(enumerate(sorted(rows)), key=lambda each: each[1] - each[0]):
        stretch = [row for _, row in neighbours]
        yield stretch[0], stretch[-1]
