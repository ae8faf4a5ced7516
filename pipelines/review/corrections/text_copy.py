"""Writes a text file again with some of its cells changed and every other byte as it was."""

import codecs
import io
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Cell(NamedTuple):
    """A cell to be changed."""

    row: int
    """Physical row, counted from 1; a row whose quoted cell has line breaks is one."""
    column: int
    """Counted from 0."""
    before: str | None
    after: str
    sheet: int = 1
    """Number of its sheet, counted from 1 in the file's order."""


def rewrite(source: Path, target: Path, encoding: str, delimiter: str, cells: list[Cell]) -> set[Cell]:
    """The cells that were changed: not those where something else stands, or that the encoding cannot hold.

    Errors: UnicodeError if the file is not in that encoding.
    """
    content = source.read_bytes()
    codec = encoding.removesuffix("-sig")
    text = content.decode(codec)
    if text.encode(codec) != content:
        raise UnicodeError(f"{encoding} does not give the same bytes back")
    wanted: dict[int, dict[int, Cell]] = {}
    for cell in cells:
        wanted.setdefault(cell.row, {})[cell.column] = cell
    done: set[Cell] = set()
    with target.open("wb") as file:
        for number, row in enumerate(_rows(text), start=1):
            new = _changed(row, wanted[number], delimiter, codec, done) if number in wanted else row
            file.write(new.encode(codec))
    return done


def _rows(text: str) -> Iterator[str]:
    """The rows with their line ends; lines of an open quote belong together."""
    held = ""
    for line in io.StringIO(text, newline=""):
        held += line
        if held.count('"') % 2 == 0:
            yield held
            held = ""
    if held:
        yield held


def _changed(row: str, wanted: Mapping[int, Cell], delimiter: str, codec: str, done: set[Cell]) -> str:
    spans = _spans(row, delimiter)
    for column in sorted(wanted, reverse=True):
        cell = wanted[column]
        if column >= len(spans):
            continue
        start, end = spans[column]
        after = to_write(cell.after, codec)
        if after is None or _plain(row[start:end]) != _plain(cell.before or ""):
            continue
        row = row[:start] + _quoted(after, delimiter, was_quoted=row[start : start + 1] == '"') + row[end:]
        done.add(cell)
    return row


def _spans(row: str, delimiter: str) -> list[tuple[int, int]]:
    """Where each cell begins and ends, its quotes included."""
    end_of_row = len(row.rstrip("\r\n"))
    spans, start, is_quoted = [], 0, False
    for at in range(end_of_row):
        if row[at] == '"':
            is_quoted = not is_quoted
        elif row[at] == delimiter and not is_quoted:
            spans.append((start, at))
            start = at + 1
    return [*spans, (start, end_of_row)]


def _plain(cell: str) -> str:
    """The text of a cell, to be compared with what was read."""
    cell = cell.removeprefix("\ufeff").strip()
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        cell = cell[1:-1].replace('""', '"')
    return unicodedata.normalize("NFC", cell).strip()


def _quoted(value: str, delimiter: str, *, was_quoted: bool) -> str:
    if was_quoted or delimiter in value or '"' in value:
        return '"' + value.replace('"', '""') + '"'
    return value


def to_write(value: str, codec: str) -> str | None:
    """The value in letters that the encoding has; None if it lacks one."""
    for form in (value, _tones_apart(value)):
        try:
            form.encode(codec)
        except UnicodeEncodeError:
            continue
        return form
    return None


def _tones_apart(value: str) -> str:
    """As windows-1258 writes: base letters with their hat or hook, each tone a mark of its own after it."""
    return "".join(_apart(letter) for letter in value)


@cache
def _apart(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    tones = "".join(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones)) + tones


def is_known(encoding: str) -> bool:
    """Whether a file of this encoding can be written again."""
    try:
        codecs.lookup(encoding.removesuffix("-sig"))
    except LookupError:
        return False
    return True
