"""Writes a sheet's rows column by column, as XML text made by Arrow, into a workbook that has all else.

xlsxwriter takes cells one by one, which for 730,000 records takes minutes. It makes the workbook with one row of every
style where a table stands; this module puts the table's rows in that row's place. As xlsxwriter does it itself, a cell
has the number of its text in the workbook's shared strings, since most texts of a list stand in many of its rows.
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

_STRINGS = "xl/sharedStrings.xml"
"""Name of the part that has the texts."""

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
"""Letters that XML cannot hold."""
_LIKE_CONTROL = "_x[0-9a-fA-F]{4}_"
_NOT_PLAIN = rf"[&<>]|{_CONTROL}|{_LIKE_CONTROL}"
_STYLE = re.compile(r'<c r="[A-Z]+\d+"(?: s="(\d+)")?')
_COUNTED = {name: re.compile(rf'(?<= {name}=")\d+') for name in ("count", "uniqueCount")}
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
        strings = _Strings(made.read(_STRINGS).decode("utf-8"))
        # The texts come last: only then all of them are known.
        for entry in sorted(made.infolist(), key=lambda each: each.filename == _STRINGS):
            ours = [each for each in blocks if each.part == entry.filename]
            # By its name: a part has then the date 1980, and the book's level, which a ZipInfo of ours would not have.
            with book.open(entry.filename, "w") as part:
                if entry.filename == _STRINGS:
                    pieces = strings.xml()
                else:
                    xml = made.read(entry)
                    pieces = _with_rows(xml.decode("utf-8"), ours, strings) if ours else iter([xml])
                for piece in pieces:
                    part.write(piece)


class _Strings:
    """The workbook's shared strings: the template's, and those that are added."""

    def __init__(self, xml: str) -> None:
        self._xml = xml
        self._cells, self._texts = (int(_COUNTED[name].findall(xml)[0]) for name in ("count", "uniqueCount"))
        self._added: list[memoryview] = []

    def add(self, texts: pyarrow.Array, cells: int) -> pyarrow.Array:
        """The number of each text, which stands in so many `cells` all together. Null texts are added too, as empty."""
        spaced = compute.fill_null(compute.not_equal(compute.utf8_trim_whitespace(texts), texts), False)
        begins = compute.if_else(spaced, _same('<si><t xml:space="preserve">'), _same("<si><t>"))
        self._added.append(_bytes(_joined(begins, texts, "</t></si>")))
        numbers = np.arange(self._texts, self._texts + len(texts))
        self._texts, self._cells = self._texts + len(texts), self._cells + cells
        return _text(pyarrow.array(numbers))

    def xml(self) -> Iterator[bytes | memoryview]:
        """The part of the workbook that holds them."""
        begin, end = self._xml.removesuffix("</sst>"), "</sst>"
        for name, number in (("count", self._cells), ("uniqueCount", self._texts)):
            begin = _COUNTED[name].sub(str(number), begin, count=1)
        yield begin.encode()
        yield from self._added
        yield end.encode()


def _with_rows(xml: str, blocks: Sequence[Block], strings: _Strings) -> Iterator[bytes | memoryview]:
    xml = _DIMENSION.sub(lambda found: _dimension(found, blocks[-1]), xml, count=1)
    for each in blocks:
        found = re.search(rf'<row r="{each.first}".*?</row>', xml, re.DOTALL)
        assert found is not None, "the template has no row of styles"
        yield xml[: found.start()].encode()
        styles = [style or "0" for style in _STYLE.findall(found[0])]
        yield from _xml_rows(each.rows, each.first, styles, strings)
        xml = xml[found.end() :]
    yield xml.encode()


def _dimension(found: re.Match[str], last: Block) -> str:
    """The sheet's cells from the first to the last one, once the last block stands there."""
    end = int(found[2])
    return f"A1:{found[1]}{end if end > last.first else last.first - 1 + last.rows.height}"


def _xml_rows(rows: pl.DataFrame, first: int, styles: Sequence[str], strings: _Strings) -> Iterator[memoryview]:
    """The rows as XML elements, numbered from `first`, some thousands at a time. Shape: `rows` as in a block.

    Between a row's pieces stands nothing but its number: `<row r="`, 7, `" ht="15" customHeight="1"><c r="A`, 7, …
    """
    height, *cells = within_a_cell(rows).get_columns()
    begins = [f'<c r="{xl_col_to_name(place)}' for place in range(len(cells))]
    parts = [_heights(height, begins[0])]
    for column, style, then in zip(cells, styles, [*begins[1:], "</row>"], strict=True):
        parts.append(_cells(column, f'" s="{style}"', then, strings))
    for at in range(0, rows.height, BATCH_ROWS):
        codes = [part.codes.slice(at, BATCH_ROWS) for part in parts]
        numbers = _text(pyarrow.array(np.arange(first + at, first + at + len(codes[0]))))
        pieces = [part.pieces.take(code) for part, code in zip(parts, codes, strict=True)]
        # Polars' own concat_str takes five times as long.
        yield _bytes(compute.binary_join_element_wise(_same('<row r="'), *pieces, numbers))


class _Part(NamedTuple):
    """What stands between two of a row's numbers, of all rows."""

    codes: pyarrow.Array
    """Of each row its piece's place."""
    pieces: pyarrow.Array
    """Each piece once."""


def _heights(column: pl.Series, then: str) -> _Part:
    found = column.to_arrow().dictionary_encode()
    return _Part(found.indices, _joined('" ht="', _text(found.dictionary), f'" customHeight="1">{then}'))


def _cells(column: pl.Series, style: str, then: str, strings: _Strings) -> _Part:
    """The cells of a column, from behind a cell's address to the next one's: what stands in many is worked out once."""
    found = column.to_arrow().dictionary_encode(null_encoding="encode")
    if column.dtype == pl.String:
        values = _text(_escaped_where_odd(found.dictionary))
        numbers = strings.add(values, len(column) - column.null_count())
        full = _joined(f'{style} t="s"><v>', numbers, f"</v></c>{then}")
    else:
        values = _text(found.dictionary)
        full = _joined(f"{style}><v>", values, f"</v></c>{then}")
    return _Part(found.indices, compute.if_else(values.is_valid(), full, _same(f"{style}/>{then}")))


def _joined(*parts: str | pyarrow.Scalar | pyarrow.Array) -> pyarrow.Array:
    """The parts one behind the other; a null is nothing."""
    told = (_same(part) if isinstance(part, str) else part for part in parts)
    return compute.binary_join_element_wise(*told, _same(""), null_handling="replace", null_replacement="")


def _bytes(texts: pyarrow.Array) -> memoryview:
    """All texts, which lie one behind the other already. Texts that were just made: not a slice of others."""
    return memoryview(texts.buffers()[2])[: compute.sum(compute.binary_length(texts)).as_py() or 0]


def _same(text: str) -> pyarrow.Scalar:
    return pyarrow.scalar(text, pyarrow.large_string())


def _text(column: pyarrow.Array) -> pyarrow.Array:
    return column.cast(pyarrow.large_string())


def _escaped_where_odd(values: pyarrow.Array) -> pyarrow.Array:
    texts = pl.Series(values=values, dtype=pl.String)
    return escaped(texts).to_arrow() if ((texts == "") | texts.str.contains(_NOT_PLAIN)).any() else values


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
