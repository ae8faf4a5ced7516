"""Defines a sheet: cells as text with the row of each, as every reader returns them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl


@dataclass(frozen=True, order=True)
class Note:
    """One remark on a file or a sheet, e.g. that it holds macros, which were not run."""

    code: str
    """Code that stays the same, for a script."""
    message: str
    """One sentence for the officer: Vietnamese, then English; no personal data."""


REJECTED_SCHEMA = {"source_row": pl.Int32, "code": pl.String, "message": pl.String}

SEARCHED_ROWS = 60
"""Number of rows, blank ones not counted, in which titles, logos and notes above a table stay."""


@dataclass(frozen=True)
class Chunk:
    """A run of neighbouring rows below a header."""

    rows: pl.DataFrame
    """`source_row` (counted from 1, header included) and `c0 … c<n>`, text, blank cells null."""
    rejected: pl.DataFrame
    """`source_row, code, message`: physical rows that could not be taken apart."""
    counted: int
    """Physical rows that are not blank, as the second reader counts them: `rows` and `rejected` together."""


@dataclass(frozen=True)
class Merge:
    """Cells of a header that were merged into one; all counted from 1, both ends included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


class Sheet(Protocol):
    """One sheet of a file, before its header is located. Memory is bounded: a part at a time."""

    name: str
    """`""` in a file that has no sheets."""
    number: int
    """Counted from 1, hidden ones included."""
    encoding: str
    hidden: bool
    notes: Sequence[Note]
    head: Sequence[Sequence[str | None]]
    """The first SEARCHED_ROWS rows that are not blank, each as wide as it is, blank cells None."""
    head_rows: Sequence[int]
    """Positions of the rows of `head` in the sheet, counted from 1."""
    merged: Sequence[Merge]
    """Merged cells within `head`."""

    def parts(self, header_row: int, width: int) -> Iterator[Chunk]:
        """The rows below `header_row`, in order; blank rows are left out, every other one is in `rows` or `rejected`.

        Shape: `c0 … c<width - 1>`; a row with text beyond `width` is rejected.
        Errors: UnreadableFile, perhaps after some parts.
        """
        ...

    def filled_rows(self, header_row: int) -> Iterator[pl.Series]:
        """Numbers of the rows below `header_row` that are not blank, some at a time, by the second reader."""
        ...


def refused_rows(source_rows: pl.Series, code: str, message: str) -> pl.DataFrame:
    """Rejected rows for these positions, all for one reason."""
    return pl.DataFrame({"source_row": source_rows.cast(pl.Int32)}).with_columns(
        pl.lit(code).alias("code"), pl.lit(message).alias("message")
    )


def no_rejected() -> pl.DataFrame:
    """An empty table of rejected rows."""
    return pl.DataFrame(schema=REJECTED_SCHEMA)


def blanks_as_null(frame: pl.DataFrame) -> pl.DataFrame:
    """The cells with null in place of white space."""
    text = pl.selectors.string()
    return frame.with_columns(pl.when(text.str.strip_chars() != "").then(text))
