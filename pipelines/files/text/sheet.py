"""Reads text files: CSV with any usual delimiter and encoding, a bounded part at a time."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.errors import UnreadableFile
from pipelines.files import sheet as cells
from pipelines.files.sheet import SEARCHED_ROWS, Note
from pipelines.files.text import cell_parser, dialect, encoding, record_scanner
from pipelines.files.text.record_scanner import Records

_WHOLE, _BROKEN = -1, -2


def cut_rows(
    parts: Iterable[Records], widths: frozenset[int], width: int
) -> Iterator[tuple[Records, npt.NDArray[np.bool_]]]:
    """Each part, and which of its rows are shorter than the header only because they were cut."""
    last = _WHOLE
    held: tuple[Records, npt.NDArray[np.int64]] | None = None
    for records in parts:
        cells = _cells(records, widths, width)
        if held is not None:
            yield held[0], _cut(held[1], last, int(cells[0]), width)
            last = int(held[1][-1])
        held = records, cells
    if held is not None:
        yield held[0], _cut(held[1], last, _WHOLE, width)


def _cells(records: Records, widths: frozenset[int], width: int) -> npt.NDArray[np.int64]:
    """The number of cells of rows that may have been cut; _WHOLE for complete and blank rows, _BROKEN for others."""
    may_be_cut = np.isin(records.fields, [each for each in widths if 2 <= each < width])
    broken = records.torn | records.too_long | records.has_nul
    cells = np.where(records.fields >= width, _WHOLE, np.where(may_be_cut, records.fields, _BROKEN))
    cells = np.where(records.blank, _WHOLE, np.where(broken, _BROKEN, cells))
    return cells


def _cut(cells: npt.NDArray[np.int64], before: int, after: int, width: int) -> npt.NDArray[np.bool_]:
    cut: npt.NDArray[np.bool_] = cells > 0
    for neighbour in (np.append(before, cells[:-1]), np.append(cells[1:], after)):
        cut = cut & (neighbour != _BROKEN) & (cells + neighbour - 1 != width)
    return cut


SPARE_CELLS = 50
"""Most empty cells behind the last header that are ignored (Excel leaves them)."""
COLUMNS_LIMIT = 16_384
"""Most columns of a header, Excel's limit; a longer row is no header."""
_SAMPLE_BYTES = 256_000
_SIGNS = dialect.USUAL + '" '


def sheets(path: Path) -> Iterator[cells.Sheet]:
    """The one table of a text file. Errors: UnreadableFile if it is no text or has no rows."""
    sheet = DelimitedSheet(encoding.recognise(path))
    if not any(cell and cell.strip(_SIGNS) for row in sheet.head for cell in row) and len(sheet.head) < SEARCHED_ROWS:
        raise UnreadableFile("empty_file", "Tệp không có chữ nào; hãy xuất lại từ phần mềm nguồn / the file is empty.")
    yield sheet


