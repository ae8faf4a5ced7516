"""Writes a Parquet file again with some of its text cells changed."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.review.corrections.text_copy import Cell

FIRST_ROW = 2
"""Number of the first row of data: the header counts as one, as in every other format."""


def rewrite(source: Path, target: Path, cells: list[Cell], typed: Mapping[Cell, date | int]) -> set[Cell]:
    """The cells that were changed: those of columns of text, and in columns of dates or numbers what `typed` says."""
    frame = pl.read_parquet(source, glob=False)
    done: set[Cell] = set()
    for at in sorted({cell.column for cell in cells}):
        name, kind = frame.columns[at], frame.dtypes[at]
        new = {cell: value for cell in cells if cell.column == at and (value := _value(cell, kind, typed)) is not None}
        if new:
            rows = [cell.row - FIRST_ROW for cell in new]
            column = frame[name].scatter(rows, pl.Series(list(new.values()), dtype=kind))
            frame = frame.with_columns(column.alias(name))
            done |= set(new)
    frame.write_parquet(target, compression="zstd")
    return done


def _value(cell: Cell, kind: pl.DataType, typed: Mapping[Cell, date | int]) -> str | date | int | None:
    """What the column of this kind holds in the cell; None if it cannot hold it."""
    if kind == pl.String:
        return cell.after
    value = typed.get(cell)
    fits = isinstance(value, date) if kind == pl.Date else isinstance(value, int) and kind.is_integer()
    return value if fits else None
