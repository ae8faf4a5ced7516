"""One table of one file: its header understood, its rows as text, its bad rows named."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines.errors import BadInput, UnknownColumns
from pipelines.read import delimited, formats, parquet, workbook
from pipelines.read.cells import REJECTED_SCHEMA, Cells, no_rejected
from pipelines.read.headers import Header, locate
from pipelines.read.not_records import reject_not_records
from pipelines.sectors.schema import Sector, TableSchema


@dataclass(frozen=True)
class Table:
    """What was read of one sheet (a text or Parquet file has one)."""

    sheet: str
    sheet_number: int
    format: str
    encoding: str
    rows_counted: int
    """Data rows, by the second reader."""
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    """`source_row`, our columns, and `extra`; empty if the sheet was refused."""
    rejected: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECTED_SCHEMA))
    """`source_row, code, message`."""
    header_row: int | None = None
    """Counted from 1."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Header text → our column."""
    unknown: tuple[str, ...] = ()
    refused: BadInput | None = None


def tables(path: Path, schema: TableSchema, overrides: Mapping[str, str] | None) -> Iterator[Table]:
    """Each table of the file in turn; a sheet without a usable header comes out refused, all its rows with it.

    Errors: UnreadableFile if the file as a whole cannot be read.
    """
    readers = {"delimited": delimited.sheets, "xlsx": workbook.sheets, "parquet": parquet.sheets}
    format_ = formats.identify(path)
    formats.refuse_large(path)
    for cells in readers[format_](path):
        yield _understood(cells, format_, schema, overrides)


def slices(path: Path, schema: TableSchema) -> Iterator[Table]:
    """As `tables`, a bounded part of the file at a time, however large it is; workbooks a sheet at a time.

    Shape: the parts follow one another as their rows do; once a part is refused no other one comes.
    Errors: UnreadableFile as soon as the file is found to be unreadable, which may be after many parts.
    """
    readers = {"delimited": delimited.slices, "xlsx": workbook.sheets, "parquet": parquet.slices}
    format_ = formats.identify(path)
    if format_ == "xlsx":
        formats.refuse_large(path)
    for cells in readers[format_](path):
        yield (table := _understood(cells, format_, schema, None))
        if table.refused and format_ != "xlsx":
            return


def _understood(cells: Cells, format_: str, schema: TableSchema, overrides: Mapping[str, str] | None) -> Table:
    try:
        header = locate(cells.head, schema, overrides)
    except UnknownColumns as refusal:
        at = 0 if refusal.header_index is None else cells.head_rows[refusal.header_index]
        return Table(
            sheet=cells.sheet,
            sheet_number=cells.sheet_number,
            format=format_,
            encoding=cells.encoding,
            rows_counted=cells.count_below(at),
            rejected=cells.all_refused(at, refusal),
            refused=refusal,
        )
    header_row = cells.head_rows[header.index]
    body = cells.body(header_row, header.width)
    rows, not_records = _named(body.rows, header, schema), no_rejected()
    if isinstance(schema, Sector):
        rows, not_records = reject_not_records(rows, schema)
    return Table(
        sheet=cells.sheet,
        sheet_number=cells.sheet_number,
        format=format_,
        encoding=cells.encoding,
        rows_counted=cells.count_below(header_row),
        rows=rows,
        rejected=pl.concat([body.rejected, not_records]).sort("source_row"),
        header_row=header_row,
        mapping={str(cells.head[header.index][at]).strip(): name for at, name in header.columns.items()},
        unknown=tuple(header.unknown.values()),
    )


def _named(rows: pl.DataFrame, header: Header, schema: TableSchema) -> pl.DataFrame:
    at = {name: position for position, name in header.columns.items()}
    columns = [
        (pl.col(f"c{at[column.name]}") if column.name in at else pl.lit(None, pl.String)).alias(column.name)
        for column in schema.column
    ]
    # Two unknown columns may share a header: the position tells them apart.
    texts = list(header.unknown.values())
    labels = {
        position: text if texts.count(text) == 1 else f"{text} ({position + 1})"
        for position, text in header.unknown.items()
    }
    extra: pl.Expr = pl.lit(None, pl.String)
    if labels:
        unknown = [pl.col(f"c{position}").alias(label) for position, label in labels.items()]
        filled = pl.any_horizontal(pl.col(f"c{position}").is_not_null() for position in labels)
        extra = pl.when(filled).then(pl.struct(unknown).struct.json_encode())
    return rows.select("source_row", *columns, extra.alias("extra"))
