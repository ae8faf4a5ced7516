"""Writes a sheet's rows column by column, as XML text made by Polars, into a workbook that has all else.

xlsxwriter takes cells one by one, which for 730,000 records takes minutes. It makes the workbook with one row of every
style in its list; this module puts the real rows in that row's place, in the form that xlsxwriter writes itself in its
constant-memory mode (inline strings).
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

import polars as pl
from xlsxwriter.utility import xl_col_to_name

from pipelines.report.workbook.styles import within_a_cell

BATCH_ROWS = 20_000
"""Rows made at a time: some 20 MB of text."""
LEVEL = 1
"""zlib's: of text that repeats this much higher levels save a tenth for twice the time."""

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
"""Letters that XML cannot hold."""
_STYLE = re.compile(r'<c r="[A-Z]+\d+"(?: s="(\d+)")?')


def put_rows(template: IO[bytes], target: Path, sheet: str, first: int, rows: Sequence[pl.DataFrame]) -> None:
    """Writes the workbook `target`: the template, the row number `first` of the part `sheet` replaced by the rows.

    Shape: `rows` are frames of text in the sheet's order, with the column `height` (points) first; number and styles of
    cells are those of the replaced row.
    """
    with (
        zipfile.ZipFile(template) as made,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as book,
    ):
        for entry in made.infolist():
            plain = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            plain.compress_type, plain.external_attr = zipfile.ZIP_DEFLATED, entry.external_attr
            with book.open(plain, "w") as part:
                if entry.filename == sheet:
                    for piece in _with_rows(made.read(entry).decode("utf-8"), first, rows):
                        part.write(piece)
                else:
                    part.write(made.read(entry))


def _with_rows(xml: str, first: int, rows: Sequence[pl.DataFrame]) -> Iterable[bytes]:
    found = re.search(rf'<row r="{first}".*?</row>', xml, re.DOTALL)
    assert found is not None, "the template has no row of styles"
    styles = [style or "0" for style in _STYLE.findall(found[0])]
    last = first - 1 + sum(frame.height for frame in rows)
    corner = f"{xl_col_to_name(len(styles) - 1)}{max(last, first - 1)}"
    before = re.sub(r'<dimension ref="[^"]*"/>', f'<dimension ref="A1:{corner}"/>', xml[: found.start()])
    yield before.encode()
    for frame in rows:
        for batch in frame.iter_slices(BATCH_ROWS):
            yield xml_rows(batch, first, styles).encode()
            first += batch.height
    yield xml[found.end() :].encode()


def xml_rows(rows: pl.DataFrame, first: int, styles: Sequence[str]) -> str:
    """The rows as XML elements, numbered from `first`; the first column is their height in points."""
    height, *cells = within_a_cell(rows).get_columns()
    number = pl.int_range(first, first + rows.height, eager=True).cast(pl.String).alias("number")
    texts = [escaped(cell).alias(f"c{place}") for place, cell in enumerate(cells)]
    each = [_cell(text, place, style) for place, (text, style) in enumerate(zip(texts, styles, strict=True))]
    row = pl.concat_str(pl.format('<row r="{}" ht="{}" customHeight="1">', "number", "height"), *each, pl.lit("</row>"))
    made: str = pl.DataFrame([number, height.alias("height"), *texts]).select(row.str.join("")).item()
    return made


def _cell(text: pl.Series, place: int, style: str) -> pl.Expr:
    """An element of a cell; one without text has its style only."""
    begin = f'<c r="{xl_col_to_name(place)}'
    empty = pl.format(begin + '{}" s="' + style + '"/>', "number")
    if text.null_count() == text.len():
        return empty
    kept = ' xml:space="preserve"' if text.str.contains(r"^\s|\s$").any() else ""
    full = pl.format(
        begin + '{}" s="' + style + f'" t="inlineStr"><is><t{kept}>' + "{}</t></is></c>", "number", text.name
    )
    return full if not text.null_count() else pl.when(pl.col(text.name).is_null()).then(empty).otherwise(full)


def escaped(text: pl.Series) -> pl.Series:
    """The text as XML holds it; letters that XML cannot hold, and what Excel would read as one, as `_x0001_`."""
    if text.str.contains("_x[0-9a-fA-F]{4}_").any():
        text = text.str.replace_all("_(x[0-9a-fA-F]{4}_)", "_x005F_${1}")
    if text.str.contains("[&<>]").any():
        text = text.str.replace_all("&", "&amp;", literal=True)
        text = text.str.replace_all("<", "&lt;", literal=True).str.replace_all(">", "&gt;", literal=True)
    if text.str.contains(_CONTROL).any():
        kinds = text.str.extract_all(_CONTROL).list.explode().drop_nulls().unique().sort()
        for letter in kinds:
            text = text.str.replace_all(letter, f"_x{ord(letter):04X}_", literal=True)
    return text
