"""Writes a Parquet file again with some of its text cells changed."""

from datetime import date
from pathlib import Path

import polars as pl

from pipelines.review.corrections.text_copy import Cell

FIRST_ROW = 2
"""Number of the first row of data: the header counts as one, as in every other format."""


def rewrite(source: Path, target: Path, cells: list[Cell], days: dict[Cell, date]) -> set[Cell]:
    """The cells that were changed: those of columns of text, and dates in columns of dates."""
    frame = pl.read_parquet(source, glob=False)
    done: set[Cell] = set()
    for at in sorted({cell.column for cell in cells}):
        name, kind = frame.columns[at], frame.dtypes[at]
        mine = [
            cell for cell in cells if cell.column == at and (kind == pl.String or (kind == pl.Date and cell in days))
        ]
        new = [days[cell] if kind == pl.Date else cell.after for cell in mine]
        if mine:
            column = frame[name].scatter([cell.row - FIRST_ROW for cell in mine], pl.Series(new, dtype=kind))
            frame = frame.with_columns(column.alias(name))
            done |= set(mine)
    frame.write_parquet(target, compression="zstd")
    return done
