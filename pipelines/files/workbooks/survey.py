"""Defines the survey of a sheet: the cells that the second reader finds, and texts that the first reader gets wrong."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pipelines.errors import UnreadableFile

LAST_ROW = 2**20
LAST_COLUMN = 2**14
"""Number of the last column, Excel's and LibreOffice's limit."""
AREA_LIMIT = 2**24
"""Most cells of a sheet between the first and the last: the first reader needs 24 bytes for each of them."""

Places = dict[int, list[str | None]]
"""Cell number → the texts that stand there (two: damage); None for a text that was not looked up."""


@dataclass(frozen=True)
class Entry:
    """One sheet as the workbook lists it."""

    number: int
    """Counted from 1 among all sheets, chart sheets included."""
    name: str
    hidden: bool
    part: str
    """Name of the part with the sheet's cells."""


@dataclass
class Survey:
    """One sheet as the second reader sees it; rows and columns are counted from 1, a cell number is both in one."""

    rows: array[int] = field(default_factory=lambda: array("i"))
    """Numbers of the rows with more than white space, in the order of reading."""
    counts: array[int] = field(default_factory=lambda: array("i"))
    """Number of cells with more than white space in each of `rows`."""
    columns: dict[int, int] = field(default_factory=dict)
    """Number of cells with more than white space in each column."""
    shown_at: array[int] = field(default_factory=lambda: array("q"))
    shown: list[str] = field(default_factory=list)
    """Texts that a person sees in cells whose text the first reader gets wrong."""
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row, last row, first column, last column."""
    hidden_rows: array[int] = field(default_factory=lambda: array("i"))
    """Those of `rows` that nobody sees: hidden, filtered out, folded away in a group, or without any height."""
    _hidings: dict[int, int] = field(default_factory=dict)
    """Where columns begin to be hidden (+1) and to be shown again (-1)."""
    unvalued: int = 0
    """Number of formulas without a value: they were never computed."""
    first_unvalued: str = ""
    last_row: int = 0
    last_column: int = 0
    """The farthest cells that are not empty, be it white space."""

    def hide_columns(self, first: int, last: int, times: int = 1) -> None:
        """Counts these columns as hidden once more, or with `times` -1 once less."""
        for at, change in ((max(first, 1), times), (min(last, LAST_COLUMN) + 1, -times)):
            self._hidings[at] = self._hidings.get(at, 0) + change

    def hidden_columns(self) -> list[int]:
        """Hidden columns that hold something."""
        hidings, hidden, covered = sorted(self._hidings.items()), [], 0
        changes = iter([*hidings, (LAST_COLUMN + 2, 0)])
        at, change = next(changes)
        for column in sorted(self.columns):
            while at <= column:
                covered += change
                at, change = next(changes)
            if covered > 0:
                hidden.append(column)
        return hidden

    def refuse_too_wide(self) -> None:
        """Returns unless the cells lie so far apart that the first reader would need too much memory
        (UnreadableFile).
        """
        if self.last_row * self.last_column > AREA_LIMIT:
            raise UnreadableFile(
                "too_heavy",
                f"Trang tính trải đến ô {cell_name(self.last_row, self.last_column)}, quá lớn để đọc; hãy xóa các ô "
                "nằm xa bảng, hoặc chia thành nhiều tệp, hoặc lưu thành CSV / the sheet reaches as far as that cell: "
                "delete what lies far from the table, split the file, or save it as CSV.",
            )


class Book(Protocol):
    """Protocol of a workbook as the second reader sees it."""

    def entries(self) -> Sequence[Entry]:
        """The sheets that are tables, in the workbook's order. Errors: UnreadableFile."""
        ...

    def survey(self, entry: Entry) -> Survey:
        """The survey of a sheet; UnreadableFile if the sheet is damaged or reaches too far."""
        ...

    def places(self, entry: Entry, rows: Collection[int]) -> Places:
        """The texts of the cells in these rows with more than white space."""
        ...


def cell_at(row: int, column: int) -> int:
    """The number of a cell, made of its row and column, both counted from 1."""
    return row * LAST_COLUMN + column - 1


def cell_name(row: int, column: int) -> str:
    """The cell's name for the officer: `B7`."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def damaged(what: str, english: str) -> UnreadableFile:
    """The refusal of a workbook that is not as its format demands."""
    return UnreadableFile(
        "damaged_file",
        f"Bảng tính hỏng: {what}; hãy mở bằng Excel, lưu lại rồi nạp lại / the workbook is damaged ({english}): "
        "open it in Excel, save it and load it again.",
    )


def locked() -> UnreadableFile:
    """The refusal of a workbook with a password."""
    return UnreadableFile(
        "password",
        "Bảng tính có mật khẩu; hãy bỏ mật khẩu rồi nạp lại / the workbook has a password: remove it, load it again.",
    )