class DelimitedSheet:
    """The one sheet of a text file; each method reads the file anew."""

    name = ""
    number = 1
    hidden = False
    notes: Sequence[Note]
    merged: Sequence[cells.Merge] = ()
    head: Sequence[Sequence[str | None]]
    head_rows: Sequence[int]

    def __init__(self, text: encoding.Text, part_bytes: int = record_scanner.PART_BYTES) -> None:
        self.encoding, self.notes = text.encoding, text.notes
        self._text, self._part_bytes = text, part_bytes
        self._layout = dialect.recognise(_beginning(text.blocks()))
        self.delimiter = self._layout.delimiter
        self.head_rows, self.head = self._head()

    def parts(self, header_row: int, width: int) -> Iterator[cells.Chunk]:
        """The rows below the header, in parts of some megabytes; a row that cannot be taken apart is rejected."""
        found = False
        for records, cut in cut_rows(self._records(), self._layout.widths, width):
            taken = (records.rows > header_row) & ~records.blank
            if taken.any():
                found = True
                yield self._part(records, taken, cut, width)
        if not found:
            schema = {"source_row": pl.Int32} | {f"c{position}": pl.String for position in range(width)}
            yield cells.Chunk(pl.DataFrame(schema=schema), cells.no_rejected(), 0)

    def filled_rows(self, header_row: int) -> Iterator[pl.Series]:
        """Rows below the header that are not blank, counted on the bytes."""
        for records in self._records():
            yield pl.Series(records.rows[(records.rows > header_row) & ~records.blank])

    def _records(self, part_bytes: int | None = None) -> Iterator[Records]:
        layout = self._layout
        return record_scanner.scan(self._text.blocks(), layout.delimiter, layout.widths, part_bytes or self._part_bytes)

    def _head(self) -> tuple[Sequence[int], Sequence[Sequence[str | None]]]:
        rows: list[int] = []
        texts: list[Sequence[str | None]] = []
        for records in self._records(min(self._part_bytes, _SAMPLE_BYTES)):
            filled = np.flatnonzero(~records.blank)[: SEARCHED_ROWS - len(rows)]
            rows += records.rows[filled].tolist()
            texts += self._head_cells(records, filled)
            if len(rows) == SEARCHED_ROWS:
                break
        return rows, texts

    def _head_cells(self, records: Records, filled: npt.NDArray[np.int64]) -> Iterator[Sequence[str | None]]:
        """Each row as wide as it is; one without a cell where there are too many."""
        shown = ~records.too_long[filled] & (records.fields[filled] <= COLUMNS_LIMIT)
        fields = records.fields[filled]
        widest = int(fields[shown].max(initial=1))
        texts = cell_parser.parse(records, filled[shown], self._layout.delimiter, widest).text
        found = iter(cells.blanks_as_null(texts).rows())
        for is_shown, width in zip(shown.tolist(), fields.tolist(), strict=True):
            yield next(found)[:width] if is_shown else ()

    def _part(
        self, records: Records, taken: npt.NDArray[np.bool_], cut: npt.NDArray[np.bool_], width: int
    ) -> cells.Chunk:
        faults = _faults(records, taken, cut, width)
        good = np.flatnonzero(taken & ~np.logical_or.reduce(list(faults.values())))
        widest = int(records.fields[good].max(initial=width))
        found = cell_parser.parse(records, good, self._layout.delimiter, widest)
        texts = cells.blanks_as_null(found.text)
        beyond = texts.columns[width:]
        overfull = (
            texts.select(pl.any_horizontal(pl.col(beyond).is_not_null())).to_series().to_numpy()
            if beyond
            else ~found.agrees
        )
        faults["ragged_row"][good[overfull & found.agrees]] = True
        faults["readers_disagree"] = np.zeros(len(records), dtype=bool)
        faults["readers_disagree"][good[~found.agrees]] = True
        keep = found.agrees & ~overfull
        rows = texts.select(texts.columns[:width])
        if not keep.all():
            rows = rows.filter(pl.Series(keep))
        rows = rows.insert_column(0, pl.Series("source_row", records.rows[good[keep]], dtype=pl.Int32))
        rejected = [_rejected(records, code, mask, width) for code, mask in faults.items() if mask.any()]
        return cells.Chunk(rows, pl.concat([cells.no_rejected(), *rejected]).sort("source_row"), int(taken.sum()))


def _beginning(blocks: Iterable[bytes]) -> bytes:
    """Whole lines from the text's beginning, some hundred kilobytes of them; less only where the text is shorter."""
    sample = b""
    for block in blocks:
        sample += block
        if len(sample) > _SAMPLE_BYTES:
            cut = max(sample.rfind(b"\n", 0, _SAMPLE_BYTES), sample.rfind(b"\r", 0, _SAMPLE_BYTES)) + 1
            return sample[: cut or _SAMPLE_BYTES]
    return sample


def _faults(
    records: Records, taken: npt.NDArray[np.bool_], cut: npt.NDArray[np.bool_], width: int
) -> dict[str, npt.NDArray[np.bool_]]:
    """Which rows have which fault; each row at most one."""
    faults, sound = {}, taken
    ragged = ((records.fields < width) & ~cut) | (records.fields > width + SPARE_CELLS)
    for code, mask in (
        ("row_too_long", records.too_long),
        ("nul_byte", records.has_nul),
        ("unclosed_quote", records.torn),
        ("ragged_row", ragged),
    ):
        faults[code] = sound & mask
        sound = sound & ~mask
    return faults


_MESSAGES = {
    "row_too_long": "Dòng dài hơn 1 MB; có thể thiếu dấu ngoặc kép đóng / the row is over 1 MB.",
    "nul_byte": "Dòng có byte NUL; hãy xuất lại tệp / the row holds a NUL byte.",
    "unclosed_quote": "Dấu ngoặc kép mở ở dòng này không được đóng đúng chỗ; hãy sửa dòng đó rồi nạp lại "
    "/ a quote opened in this row is not closed where it should be.",
    "readers_disagree": "Hai cách đọc dòng này cho kết quả khác nhau; hãy kiểm tra dấu ngoặc kép "
    "/ two readers disagree on this row: check its quotes.",
}


def _rejected(records: Records, code: str, mask: npt.NDArray[np.bool_], width: int) -> pl.DataFrame:
    rows = cells.refused_rows(pl.Series(records.rows[mask]), code, _MESSAGES.get(code, ""))
    if code != "ragged_row":
        return rows
    counts = pl.Series(records.fields[mask]).cast(pl.String)
    told = (
        f" ô, dòng tiêu đề có {width} ô; hãy kiểm tra dấu phân cách và dấu ngoặc kép "
        "/ the row has another number of cells than the header."
    )
    return rows.with_columns(message=pl.lit("Dòng có ") + counts + pl.lit(told))
