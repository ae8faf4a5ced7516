"""Tables drawn with `|` in the corpus: their sheets, and their cells with the type that a workbook gives them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Visibility = Literal["visible", "hidden", "very hidden"]


@dataclass(frozen=True)
class Number:
    """A cell that Excel holds as a number."""

    value: float


@dataclass(frozen=True)
class Day:
    """A cell that Excel holds as a date."""

    value: date


@dataclass(frozen=True)
class Formula:
    """A cell with a formula and what the workbook remembers of its result."""

    text: str
    result: str


@dataclass(frozen=True)
class Failed:
    """A cell with an error value such as #N/A."""

    text: str


Cell = str | Number | Day | Formula | Failed | None


@dataclass
class Sheet:
    """One sheet."""

    name: str
    visibility: Visibility = "visible"
    rows: list[list[Cell]] = field(default_factory=list)


def sheets(drawn: str) -> list[Sheet]:
    """The sheets of a drawing: each begins with `=== name`, `(hidden)` behind it where it is; else there is one.

    In a cell, `n:` opens a number, `d:` an ISO date, `f:` a formula with its result behind `->`, `e:` an error value,
    `s:` text kept with its spaces (a dot for each); `\\n` is a line break and `\\p` a bar. A line of nothing is an
    empty row.
    """
    found: list[Sheet] = []
    for line in drawn.splitlines():
        if opened := re.fullmatch(r"=== (.+?)(?: \((hidden|very hidden)\))?", line):
            visibility: Visibility = opened[2] or "visible"  # type: ignore[assignment]
            found.append(Sheet(opened[1], visibility))
            continue
        if not found:
            found.append(Sheet("Sheet1"))
        found[-1].rows.append([_cell(text.strip(" ")) for text in line.split("|")] if line.strip() else [])
    return found


def _cell(text: str) -> Cell:
    kind, colon, rest = text.partition(":")
    if not colon or kind not in _KINDS:
        return text.replace("\\n", "\n").replace("\\p", "|") or None
    return _KINDS[kind](rest)


_KINDS: dict[str, Callable[[str], Cell]] = {
    "n": lambda text: Number(float(text)),
    "d": lambda text: Day(date.fromisoformat(text)),
    "f": lambda text: Formula(*text.split("->")),
    "e": lambda text: Failed(text),
    "s": lambda text: text.replace(".", " "),
}


def shown(cell: Cell) -> str:
    """The cell as a text file has it."""
    if isinstance(cell, Number):
        return f"{cell.value:.15g}"
    if isinstance(cell, Day):
        return cell.value.strftime("%d/%m/%Y")
    if isinstance(cell, Formula):
        return cell.result
    return cell.text if isinstance(cell, Failed) else cell or ""


def filled_below(sheet: Sheet, header_row: int) -> int:
    """How many rows below that one (counted from 1) hold anything but spaces."""
    return sum(any(shown(cell).strip() for cell in row) for row in sheet.rows[header_row:])
