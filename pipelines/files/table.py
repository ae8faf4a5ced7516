"""Reads one table of one file: its header located, its rows as text, its bad rows rejected with reasons."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.errors import BadInput, UnknownColumns, UnreadableFile
from pipelines.files import own_outputs, parquet
from pipelines.files.columns import named
from pipelines.files.containers import identify
from pipelines.files.containers.identify import Recognised
from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.header.locate import Header, locate
from pipelines.files.non_records import reject_not_records
from pipelines.files.sheet import Chunk, Note, Sheet, no_rejected, refused_rows
from pipelines.files.text import sheet as delimited
from pipelines.files.workbooks import sheet as workbook
from pipelines.sectors.schema import Sector, TableSchema


@dataclass(frozen=True)
class Table:
    """One sheet with its header located, or one that is refused with all its rows."""

    sheet: Sheet
    file: Recognised
    schema: TableSchema
    header: Header | None = None
    refused: BadInput | None = None
    below: int = 0
    """The last row of the header, counted from 1; 0 if there is none."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes on the sheet for the officer."""
        return (*self.file.notes, *self.sheet.notes, *(self.header.notes if self.header else ()))

    def parts(self) -> Iterator[Chunk]:
        """The rows, some at a time: `source_row`, the schema's columns, and `extra`; and those that are rejected.

        Errors: UnreadableFile, perhaps after some parts.
        """
        if self.refused or self.header is None:
            yield from self._all_refused(self.refused)
            return
        for part in self.sheet.parts(self.below, self.header.width):
            rows, not_records = named(part.rows, self.header, self.schema), no_rejected()
            if isinstance(self.schema, Sector):
                rows, not_records = reject_not_records(rows, self.schema)
            yield Chunk(rows, pl.concat([part.rejected, not_records]).sort("source_row"), part.counted)

    def _all_refused(self, refusal: BadInput | None) -> Iterator[Chunk]:
        assert refusal is not None
        for rows in self.sheet.filled_rows(self.below):
            yield Chunk(pl.DataFrame(), refused_rows(rows, refusal.code, str(refusal)), len(rows))


def tables(path: Path, words: HeaderAliases, *, scratch: Path, name: str | None = None) -> Iterator[Table]:
    """Each table of the file in turn; a sheet without a usable header is a refused table with all its rows.

    `words`: what headers mean; best used for many files. `scratch`: a folder for what a reader must set
    down. `name`: what the file was called where it came from.
    Errors: UnreadableFile if the file as a whole cannot be read, or is an output of ours.
    """
    found = identify.identify(path, name)
    for sheet in _sheets(path, found.format, scratch):
        own_outputs.refuse(sheet.head)
        yield _understood(sheet, found, words)


def _sheets(path: Path, format_: identify.Format, scratch: Path) -> Iterator[Sheet]:
    if format_ == "delimited":
        return delimited.sheets(path)
    if format_ == "parquet":
        return parquet.sheets(path)
    return workbook.sheets(path, format_, scratch)


def _understood(sheet: Sheet, file: Recognised, words: HeaderAliases) -> Table:
    if sheet.hidden:
        return Table(sheet, file, words.schema, refused=_HIDDEN)
    try:
        header = locate(sheet.head, words, row_numbers=sheet.head_rows, merged=sheet.merged)
    except UnknownColumns as refusal:
        below = 0 if refusal.header_index is None else sheet.head_rows[refusal.header_index]
        return Table(sheet, file, words.schema, refused=refusal, below=below)
    return Table(sheet, file, words.schema, header=header, below=sheet.head_rows[header.last])


_HIDDEN = UnreadableFile(
    "hidden_sheet",
    "Trang tính đang ẩn nên không được đọc; nếu là danh sách, hãy bỏ ẩn rồi nạp lại / the sheet is hidden: "
    "unhide it if it is a list.",
)
