"""Text files: CSV with any usual delimiter and encoding."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.errors import BadInput, UnreadableFile
from pipelines.read import cells, formats, scan
from pipelines.read.encoding import is_utf8, to_utf8
from pipelines.read.headers import SEARCHED_ROWS

DELIMITERS = ",;\t|"
ROW_LIMIT_BYTES = 1_000_000
"""A longer row is rejected: it is a torn file or an attack, and engines drop it in silence."""
_SAMPLED_RECORDS = 200
_SPARE_CELLS = 50
"""Empty cells behind the last header are harmless (Excel leaves them) up to this many."""


def sheets(path: Path) -> Iterator[cells.Cells]:
    """The one table of a text file. Errors: UnreadableFile if it is no text or has no rows."""
    data, encoding = to_utf8(path.read_bytes())
    if not data.strip(b'\r\n\t ,;|"'):
        raise _empty()
    yield DelimitedCells(data, encoding)


def slices(path: Path, piece_bytes: int = 64_000_000) -> Iterator[cells.Cells]:
    """The one table of a text file, some rows at a time; whole if it is not in UTF-8. Errors as `sheets`, later."""
    if not is_utf8(path):
        formats.refuse_large(path)
        yield from sheets(path)
        return
    first = None
    before = 0
    for data in _pieces(path, piece_bytes):
        piece = DelimitedCells(data, "utf-8", first, before)
        if first is None:
            if not piece.head:
                raise _empty()
            first = piece
        before += piece.records
        yield piece


def _pieces(path: Path, size: int) -> Iterator[bytes]:
    """The file's bytes in parts that end with a row: at a line feed outside quotes."""
    with path.open("rb") as file:
        held = file.read(size).removeprefix(codecs.BOM_UTF8)
        while held:
            following = file.read(size)
            end = _last_row_end(held) if following else len(held)
            if end:
                yield held[:end]
            held = held[end:] + following


def _last_row_end(data: bytes) -> int:
    """Behind the last line feed that is outside quotes, 0 if there is none; `data` begins outside quotes."""
    end = len(data)
    quotes = data.count(b'"')
    while True:
        at = data.rfind(b"\n", 0, end) + 1
        quotes -= data.count(b'"', at, end)
        if not at or quotes % 2 == 0:
            return at
        end = at - 1


def _empty() -> UnreadableFile:
    return UnreadableFile("empty_file", "Tệp không có chữ nào; hãy xuất lại từ phần mềm nguồn / the file is empty.")


class DelimitedCells:
    """The one sheet of a text file, or a part of it."""

    sheet = ""
    sheet_number = 1
    head: Sequence[Sequence[str | None]]
    head_rows: Sequence[int]
    _delimiter: str

    def __init__(self, data: bytes, encoding: str, first: "DelimitedCells | None" = None, before: int = 0) -> None:
        """`first` is the part with the header, `before` the rows in all parts before this one."""
        self.encoding = encoding
        self._data = data
        self._before = before
        self._delimiter = first._delimiter if first else _delimiter(data)
        self._records = scan.scan(data, self._delimiter)
        self.records = len(self._records)
        self._refuse_unclosed()
        self.head_rows, self.head = (first.head_rows, first.head) if first else self._head()

    def _head(self) -> tuple[Sequence[int], Sequence[Sequence[str | None]]]:
        filled = np.flatnonzero(~self._records.blank)[:SEARCHED_ROWS]
        return [int(index) + 1 for index in filled], [_row(self._text(index), self._delimiter) for index in filled]

    def body(self, header_row: int, width: int) -> cells.Body:
        """The rows below the header. A row with more filled cells than the header, or fewer cells, is rejected."""
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
        return cells.Body(rows=rows, rejected=pl.concat(rejected).sort("source_row"))

    def count_below(self, header_row: int) -> int:
        """Rows below the header that are not blank, counted on the bytes."""
        return int((~self._records.blank[max(0, header_row - self._before) :]).sum())

    def all_refused(self, header_row: int, refusal: BadInput) -> pl.DataFrame:
        """Every row below the header that is not blank, rejected for the same reason."""
        above = max(0, header_row - self._before)
        rows = pl.Series(np.flatnonzero(~self._records.blank[above:]) + self._before + above + 1)
        return cells.refused_rows(rows, refusal.code, str(refusal))

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
