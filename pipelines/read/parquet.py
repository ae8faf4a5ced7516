"""Parquet files, every column as text."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import polars as pl
import pyarrow.parquet

from pipelines.errors import BadInput, UnreadableFile
from pipelines.read import cells


def sheets(path: Path) -> Iterator["ParquetCells"]:
    """The one table of a Parquet file. Errors: UnreadableFile if it is damaged or nested."""
    try:
        frame = pl.read_parquet(path)
        counted = int(pyarrow.parquet.ParquetFile(path).metadata.num_rows)
    except (pl.exceptions.PolarsError, OSError, pyarrow.ArrowException) as fault:
        raise _damaged() from fault
    _refuse_nested(frame)
    yield ParquetCells(frame, counted)


def slices(path: Path, rows: int = 500_000) -> Iterator["ParquetCells"]:
    """The one table of a Parquet file, some rows at a time. Errors: UnreadableFile if it is damaged or nested."""
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            first_row = 2
            empty = file.schema_arrow.empty_table()
            for part in chain(file.iter_batches(rows), [empty] if not file.metadata.num_rows else []):
                frame = pl.from_arrow(part)
                assert isinstance(frame, pl.DataFrame)
                _refuse_nested(frame)
                yield ParquetCells(frame, frame.height, first_row)
                first_row += frame.height
    except (OSError, pyarrow.ArrowException) as fault:
        raise _damaged() from fault


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "damaged_file",
        "Tệp Parquet hỏng hoặc thiếu; hãy xuất lại / the Parquet file is damaged: export it again.",
    )


def _refuse_nested(frame: pl.DataFrame) -> None:
    nested = [name for name, kind in frame.schema.items() if kind.is_nested() or kind == pl.Binary]
    if nested:
        raise UnreadableFile(
            "nested_column",
            f"Cột «{nested[0]}» không phải văn bản hay số; hãy xuất lại thành cột đơn / column {nested[0]} is nested.",
        )


class ParquetCells:
    """The one sheet of a Parquet file: the column names are row 1."""

    sheet = ""
    sheet_number = 1
    encoding = "utf-8"

    def __init__(self, frame: pl.DataFrame, counted: int, first_row: int = 2) -> None:
        self.head: Sequence[Sequence[str | None]] = [frame.columns]
        self.head_rows: Sequence[int] = [1]
        self._counted = counted
        text = frame.rename({name: f"c{position}" for position, name in enumerate(frame.columns)}).cast(pl.String)
        numbered = cells.blanks_as_null(text).with_row_index("source_row", offset=first_row)
        self._rows = numbered.cast({"source_row": pl.Int32})

    def body(self, header_row: int, width: int) -> cells.Body:
        """Every row; one without any value is rejected, because the footer counts it."""
        blank = pl.all_horizontal(pl.exclude("source_row").is_null())
        empty = self._rows.filter(blank)["source_row"]
        rejected = cells.refused_rows(empty, "blank_row", "Dòng trống / the row is empty.")
        return cells.Body(rows=self._rows.filter(~blank), rejected=rejected)

    def count_below(self, header_row: int) -> int:
        """Rows according to the file's own footer."""
        return self._counted

    def all_refused(self, header_row: int, refusal: BadInput) -> pl.DataFrame:
        """Every row, rejected for the same reason."""
        return cells.refused_rows(self._rows["source_row"], refusal.code, str(refusal))
