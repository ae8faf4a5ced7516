"""Parquet files, every column as text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet

from pipelines.errors import BadInput, UnreadableFile
from pipelines.read import cells


def sheets(path: Path) -> Iterator[cells.Cells]:
    """The one table of a Parquet file. Errors: UnreadableFile if it is damaged or nested."""
    try:
        frame = pl.read_parquet(path)
        counted = int(pyarrow.parquet.ParquetFile(path).metadata.num_rows)
    except (pl.exceptions.PolarsError, OSError, pyarrow.ArrowException) as fault:
        raise UnreadableFile(
            "damaged_file",
            "Tệp Parquet hỏng hoặc thiếu; hãy xuất lại / the Parquet file is damaged: export it again.",
        ) from fault
    nested = [name for name, kind in frame.schema.items() if kind.is_nested() or kind == pl.Binary]
    if nested:
        raise UnreadableFile(
            "nested_column",
            f"Cột «{nested[0]}» không phải văn bản hay số; hãy xuất lại thành cột đơn / column {nested[0]} is nested.",
        )
    yield ParquetCells(frame, counted)


class ParquetCells:
    """The one sheet of a Parquet file: the column names are row 1."""

    sheet = ""
    sheet_number = 1
    encoding = "utf-8"

    def __init__(self, frame: pl.DataFrame, counted: int) -> None:
        self.head: Sequence[Sequence[str | None]] = [frame.columns]
        self.head_rows: Sequence[int] = [1]
        self._counted = counted
        text = frame.rename({name: f"c{position}" for position, name in enumerate(frame.columns)}).cast(pl.String)
        self._rows = cells.blanks_as_null(text).with_row_index("source_row", offset=2).cast({"source_row": pl.Int32})

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
