"""Writes an XLSX file again with some of its cells changed and marked, every other part as it was."""

import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape, unescape

from xlsxwriter.utility import xl_col_to_name

from pipelines.review.corrections.text_copy import Cell

MARK = "FFFFEB9C"
"""Fill of a changed cell: Excel's light yellow."""
EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's dates."""
Typed = Mapping[Cell, date | int]

_ROW = r'<row\b[^>]*\br="{}"[^>]*?(?:/>|>.*?</row>)'
_CELL = r'<c\b[^>]*\br="{}"[^>]*?(?:/>|>.*?</c>)'
_STYLE = re.compile(r'\bs="(\d+)"')
_XF = re.compile(r"<xf\b[^>]*?(?:/>|>.*?</xf>)", re.DOTALL)


def rewrite(source: Path, target: Path, cells: Sequence[Cell], typed: Typed) -> set[Cell]:
    """The cells that were changed.

    `typed`: dates and numbers among the new values; a cell that holds one as a number holds one again. What the cells
    held before is not compared: the reader has vouched for the file's checksum.
    """
    done: set[Cell] = set()
    sheets = {number: [cell for cell in cells if cell.sheet == number] for number in {cell.sheet for cell in cells}}
    with zipfile.ZipFile(source) as book, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        styles = _Styles(book.read("xl/styles.xml").decode("utf-8"))
        parts = {_part_of(book, number): mine for number, mine in sheets.items()}
        changed = {
            name: _changed(book.read(name).decode("utf-8"), mine, styles, typed, done) for name, mine in parts.items()
        }
        changed["xl/styles.xml"] = styles.xml()
        for entry in book.infolist():
            plain = zipfile.ZipInfo(entry.filename, entry.date_time)
            plain.compress_type, plain.external_attr = zipfile.ZIP_DEFLATED, entry.external_attr
            copy.writestr(plain, changed[entry.filename] if entry.filename in changed else book.read(entry))
    return done


def _part_of(book: zipfile.ZipFile, number: int) -> str:
    """Name of a sheet's part, by the workbook's list of sheets."""
    sheets = re.findall(r"<sheet\b[^>]*\br:id=\"([^\"]+)\"", book.read("xl/workbook.xml").decode("utf-8"))
    rels = book.read("xl/_rels/workbook.xml.rels").decode("utf-8")
    relation = next(each for each in re.findall(r"<Relationship\b[^>]*>", rels) if f'Id="{sheets[number - 1]}"' in each)
    found = re.search(r'Target="([^"]+)"', relation)
    assert found is not None
    path = unescape(found[1])
    return path.lstrip("/") if path.startswith("/") else f"xl/{path}"


def _changed(xml: str, cells: list[Cell], styles: "_Styles", typed: Typed, done: set[Cell]) -> str:
    """The sheet with the cells changed; a row that is not there, or that names no place, is left as it is."""
    pieces, at = [], 0
    for row in sorted({cell.row for cell in cells}):
        found = re.compile(_ROW.format(row), re.DOTALL).search(xml, at)
        if found is None:
            continue
        new = found[0]
        for cell in (cell for cell in cells if cell.row == row):
            new = _with(new, cell, styles, typed, done)
        pieces += [xml[at : found.start()], new]
        at = found.end()
    return "".join([*pieces, xml[at:]])


def _with(row: str, cell: Cell, styles: "_Styles", typed: Typed, done: set[Cell]) -> str:
    place = f"{xl_col_to_name(cell.column)}{cell.row}"
    found = re.search(_CELL.format(place), row, re.DOTALL)
    if found is None:
        behind = [each for each in re.finditer(r'<c\b[^>]*\br="([A-Z]+)\d+"', row) if _number(each[1]) > cell.column]
        start = end = behind[0].start() if behind else row.rfind("</row>")
        if start < 0:
            return row
        was = ""
    else:
        start, end, was = found.start(), found.end(), found[0]
    style = _STYLE.search(was)
    marked = styles.marked(int(style[1]) if style else 0)
    head = f'<c r="{place}" s="{marked}"'
    if cell in typed and "<v>" in was and ' t="' not in was:
        value = typed[cell]
        new = f"{head}><v>{(value - EPOCH).days if isinstance(value, date) else value}</v></c>"
    else:
        new = f'{head} t="inlineStr"><is><t>{escape(cell.after)}</t></is></c>'
    done.add(cell)
    return row[:start] + new + row[end:]


def _number(letters: str) -> int:
    """Column, from 0, of its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class _Styles:
    """The workbook's styles, and one more for each that a changed cell has: the same with the mark's fill."""

    def __init__(self, xml: str) -> None:
        self._xml, self._new = xml, dict[int, int]()
        section = re.search(r"<cellXfs\b[^>]*>(.*?)</cellXfs>", xml, re.DOTALL)
        fills = re.search(r"<fills\b[^>]*>(.*?)</fills>", xml, re.DOTALL)
        self._xfs = _XF.findall(section[1]) if section else []
        self._fill = len(re.findall(r"<fill\b", fills[1])) if fills else 0

    def marked(self, style: int) -> int:
        """Number of the style with the mark."""
        return self._new.setdefault(style, len(self._xfs) + len(self._new))

    def xml(self) -> str:
        """The styles with the new ones at their end."""
        if not self._new:
            return self._xml
        color = f'<fgColor rgb="{MARK}"/><bgColor indexed="64"/>'
        fill = f'<fill><patternFill patternType="solid">{color}</patternFill></fill>'
        added = "".join(self._filled(self._xfs[style]) for style in self._new)
        fills = rf'<fills count="{self._fill + 1}">\1{fill}</fills>'
        xml = re.sub(r"<fills\b[^>]*>(.*?)</fills>", fills, self._xml, count=1, flags=re.S)
        count = len(self._xfs) + len(self._new)
        return re.sub(
            r"<cellXfs\b[^>]*>(.*?)</cellXfs>",
            rf'<cellXfs count="{count}">\1{added}</cellXfs>',
            xml,
            count=1,
            flags=re.S,
        )

    def _filled(self, xf: str) -> str:
        plain = re.sub(r'\s(?:fillId|applyFill)="\d+"', "", xf, count=2)
        return plain.replace("<xf", f'<xf fillId="{self._fill}" applyFill="1"', 1)
