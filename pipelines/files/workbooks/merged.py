"""Fills cells under a merged cell with its text, for rows that are records of their own."""

from collections.abc import Sequence

import polars as pl

from pipelines.files.workbooks.survey import LAST_ROW

_SCHEMA = {
    "source_row": pl.Int32,
    "column": pl.Int32,
    "text": pl.String,
    "first_row": pl.Int32,
    "last_column": pl.Int32,
}


def covered(rows: pl.DataFrame, merges: Sequence[tuple[int, int, int, int]]) -> pl.DataFrame:
    """The empty cells of a merge's first column below its first row, in rows that hold something.

    `rows`: as `agreement.agreed` gives them; `merges`: as in a survey.
    Shape: `source_row`, `column` (from 1), `text` (of the merge), `first_row`, `last_column` (of the merge); sorted.
    """
    tall = [
        (first, min(last, LAST_ROW), left, right)
        for first, last, left, right in merges
        if last > first and first < LAST_ROW and f"c{left - 1}" in rows.columns
    ]
    frame = pl.DataFrame(
        tall, schema=dict.fromkeys(("first_row", "last_row", "column", "last_column"), pl.Int32), orient="row"
    )
    parts = [_of_column(rows, column, some) for (column,), some in frame.partition_by("column", as_dict=True).items()]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *parts]).sort("source_row", "column")


def _of_column(rows: pl.DataFrame, column: object, merges: pl.DataFrame) -> pl.DataFrame:
    cells = rows.filter(pl.col("fault").is_null()).select("source_row", text=f"c{int(str(column)) - 1}")
    texts = cells.drop_nulls("text")
    tops = merges.join(texts, left_on="first_row", right_on="source_row").sort("first_row")
    empty = cells.filter(pl.col("text").is_null()).select("source_row")
    return (
        empty.join_asof(tops, left_on="source_row", right_on="first_row", coalesce=False)
        .filter(pl.col("source_row") <= pl.col("last_row"))
        .select(list(_SCHEMA))
    )
