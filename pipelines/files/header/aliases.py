"""Gives headers their meaning: the sector's aliases, parts of a value, words that change a meaning."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from pipelines.sectors.header_key import key, spaced
from pipelines.sectors.schema import Column, TableSchema
from vn import encodings

_REMEMBERED = 100_000
"""Headers: the lists of a sector have the same ones again and again."""
LONGEST_LABEL = 200
"""Most characters of a header; a longer cell is a note."""


@dataclass(frozen=True)
class Meaning:
    """Meaning of a column of the file."""

    column: str
    """Name of our column; `""`: an officer said that the column is to be kept without being known."""
    part: str = ""
    """Part of the value, if the value stands in several columns."""
    how: str = "exact"
    """Way in which the meaning was found: `exact`, `part`, `near` (guessed), `mapping` (an officer said so)."""
    confidence: float = 1.0


class Words(BaseModel):
    """Words that change or extend a header's meaning, besides the aliases."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    neutral: tuple[str, ...]
    different: tuple[str, ...]
    own: tuple[str, ...]


class HeaderTables(BaseModel):
    """The content of words.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parts: dict[str, dict[str, tuple[str, ...]]]
    alone: dict[str, dict[str, tuple[str, ...]]]
    instead: dict[str, tuple[str, ...]]
    """Column → headers that mean it where no other header does and the table is of holders."""
    words: Words


@cache
def header_tables() -> HeaderTables:
    """The words of headers, from words.toml."""
    path = Path(__file__).with_name("words.toml")
    return HeaderTables.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


class HeaderAliases:
    """Meanings of the headers in one kind of file."""

    def __init__(self, schema: TableSchema, chosen: Mapping[str, str] | None = None) -> None:
        """`chosen`: header → our column, `column.part`, or `""`, as a mapping file says; None where none can be."""
        self.schema = schema
        self.may_map = chosen is not None
        self._asked: dict[tuple[str, ...], Meaning | None] = {}
        self._chosen = {key(header): name for header, name in (chosen or {}).items()}
        self._columns = {
            key(text): column for column in schema.column for text in (*column.aliases, column.name, column.title_vi)
        }
        tables = header_tables()
        self._parts = {
            kind: _by_text([(text, part) for part in parts for text in parts[part]])
            for kind, parts in tables.parts.items()
        }
        self._alone = _by_text(
            [
                (text, (column, part))
                for column, parts in tables.alone.items()
                if column in {each.name for each in schema.column}
                for part, texts in parts.items()
                for text in texts
            ]
        )

    def meaning(self, stack: tuple[str, ...]) -> Meaning | None:
        """The meaning of a column whose header has these lines, from the top; None if it is unknown."""
        if stack not in self._asked:
            if len(self._asked) > _REMEMBERED:
                self._asked.clear()
            self._asked[stack] = self._meaning(stack)
        return self._asked[stack]

    def _meaning(self, stack: tuple[str, ...]) -> Meaning | None:
        label = " / ".join(stack)
        for text in (label, stack[-1]):
            if (name := self._chosen.get(key(text))) is not None:
                column, _, part = name.partition(".")
                return Meaning(column, part, "mapping")
        return self._under(stack) if len(stack) > 1 else self._single(stack[0])

    def _under(self, stack: tuple[str, ...]) -> Meaning | None:
        """A header below a heading: `Cha / Họ tên` is the father's name, `Ngày sinh / Ngày` a day."""
        parent, leaf = " ".join(stack[:-1]), stack[-1]
        short = _without(parent, header_tables().words.neutral)
        for text in (f"{leaf} {parent}", f"{parent} {leaf}", f"{leaf} {short}", f"{short} {leaf}"):
            if column := self.column(text):
                return Meaning(column.name)
        heading = self.column(parent) or self.column(stack[-2])
        if heading is not None:
            part = _look_up(self._parts.get(heading.kind, {}), leaf)
            if part:
                return Meaning(heading.name, part, "part")
        if has_word(parent, header_tables().words.different) and heading is None:
            return None
        return self._single(leaf)

    def _single(self, text: str) -> Meaning | None:
        if column := self.column(text):
            return Meaning(column.name)
        return self.alone(text)

    def alone(self, text: str) -> Meaning | None:
        """The part of a value that a header names which may also mean the whole: `Ngày sinh` beside `Tháng sinh`."""
        found = _look_up(self._alone, text)
        return Meaning(*found, "part") if found else None

    def column(self, text: str) -> Column | None:
        """The column with this name."""
        return next(filter(None, (self._known(reading) for reading in _readings(text[:LONGEST_LABEL]))), None)

    def _known(self, text: str) -> Column | None:
        bare = _plain(text)
        if known := self._columns.get(key(text)) or self._columns.get(key(bare)):
            return known
        each = [self._columns.get(key(part)) for part in bare.split("/")]  # Số CCCD/Số ĐDCN: names of one column
        return each[0] if len({column and column.name for column in each}) == 1 else None


def has_word(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words or phrases stands in the text."""
    folded = f" {spaced(text)} "
    return any(f" {spaced(word)} " in folded for word in words)


def without_neutral(text: str) -> str:
    """The folded text without words that change nothing."""
    return _without(text, header_tables().words.neutral)


def _without(text: str, words: tuple[str, ...]) -> str:
    left = f" {spaced(text)} "
    for word in sorted((spaced(word) for word in words), key=len, reverse=True):
        while f" {word} " in left:
            left = left.replace(f" {word} ", " ")
    return left.strip()


_T = TypeVar("_T")


def _by_text(words: list[tuple[str, _T]]) -> dict[str, _T]:
    """By the text with its marks; without them where that says one thing only: Năm and Nam are a year and a sex."""
    bare: dict[str, set[_T]] = {}
    for text, meant in words:
        bare.setdefault(key(text), set()).add(meant)
    plain = {each: next(iter(meant)) for each, meant in bare.items() if len(meant) == 1}
    return plain | {_marked(text): meant for text, meant in words}


def _look_up(words: Mapping[str, _T], text: str) -> _T | None:
    for reading in _readings(_plain(text)[:LONGEST_LABEL]):
        if (found := words.get(_marked(reading)) or words.get(key(reading))) is not None:
            return found
    return None


def _marked(text: str) -> str:
    return "".join(re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold().replace("_", " ")))


def _plain(text: str) -> str:
    """Without its number (`3. Giới tính`) and without what stands in brackets."""
    return re.sub(r"^\s*\(?\d{1,2}\s*[.):]\s*|\(.*?\)", " ", text)


def _readings(text: str) -> Iterator[str]:
    """The header as it stands, and as a list in an old font or encoding means it: its headers are in it too."""
    yield text
    for decode in (encodings.mend_mojibake, encodings.from_tcvn3, encodings.from_vni, encodings.from_cp1258):
        if (decoded := decode(text)) != text:
            yield decoded
