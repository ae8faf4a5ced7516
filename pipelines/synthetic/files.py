"""Writes synthetic files in pieces, so that memory does not grow, and with the same bytes each time."""

import io
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from pipelines.errors import BadInput
from pipelines.workspace.atomic_files import atomic

XLSX_ROWS = 1_048_576
"""Most rows of a sheet, header and titles included."""


@dataclass(frozen=True)
class Form:
    """Form of a file, besides what its ending says."""

    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\r\n"
    titles: tuple[str, ...] = ()
    """Lines above the header."""
    created: date = date(2000, 1, 1)
    """Time of creation that a workbook states."""


class Sink(Protocol):
    """A file that takes one frame of text after another."""

    def write(self, frame: pl.DataFrame) -> None:
        """Appends the rows."""


class _Csv:
    def __init__(self, path: Path, form: Form) -> None:
        self._file = path.open("wb")
        self._form, self._encoding, self._begun = form, form.encoding, False
        self._before = "".join(f"{title}{form.newline}" for title in form.titles)

    def write(self, frame: pl.DataFrame) -> None:
        buffer = io.BytesIO()
        delimiter, newline = self._form.delimiter, self._form.newline
        frame.write_csv(buffer, separator=delimiter, include_header=not self._begun, line_terminator=newline)
        if self._encoding == "utf-8" and not self._before:
            self._file.write(buffer.getbuffer())
        else:
            self._file.write(self._encode(self._before + buffer.getvalue().decode("utf-8")))
        self._begun, self._before = True, ""

    def _encode(self, text: str) -> bytes:
        """The text as bytes; a byte-order mark stands at the file's beginning only."""
        if self._encoding == "cp1258":
            return to_windows_1258(text)
        if self._begun:
            text, encoding = text, self._encoding.replace("-sig", "").replace("utf-16", "utf-16-le")
            return text.encode(encoding)
        mark = "\ufeff" if self._encoding == "utf-16" else ""
        return (mark + text).encode("utf-16-le" if mark else self._encoding)

    def close(self) -> None:
        self._file.close()


class _Parquet:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def write(self, frame: pl.DataFrame) -> None:
        schema = pa.schema(
            [(name, pa.string() if kind == pl.String else pa.int64()) for name, kind in frame.schema.items()]
        )
        rows = frame.to_arrow().cast(schema)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, schema, compression="zstd")
        self._writer.write_table(rows)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _Xlsx:
    """A workbook; text that begins with `#` becomes a number and with `@` a date, as Excel would have made it."""

    def __init__(self, path: Path, form: Form) -> None:
        self._path = path
        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        self._book.set_properties({"created": datetime.combine(form.created, time())})
        self._sheet = self._book.add_worksheet("Danh sách")
        self._titles, self._row = form.titles, 0
        self._bold = self._book.add_format({"bold": True})
        self._date = self._book.add_format({"num_format": "dd/mm/yyyy"})

    def write(self, frame: pl.DataFrame) -> None:
        if not self._row:
            self._begin(frame.columns)
        if self._row + frame.height > XLSX_ROWS:
            raise BadInput(
                "too_many_rows",
                f"XLSX chỉ chứa được {XLSX_ROWS:,} dòng, hãy dùng CSV hoặc Parquet / too many rows for XLSX.",
            )
        for cells in zip(*(column.to_list() for column in frame.get_columns()), strict=True):
            for position, cell in enumerate(cells):
                self._cell(position, cell)
            self._row += 1

    def _begin(self, headers: Sequence[str]) -> None:
        for title in self._titles:
            if title:
                self._sheet.merge_range(self._row, 0, self._row, len(headers) - 1, title, self._bold)
            self._row += 1
        self._sheet.write_row(self._row, 0, headers, self._bold)
        self._row += 1

    def _cell(self, position: int, cell: str | None) -> None:
        if cell is None:
            return
        if cell[:1] in ("#", "@"):
            self._sheet.write_number(self._row, position, float(cell[1:]), self._date if cell[0] == "@" else None)
        else:
            self._sheet.write_string(self._row, position, cell)

    def close(self) -> None:
        self._book.close()
        _store(self._path)


@contextmanager
def sink(path: Path, form: Form | None = None) -> Iterator[Sink]:
    """A file that is written piece by piece and appears when it is whole; its format is its ending."""
    with atomic(path) as temporary:
        target: _Csv | _Parquet | _Xlsx
        if path.suffix == ".parquet":
            target = _Parquet(temporary)
        elif path.suffix == ".xlsx":
            target = _Xlsx(temporary, form or Form())
        else:
            target = _Csv(temporary, form or Form())
        try:
            yield target
        finally:
            target.close()


def to_windows_1258(text: str) -> bytes:
    """The text in windows-1258: base letters with their hat or hook, each tone a mark of its own after it."""
    return text.translate(_TONES_APART).encode("cp1258")


def _tones_apart() -> dict[int, str]:
    tones = "\u0300\u0301\u0303\u0309\u0323"
    apart = {}
    for code in [*range(0xC0, 0x250), *range(0x1EA0, 0x1EFA)]:
        parts = unicodedata.normalize("NFD", chr(code))
        tone = [part for part in parts if part in tones]
        if tone:
            base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
            apart[code] = base + tone[0]
    return apart


_TONES_APART = _tones_apart()


def _store(path: Path) -> None:
    """Put the workbook's parts into the archive uncompressed: compressors differ between machines, bytes must not."""
    packed = path.with_name(path.name + ".packed")
    path.rename(packed)
    try:
        with zipfile.ZipFile(packed) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
            for entry in source.infolist():
                plain = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
                with source.open(entry) as read, target.open(plain, "w") as write:
                    while piece := read.read(1 << 20):
                        write.write(piece)
    finally:
        packed.unlink()
