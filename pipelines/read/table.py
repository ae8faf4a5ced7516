"""One table of one file: its header understood, its rows as text, its bad rows named."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.errors import BadInput, UnknownColumns, UnreadableFile
from pipelines.read import delimited, formats, parquet, workbook
from pipelines.read.cells import Part, Sheet, no_rejected, refused_rows
from pipelines.read.headers import Header, locate
from pipelines.read.not_records import reject_not_records
from pipelines.sectors.schema import Sector, TableSchema


@dataclass(frozen=True)
class Table:
    """One sheet whose header was understood, or that is refused with all its rows."""

    sheet: Sheet
    format: str
    schema: TableSchema
    header: Header | None = None
    refused: BadInput | None = None
    below: int = 0
    """The last row of the header, counted from 1; 0 if there is none."""

    @property
    def mapping(self) -> Mapping[str, str]:
        """Header text → our column."""
        header, head = self.header, self.sheet.head
        return {str(head[header.index][at]).strip(): name for at, name in header.columns.items()} if header else {}

    @property
    def unknown(self) -> tuple[str, ...]:
        """Headers of columns that are kept without being known."""
        return tuple(self.header.unknown.values()) if self.header else ()

    def parts(self) -> Iterator[Part]:
        """The rows, some at a time: `source_row`, the schema's columns, and `extra`; and those that are rejected.

        Errors: UnreadableFile, perhaps after some parts.
        """
        if self.header is None:
            yield from self._all_refused(self.refused)
            return
        for part in self.sheet.parts(self.below, self.header.width):
            rows, not_records = _named(part.rows, self.header, self.schema), no_rejected()
            if isinstance(self.schema, Sector):
                rows, not_records = reject_not_records(rows, self.schema)
            yield Part(rows, pl.concat([part.rejected, not_records]).sort("source_row"), part.counted)

    def _all_refused(self, refusal: BadInput | None) -> Iterator[Part]:
        assert refusal is not None
        for rows in self.sheet.filled_rows(self.below):
            yield Part(pl.DataFrame(), refused_rows(rows, refusal.code, str(refusal)), len(rows))


def tables(path: Path, schema: TableSchema, overrides: Mapping[str, str] | None) -> Iterator[Table]:
    """Each table of the file in turn; a sheet without a usable header comes out refused, all its rows with it.

    Errors: UnreadableFile if the file as a whole cannot be read.
    """
    readers = {"delimited": delimited.sheets, "xlsx": workbook.sheets, "parquet": parquet.sheets}
    format_ = formats.identify(path).format
    if format_ not in readers:
        raise UnreadableFile("unknown_format", f"Chưa đọc được {format_}; hãy lưu lại dưới dạng XLSX / save it as XLSX.")
    for sheet in readers[format_](path):
        yield _understood(sheet, format_, schema, overrides)


def _understood(sheet: Sheet, format_: str, schema: TableSchema, overrides: Mapping[str, str] | None) -> Table:
    try:
        header = locate(sheet.head, schema, overrides)
    except UnknownColumns as refusal:
        below = 0 if refusal.header_index is None else sheet.head_rows[refusal.header_index]
        return Table(sheet, format_, schema, refused=refusal, below=below)
    return Table(sheet, format_, schema, header=header, below=sheet.head_rows[header.index])


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
