"""Reads Parquet files, every column as text."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import polars as pl
import pyarrow.parquet

from pipelines.errors import UnreadableFile
from pipelines.files import sheet
from pipelines.files.containers.inflate import RATIO_LIMIT, TOTAL_LIMIT_BYTES, zip_bomb
from pipelines.files.sheet import Note
from pipelines.files.text.quoting import ROW_LIMIT_BYTES

_PART_ROWS, _PART_CELLS = 500_000, 10_000_000


def sheets(path: Path) -> Iterator[sheet.Sheet]:
    """The one table of a Parquet file. Errors: UnreadableFile if it is damaged or nested."""
    path = path.absolute()  # a relative one may read as a home (`~`) or a URL
    try:
        footer = pyarrow.parquet.read_metadata(path)
        described = footer.schema.to_arrow_schema()
    except (OSError, pyarrow.ArrowException) as fault:
        raise _damaged() from fault
    _refuse_bomb(path, footer)
    nested = [field.name for field in described if pyarrow.types.is_nested(field.type) or _is_binary(field.type)]
    if nested:
        raise UnreadableFile(
            "nested_column",
            f"Cột «{nested[0]}» không phải văn bản hay số; hãy xuất lại thành cột đơn / column {nested[0]} is nested.",
        )
    yield ParquetSheet(path, described.names)


def _refuse_bomb(path: Path, footer: pyarrow.parquet.FileMetaData) -> None:
    """Run lengths and compression make of a small file what no list of people has."""
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    sizes = [group.total_byte_size for group in groups]
    packed = path.stat().st_size
    too_many = footer.num_rows > max(_FEW_ROWS, packed // _LEAST_BYTES_A_ROW)
    if too_many or max(sizes, default=0) > TOTAL_LIMIT_BYTES or sum(sizes) > max(_FEW_BYTES, RATIO_LIMIT * packed):
        raise zip_bomb()


_FEW_ROWS, _LEAST_BYTES_A_ROW = 100_000, 1
_FEW_BYTES = 1_000_000
"""Below these nothing is a bomb."""


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "damaged_file",
        "Tệp Parquet hỏng hoặc thiếu; hãy xuất lại / the Parquet file is damaged: export it again.",
    )


def _is_binary(kind: pyarrow.DataType) -> bool:
    return bool(pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind))


class ParquetSheet:
    """The one sheet of a Parquet file: the column names are row 1."""

    name = ""
    number = 1
    encoding = "utf-8"
    hidden = False
    notes: Sequence[Note] = ()
    merged: Sequence[sheet.Merge] = ()

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path = path
        self.head: Sequence[Sequence[str | None]] = [list(columns)]
        self.head_rows: Sequence[int] = [1]

    def parts(self, header_row: int, width: int) -> Iterator[sheet.Chunk]:
        """Every row; one without any value is rejected, because the footer counts it."""
        first_row = header_row + 1
        for frame, counted in self._frames():
            names = {name: f"c{position}" for position, name in enumerate(frame.columns)}
            text = sheet.blanks_as_null(frame.rename(names).cast(pl.String))
            rows = text.with_row_index("source_row", offset=first_row).cast({"source_row": pl.Int32})
            first_row += frame.height
            blank = pl.all_horizontal(pl.exclude("source_row").is_null())
            long = pl.sum_horizontal(pl.exclude("source_row").str.len_bytes()) > ROW_LIMIT_BYTES
            too_long = sheet.refused_rows(
                rows.filter(long)["source_row"], "row_too_long", "Dòng dài hơn 1 MB / the row is over 1 MB."
            )
            rows = rows.filter(~long)
            empty = sheet.refused_rows(rows.filter(blank)["source_row"], "blank_row", "Dòng trống / the row is empty.")
            yield sheet.Chunk(rows.filter(~blank), pl.concat([empty, too_long]).sort("source_row"), counted)

    def filled_rows(self, header_row: int) -> Iterator[pl.Series]:
        """Every row according to the file's own footer."""
        rows = int(pyarrow.parquet.read_metadata(self._path).num_rows)
        yield pl.int_range(header_row + 1, header_row + 1 + rows, dtype=pl.Int32, eager=True)

    def _frames(self) -> Iterator[tuple[pl.DataFrame, int]]:
        """A row group's rows some at a time, and how many the footer counts: the difference stands with the last."""
        try:
            with pyarrow.parquet.ParquetFile(self._path) as file:
                missing = file.metadata.num_rows
                wide = max(1, _PART_CELLS // max(1, len(file.schema_arrow)))
                for part in chain(file.iter_batches(min(_PART_ROWS, wide)), [file.schema_arrow.empty_table()]):
                    frame = pl.from_arrow(part)
                    assert isinstance(frame, pl.DataFrame)
                    missing -= frame.height
                    yield frame, frame.height if frame.height else missing
        except (OSError, pyarrow.ArrowException) as fault:
            raise _damaged() from fault
