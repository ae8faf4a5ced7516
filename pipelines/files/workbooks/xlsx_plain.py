"""Surveys XLSX sheets written the usual way many rows at once; any unusual sheet is left to the walk.

Usual is what Excel, LibreOffice, xlsxwriter and openpyxl write: no prefixes, comments or CDATA, an address for each
cell, and every byte of every row must be as `_ROW` says. It takes a third of the time of the walk.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import IO

import polars as pl

from pipelines.files.workbooks import xlsx_hidden
from pipelines.files.workbooks.survey import LAST_COLUMN, LAST_ROW, Survey
from pipelines.files.workbooks.xlsx_cells import COLUMNS, EXACT_DIGITS, reference

_BLOCK_BYTES = 2**23
_LONGEST_BYTES = 2**26
"""Of a row, and of what stands before and behind the rows."""
_MOST_BLANK_TEXTS = 1000

_TEXT = r"(?:[^<&]|&(?:amp|lt|gt|quot|apos);)"
_FORMULA = r"(?:<f[^<>]*>[^<]*</f>|<f[^<>]*/>)"
_INLINE = rf"<is><t[^<>]*>{_TEXT}*</t></is>"
_CELL = (
    r'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]+")?(?: t="(?:s|n|b|str|inlineStr)")?'
    rf"(?:/>|>(?:{_FORMULA}<v>{_TEXT}+</v>|<v>{_TEXT}*</v>|<v ?/>|{_INLINE})</c>)"
)
_ROW = rf'^\s*(?:<row [^<>]*/>\s*)*<row [^<>]*r="[0-9]+"[^<>]*>(?:{_CELL})*$'
_VALUED = rf"<c [^<>]*[^</>]>{_FORMULA}?<(?:v|is><t[^<>]*)>[^<]*"
_PARTS_OF_CELL = (
    r'^<c r="(?<letters>[A-Z]+)(?<row>[0-9]+)"(?: s="(?<style>[0-9]+)")?(?: t="(?<kind>[A-Za-z]+)")?>'
    rf"{_FORMULA}?<(?:v|is><t[^<>]*)>(?<value>[^<]*)$"
)
_OPENED = r"<row ([^<>]*[^<>/])>"
_BEFORE = re.compile(r"<(sheetFormatPr|col) ([^<>]*)>")
_ATTRIBUTE = re.compile(r'([A-Za-z0-9]+)="([^"]*)"')
_MERGE = re.compile(rb'<mergeCell ref="([A-Z0-9:$]+)"/>')


def survey(stream: IO[bytes], blank_texts: Collection[str], digits: Mapping[str, int]) -> Survey | None:
    """The survey of the sheet, as the walk would make it; None if the walk is needed.

    `blank_texts`: indexes of shared strings without a visible character; `digits`: by cell style.
    Errors: UnreadableFile if the sheet reaches too far.
    """
    if len(blank_texts) > _MOST_BLANK_TEXTS:
        return None
    found = Survey()
    try:
        for text, is_rows in _pieces(stream):
            if not (_take_rows(found, text, blank_texts, digits) if is_rows else _take_around(found, text)):
                return None
    except (UnicodeDecodeError, _Unusual):
        return None
    return found


class _Unusual(Exception):
    pass


def _pieces(stream: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """What stands before the rows, the rows some at a time, and what stands behind them."""
    start, rest = _until(stream, b"", b"<sheetData>")
    yield start, False
    while b"</sheetData>" not in rest:
        rows, found, rest = rest.rpartition(b"</row>")
        if rows:
            yield rows + found, True
        block = stream.read(_BLOCK_BYTES)
        if not block or len(rest) > _LONGEST_BYTES:
            raise _Unusual
        rest += block
    rows, _, rest = rest.partition(b"</sheetData>")
    if rows.strip():
        yield rows, True
    end = rest + stream.read(_LONGEST_BYTES)
    if not end.rstrip().endswith(b"</worksheet>"):
        raise _Unusual
    yield end, False


def _until(stream: IO[bytes], data: bytes, mark: bytes) -> tuple[bytes, bytes]:
    while mark not in data:
        block = stream.read(_BLOCK_BYTES)
        if not block or len(data) > _LONGEST_BYTES:
            raise _Unusual
        data += block
    before, _, after = data.partition(mark)
    return before, after


def _take_around(found: Survey, text: bytes) -> bool:
    if b"<!" in text or b"<row" in text or b"<c " in text or b"UTF-16" in text:
        return False
    merges = _MERGE.findall(text)
    if len(merges) != text.count(b"<mergeCell "):
        return False
    for merge in merges:
        first, _, last = merge.decode().partition(":")
        (first_row, first_column), (last_row, last_column) = reference(first), reference(last or first)
        found.merges.append((first_row, last_row, first_column, last_column))
    return _take_columns(found, text.decode())


def _take_columns(found: Survey, text: str) -> bool:
    elements = _BEFORE.findall(text)
    if len(elements) != text.count("<sheetFormatPr") + text.count("<col "):
        return False
    columns = xlsx_hidden.Columns(found)
    for element, attributes in elements:
        take = columns.take_columns if element == "col" else columns.take_format
        take(dict(_ATTRIBUTE.findall(attributes)))
    return True


def _take_rows(found: Survey, text: bytes, blank_texts: Collection[str], digits: Mapping[str, int]) -> bool:
    rows = pl.Series([text.decode()]).str.split("</row>").explode()
    rows, last = rows.head(rows.len() - 1), rows[-1]
    if last.strip() or not rows.str.contains(_ROW).all():
        return False
    cells = _valued(rows)
    if cells is None:
        return False
    if cells.height:
        found.last_row = max(found.last_row, int(cells["row"].max()))  # type: ignore[arg-type]
        found.last_column = max(found.last_column, int(cells["column"].max()))  # type: ignore[arg-type]
        found.refuse_too_wide()
    shared_blank = (pl.col("kind") == "s") & pl.col("value").is_in(list(blank_texts))
    filled = cells.filter(pl.col("value").str.contains(r"\S") & ~shared_blank.fill_null(False))
    counts = filled.group_by("row", maintain_order=True).len()
    found.rows.extend(counts["row"].to_list())
    found.counts.extend(counts["len"].to_list())
    _take_hidden(found, rows, counts["row"])
    for column, count in filled.group_by("column", maintain_order=True).len().rows():
        found.columns[column] = found.columns.get(column, 0) + count
    _take_shown(found, filled, digits)
    return True


def _take_hidden(found: Survey, rows: pl.Series, filled: pl.Series) -> None:
    opened = rows.str.extract(_OPENED)
    hidden = opened.filter(opened.str.contains(xlsx_hidden.HIDDEN_ROW).fill_null(False))
    numbers = hidden.str.extract(r'\br="([0-9]+)"').cast(pl.Int64)
    found.hidden_rows.extend(filled.filter(filled.is_in(numbers.implode())).to_list())


def _valued(rows: pl.Series) -> pl.DataFrame | None:
    """`row, column, style, kind, value` of the cells that are not empty; None if one has no real address."""
    cells = rows.str.extract_all(_VALUED).explode().drop_nulls()
    parts = cells.str.extract_groups(_PARTS_OF_CELL).struct.unnest()
    known = pl.DataFrame({"letters": list(COLUMNS), "column": list(COLUMNS.values())})
    places = parts.with_columns(pl.col("row").cast(pl.Int64)).join(
        known, on="letters", how="left", maintain_order="left"
    )
    unreal = pl.col("column").is_null() | ~pl.col("row").is_between(1, LAST_ROW)
    return None if places.select(unreal.any()).item() else places


def _take_shown(found: Survey, cells: pl.DataFrame, digits: Mapping[str, int]) -> None:
    """Whole numbers as people see them: with the zeros of their format, and with more digits than a double keeps."""
    value = pl.col("value").str.strip_suffix(".0")
    is_number = pl.col("kind").is_null() | (pl.col("kind") == "n")
    numbers = cells.filter(is_number & pl.col("value").str.contains(r"^[0-9]+(\.0)?$")).select(
        (pl.col("row") * LAST_COLUMN + pl.col("column") - 1).alias("at"),
        pl.col("style").fill_null("0"),
        value.alias("short"),
        "value",
    )
    least = pl.lit(0) if not digits else pl.col("style").replace_strict(dict(digits), default=0, return_dtype=pl.Int64)
    padded = pl.col("short").str.len_bytes() < pl.col("least")
    longest = (pl.col("value").str.len_bytes() > EXACT_DIGITS) & ~pl.col("value").str.ends_with(".0")
    shown = numbers.with_columns(least.alias("least")).filter(padded | longest)
    for (least_digits,), some in sorted(shown.partition_by("least", as_dict=True, maintain_order=True).items()):
        found.shown_at.extend(some["at"].to_list())
        found.shown.extend(some["short"].str.zfill(max(least_digits, 1)).to_list())
