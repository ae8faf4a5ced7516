"""Writes a sheet's rows column by column, as XML text made by Arrow, into a workbook that has all else.

xlsxwriter takes cells one by one, which for 730,000 records takes minutes. It makes the workbook with one row of every
style where a table stands; this module puts the table's rows in that row's place, in the form that xlsxwriter writes
itself in its constant-memory mode (inline strings).
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import polars as pl
import pyarrow
from pyarrow import compute
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from pipelines.report.workbook.styles import within_a_cell

BATCH_ROWS = 20_000
"""Rows made at a time: some 20 MB of text."""
LEVEL = 1
"""zlib's: of text that repeats this much higher levels save a tenth for twice the time."""

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
"""Letters that XML cannot hold."""
_LIKE_CONTROL = "_x[0-9a-fA-F]{4}_"
_NOT_PLAIN = rf"[&<>]|{_CONTROL}|{_LIKE_CONTROL}"
_STYLE = re.compile(r'<c r="[A-Z]+\d+"(?: s="(\d+)")?')
_DIMENSION = re.compile(r'(?<=<dimension ref=")A1:([A-Z]+)(\d+)(?="/>)')


class Block(NamedTuple):
    """Rows of one table that are yet to be put into the workbook."""

    part: str
    """Name of the sheet's part in the file."""
    first: int
    """Number of the first row, counted from 1; in the template the row of styles."""
    rows: pl.DataFrame
    """The column `height` (points), then the cells' texts or whole numbers in the sheet's order."""

    @property
    def end(self) -> int:
        """The next free row, counted from 0."""
        return self.first - 1 + self.rows.height


def block(sheet: Worksheet, row: int, styles: Sequence[Format], rows: pl.DataFrame) -> Block:
    """The rows that are to stand from `row` (counted from 0) on; writes their row of styles into the template."""
    for column, style in enumerate(styles):
        sheet.write_blank(row, column, None, style)
    return Block(f"xl/worksheets/sheet{sheet.index + 1}.xml", row + 1, rows)


def put_rows(template: IO[bytes], target: Path, blocks: Sequence[Block]) -> None:
    """Writes the workbook `target`: the template with the blocks (those of a sheet from above) in their places."""
    with (
        zipfile.ZipFile(template) as made,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as book,
    ):
        for entry in made.infolist():
            plain = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            plain.compress_type, plain.external_attr = zipfile.ZIP_DEFLATED, entry.external_attr
            ours = [each for each in blocks if each.part == entry.filename]
            with book.open(plain, "w") as part:
                for piece in _with_rows(made.read(entry).decode("utf-8"), ours) if ours else [made.read(entry)]:
                    part.write(piece)


def _with_rows(xml: str, blocks: Sequence[Block]) -> Iterator[bytes | memoryview]:
    xml = _DIMENSION.sub(lambda found: _dimension(found, blocks[-1]), xml, count=1)
    for each in blocks:
        found = re.search(rf'<row r="{each.first}".*?</row>', xml, re.DOTALL)
        assert found is not None, "the template has no row of styles"
        yield xml[: found.start()].encode()
        styles = [style or "0" for style in _STYLE.findall(found[0])]
        yield from xml_rows(each.rows, each.first, styles)
        xml = xml[found.end() :]
    yield xml.encode()


def _dimension(found: re.Match[str], last: Block) -> str:
    """The sheet's cells from the first to the last one, once the last block stands there."""
    end = int(found[2])
    return f"A1:{found[1]}{end if end > last.first else last.first - 1 + last.rows.height}"


def xml_rows(rows: pl.DataFrame, first: int, styles: Sequence[str]) -> Iterator[memoryview]:
    """The rows as XML elements, numbered from `first`, some thousands at a time. Shape: `rows` as in a block."""
    texts = pl.selectors.string()
    rows = within_a_cell(rows)
    found = rows.select(
        (texts.str.contains(_NOT_PLAIN) | (texts == "")).any().name.prefix("odd "),
        (texts.str.strip_chars() != texts).any().name.prefix("spaced "),
    ).row(0, named=True)
    rows = rows.with_columns(escaped(rows[name]) for name in rows.columns if found.get(f"odd {name}"))
    for batch in rows.iter_slices(BATCH_ROWS) if rows.height else ():
        number = _text(pyarrow.array(np.arange(first, first + batch.height)))
        height, *cells = (_text(column.to_arrow()) for column in batch.get_columns())
        row = [_same('<row r="'), number, _same('" ht="'), height, _same('" customHeight="1">')]
        for place, (cell, style, name) in enumerate(zip(cells, styles, rows.columns[1:], strict=True)):
            row += [_same(f'<c r="{xl_col_to_name(place)}'), number]
            row += _cell(cell, f'" s="{style}"', rows.schema[name] == pl.String, found.get(f"spaced {name}", False))
        # Polars' own concat_str takes five times as long. What comes last stands between two parts.
        made = compute.binary_join_element_wise(
            *row, _same("</row>"), _same(""), null_handling="replace", null_replacement=""
        )
        # The rows lie one behind the other already.
        yield memoryview(made.buffers()[2])[: compute.sum(compute.binary_length(made)).as_py()]
        first += batch.height


def _same(text: str) -> pyarrow.Scalar:
    return pyarrow.scalar(text, pyarrow.large_string())


def _text(column: pyarrow.Array) -> pyarrow.Array:
    return column.cast(pyarrow.large_string())


def _cell(cell: pyarrow.Array, style: str, is_text: bool, is_spaced: bool) -> list[pyarrow.Scalar | pyarrow.Array]:
    """What follows a cell's address: its style, and its text or number where it has one (else they are null)."""
    if cell.null_count == len(cell):
        return [_same(style + "/>")]
    begin, end = (' t="inlineStr"><is><t>', "</t></is></c>") if is_text else ("><v>", "</v></c>")
    if not cell.null_count and not is_spaced:
        return [_same(style + begin), cell, _same(end)]
    begins = compute.if_else(cell.is_valid(), _same(begin), _same("/>"))
    if is_spaced:
        has_edges = compute.fill_null(compute.not_equal(compute.utf8_trim_whitespace(cell), cell), False)
        begins = compute.if_else(has_edges, _same(begin[:-1] + ' xml:space="preserve">'), begins)
    return [_same(style), begins, cell, compute.if_else(cell.is_valid(), _same(end), _same(""))]


def escaped(text: pl.Series) -> pl.Series:
    """The text as XML holds it, null where it is empty; letters that XML cannot hold, and what Excel would read as one,
    as `_x0001_`.
    """
    text = text.set(text == "", None)
    text = text.str.replace_all(f"_({_LIKE_CONTROL[1:]})", "_x005F_${1}")
    text = text.str.replace_all("&", "&amp;", literal=True)
    text = text.str.replace_all("<", "&lt;", literal=True).str.replace_all(">", "&gt;", literal=True)
    for letter in text.str.extract_all(_CONTROL).list.explode().drop_nulls().unique().sort():
        text = text.str.replace_all(letter, f"_x{ord(letter):04X}_", literal=True)
    return text
