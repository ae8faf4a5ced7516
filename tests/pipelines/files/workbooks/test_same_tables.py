"""Random tables, written by other people's libraries, come back the same; openpyxl reads the same files."""

import tempfile
from pathlib import Path

import openpyxl
from hypothesis import given, settings

from tests.pipelines.files.workbooks.building import rows_of
from tests.pipelines.files.workbooks.random_tables import WRITERS, Rows, tables, write_xlsx


def expected(table: Rows) -> list[tuple[object, ...]]:
    """What any reader should give."""
    width = max(at for row in table for at, cell in enumerate(row, start=1) if cell is not None)
    rows = [[None if cell is None else str(cell) for cell in row] + [None] * width for row in table]
    return [(number, *row[:width]) for number, row in enumerate(rows, start=1) if any(row)]


@settings(max_examples=25, deadline=None)
@given(tables)
def test_tables_come_back_from_each_format(table: Rows) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, write in WRITERS.items():
            path = Path(folder) / name
            write(path, table)
            assert rows_of(path) == expected(table), name


@settings(max_examples=25, deadline=None)
@given(tables)
def test_openpyxl_reads_the_same(table: Rows) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsx"
        write_xlsx(path, table)
        values = openpyxl.load_workbook(path, data_only=True).active.values
        assert rows_of(path) == expected([list(row) for row in values])
