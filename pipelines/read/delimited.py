"""Text files: CSV with any usual delimiter and encoding."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.errors import UnreadableFile
from pipelines.read import cells, scan
from pipelines.read.cells import SEARCHED_ROWS
from pipelines.read.encoding import to_utf8
from pipelines.read.notes import Note

DELIMITERS = ",;\t|"
ROW_LIMIT_BYTES = 1_000_000
"""A longer row is rejected: it is a torn file or an attack, and engines drop it in silence."""
_SAMPLED_RECORDS = 200
_SPARE_CELLS = 50
"""Empty cells behind the last header are harmless (Excel leaves them) up to this many."""


def sheets(path: Path) -> Iterator[cells.Sheet]:
    """The one table of a text file. Errors: UnreadableFile if it is no text or has no rows."""
    data, encoding = to_utf8(path.read_bytes())
    if not data.strip(b'\r\n\t ,;|"'):
        raise _empty()
    yield DelimitedSheet(data, encoding)


def _empty() -> UnreadableFile:
    return UnreadableFile("empty_file", "Tệp không có chữ nào; hãy xuất lại từ phần mềm nguồn / the file is empty.")


class DelimitedSheet:
    """The one sheet of a text file."""

    name = ""
    number = 1
    hidden = False
    notes: Sequence[Note] = ()
    merged: Sequence[cells.Merge] = ()
    head: Sequence[Sequence[str | None]]
    head_rows: Sequence[int]
    _delimiter: str

    def __init__(self, data: bytes, encoding: str) -> None:
        self.encoding = encoding
        self._data = data
        self._before = 0
        self._delimiter = _delimiter(data)
        self._records = scan.scan(data, self._delimiter)
        self._refuse_unclosed()
        self.head_rows, self.head = self._head()

    def _head(self) -> tuple[Sequence[int], Sequence[Sequence[str | None]]]:
        filled = np.flatnonzero(~self._records.blank)[:SEARCHED_ROWS]
        return [int(index) + 1 for index in filled], [_row(self._text(index), self._delimiter) for index in filled]

    def parts(self, header_row: int, width: int) -> Iterator[cells.Part]:
        """The rows below the header, all at once; one with more filled cells than the header, or fewer, is rejected."""
        records = self._records
        below = np.arange(len(records)) + self._before >= header_row
        taken = below & ~records.blank
        faults = {
            "nul_byte": taken & records.has_nul,
            "row_too_long": taken & (records.ends - records.starts > ROW_LIMIT_BYTES),
        }
        faults["ragged_row"] = (
            taken
            & ~np.logical_or.reduce(list(faults.values()))
            & ((records.fields < width) | (records.fields > width + _SPARE_CELLS))
        )
        rows, overfull = self._parsed(taken & ~np.logical_or.reduce(list(faults.values())), width)
        faults["ragged_row"][overfull] = True
        rejected = [self._rejected(code, mask, width) for code, mask in faults.items()]
        yield cells.Part(rows, pl.concat(rejected).sort("source_row"), int(taken.sum()))

    def filled_rows(self, header_row: int) -> Iterator[pl.Series]:
        """Rows below the header that are not blank, counted on the bytes."""
        yield pl.Series(np.flatnonzero(~self._records.blank[header_row:]) + header_row + 1)

    def _parsed(self, good: npt.NDArray[np.bool_], width: int) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
        """The rows, and the record numbers of those with text beyond the last header (which are left out)."""
        at = np.flatnonzero(good)
        names = [f"c{position}" for position in range(width)]
        if not len(at):
            return pl.DataFrame(schema={"source_row": pl.Int32} | dict.fromkeys(names, pl.String)), at
        data = _line_feeds(scan.select(self._data, self._records, good))
        parsed = cells.blanks_as_null(self._engine(data, int(self._records.fields[good].max())))
        if parsed.height != len(at):
            raise UnreadableFile(
                "rows_disagree",
                f"Hai cách đếm dòng cho kết quả khác nhau ({parsed.height} và {len(at)}); có thể dấu ngoặc kép bị "
                "lệch, hãy xuất lại tệp / two readers disagree on the number of rows: check the quotes.",
            )
        rows = parsed.insert_column(0, pl.Series("source_row", at + self._before + 1, dtype=pl.Int32))
        beyond = rows.columns[width + 1 :]
        overfull = rows.select(pl.any_horizontal(pl.col(beyond).is_not_null())).to_series() if beyond else None
        if overfull is None or not overfull.any():
            return rows.select("source_row", *names), at[:0]
        return rows.filter(~overfull).select("source_row", *names), at[overfull.to_numpy()]

    def _engine(self, data: bytes, widest: int) -> pl.DataFrame:
        # The engine takes no more columns than the first line has.
        widest_line = self._delimiter.join(['""'] * widest).encode() + b"\n"
        return pl.read_csv(
            io.BytesIO(widest_line + data),
            has_header=False,
            separator=self._delimiter,
            quote_char='"',
            infer_schema=False,
            truncate_ragged_lines=True,
            schema={f"c{position}": pl.String for position in range(widest)},
        ).slice(1)

    def _rejected(self, code: str, mask: npt.NDArray[np.bool_], width: int) -> pl.DataFrame:
        index = np.flatnonzero(mask)
        if not len(index):
            return cells.no_rejected()
        message = {
            "nul_byte": "Dòng có byte NUL; hãy xuất lại tệp / the row holds a NUL byte.",
            "row_too_long": "Dòng dài hơn 1 MB; có thể thiếu dấu ngoặc kép đóng / the row is over 1 MB.",
            "ragged_row": f" ô, dòng tiêu đề có {width} ô; hãy kiểm tra dấu phân cách và dấu ngoặc kép "
            "/ the row has another number of cells than the header.",
        }[code]
        rows = cells.refused_rows(pl.Series(index + self._before + 1), code, message)
        if code == "ragged_row":
            counts = pl.Series("n", self._records.fields[index]).cast(pl.String)
            rows = rows.with_columns(message=pl.lit("Dòng có ") + counts + pl.col("message"))
        return rows

    def _refuse_unclosed(self) -> None:
        if self._records.unclosed:
            line = self._before + len(self._records)
            raise UnreadableFile(
                "unclosed_quote",
                f"Dấu ngoặc kép mở ở dòng {line} không được đóng; hãy sửa dòng đó rồi nạp lại "
                f"/ a quote opened in row {line} is never closed.",
            )

    def _text(self, index: int) -> str:
        start, end = int(self._records.starts[index]), int(self._records.ends[index])
        # A header is short; a torn row need not be shown whole.
        return self._data[start : min(end, start + 100_000)].decode("utf-8", errors="replace")


def _row(text: str, delimiter: str) -> list[str | None]:
    row = next(csv.reader([text.replace("\x00", "")], delimiter=delimiter), [])
    return [cell if cell.strip() else None for cell in row]


def _delimiter(data: bytes) -> str:
    """The delimiter that cuts most of the first rows into the same number (two or more) of cells."""
    sample = data[: 64_000 if len(data) > 64_000 else len(data)]
    best, best_score = ",", 0
    for candidate in DELIMITERS:
        records = scan.scan(sample, candidate)
        fields = records.fields[~records.blank][:_SAMPLED_RECORDS]
        if not len(fields):
            continue
        values, counts = np.unique(fields[fields > 1], return_counts=True)
        score = int((counts * values).max()) if len(values) else 0
        if score > best_score:
            best, best_score = candidate, score
    return best


def _line_feeds(data: bytes) -> bytes:
    """Line ends as LF: the engine knows no lone CR."""
    if b"\r" in data.replace(b"\r\n", b""):
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data
