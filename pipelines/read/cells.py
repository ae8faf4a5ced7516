"""Cells as text, with the row that each stands in: what every reader hands on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from pipelines.errors import BadInput

REJECTED_SCHEMA = {"source_row": pl.Int32, "code": pl.String, "message": pl.String}


@dataclass(frozen=True)
class Body:
    """The rows below a header."""

    rows: pl.DataFrame
    """`source_row` (counted from 1, header included) and `c0 … c<n>`, text, blank cells null."""
    rejected: pl.DataFrame
    """`source_row, code, message`: physical rows that could not be taken apart."""


class Cells(Protocol):
    """One sheet of a file, before anybody knows where its header is."""

    sheet: str
    sheet_number: int
    encoding: str
    head: Sequence[Sequence[str | None]]
    """The first rows that are not blank."""
    head_rows: Sequence[int]
    """Their positions in the sheet, counted from 1."""

    def body(self, header_row: int, width: int) -> Body:
        """The rows below `header_row`; blank rows are left out, every other one is in `rows` or `rejected`."""
        ...

    def count_below(self, header_row: int) -> int:
        """How many rows below `header_row` are not blank, by the second reader."""
        ...

    def all_refused(self, header_row: int, refusal: BadInput) -> pl.DataFrame:
        """Every row below `header_row` that is not blank, rejected for the same reason."""
        ...


def refused_rows(source_rows: pl.Series, code: str, message: str) -> pl.DataFrame:
    """These rows, rejected for one reason."""
    return pl.DataFrame({"source_row": source_rows.cast(pl.Int32)}).with_columns(
        pl.lit(code).alias("code"), pl.lit(message).alias("message")
    )


def no_rejected() -> pl.DataFrame:
    """No rejected rows."""
    return pl.DataFrame(schema=REJECTED_SCHEMA)


def blanks_as_null(frame: pl.DataFrame) -> pl.DataFrame:
    """The cells, those with nothing but white space as null."""
    text = pl.selectors.string()
    return frame.with_columns(pl.when(text.str.strip_chars() != "").then(text))
