"""Finds the rows of the header: one to three, with headings over several columns, below any titles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.files.header import fuzzy
from pipelines.files.header.aliases import LONGEST_LABEL, HeaderAliases, Meaning
from pipelines.files.sheet import SEARCHED_ROWS, Merge

MOST_LINES = 3
"""Most rows of a header."""
MOST_COLUMNS = 20_000
"""Most columns of a sheet, Excel's limit."""
SCORED_COLUMNS = 300
"""Number of columns by which the header row is found; of a wider sheet all columns are read once it is found."""

Row = Sequence[str | None]


@dataclass(frozen=True)
class HeaderRows:
    """The header's rows and what stands in them."""

    first: int
    """Position of its first line among the rows that were given, from 0."""
    last: int
    stacks: dict[int, tuple[str, ...]]
    """Column, from 0 → its header's lines from the top; columns without any are left out."""
    meanings: dict[int, Meaning]
    """Column → its meaning; unknown columns are left out."""

    @property
    def width(self) -> int:
        """Columns up to the last one with a header."""
        return max(self.stacks, default=-1) + 1

    @property
    def columns(self) -> set[str]:
        """Our columns that were found."""
        return {meaning.column for meaning in self.meanings.values() if meaning.column}


def find(
    rows: Sequence[Row], row_numbers: Sequence[int], merged: Sequence[Merge], words: HeaderAliases
) -> HeaderRows | None:
    """The rows that name most of our columns; None if no row names two of them, nor three by fuzzy matches.

    Of headers that say the same, the one that cuts no merged cell, then the one with fewer lines, then the higher one.
    """
    required = {column.name for column in words.schema.column if column.required}
    sheet = _Head(rows, row_numbers, merged)
    best, best_score = None, (0, 0, 0, 0, 0, 0)
    speaking = _speaking(rows, words)
    for window in _windows(rows, row_numbers):
        if not speaking & set(window):
            continue
        layout = sheet.layout(window, words, SCORED_COLUMNS)
        found = layout.columns
        if len(found) < 2:
            continue
        score = (
            len(found & required),
            -_doubles(layout),
            -sheet.cut(window),
            len(found),
            len(layout.meanings),
            -len(window),
        )
        if best is None or score > best_score:
            best, best_score = window, score
    best = best or _nearest(rows, words)
    if best is None:
        return None
    return sheet.layout(sheet.extended(best, words), words, None)


def _speaking(rows: Sequence[Row], words: HeaderAliases) -> set[int]:
    """Rows that name two of our columns by themselves: no header goes without one."""
    found = set()
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        cells = {cell.strip() for cell in row[:SCORED_COLUMNS] if cell and cell.strip()}
        if len({meaning.column for cell in cells if (meaning := words.meaning((cell,)))}) >= 2:
            found.add(index)
    return found


def _nearest(rows: Sequence[Row], words: HeaderAliases) -> range | None:
    """The row with near misses of most columns, at least three."""
    counts = []
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        labels = {at: cell for at, cell in enumerate(row[:SCORED_COLUMNS]) if cell and len(cell) < LONGEST_LABEL}
        near_ones = fuzzy.likenesses(labels, words.schema.column) if len(labels) >= 3 else {}
        counts.append((len({name for likely in near_ones.values() for name in likely}), -index))
    most, place = max(counts, default=(0, 0))
    return range(-place, -place + 1) if most >= 3 else None


def _windows(rows: Sequence[Row], row_numbers: Sequence[int]) -> Iterator[range]:
    searched = min(len(rows), SEARCHED_ROWS)
    for first in range(searched):
        for lines in range(1, MOST_LINES + 1):
            last = first + lines - 1
            # The lines of one header have no blank row between them.
            if last < searched and row_numbers[last] - row_numbers[first] == lines - 1:
                yield range(first, last + 1)


class _Head:
    """The first rows of a sheet."""

    def __init__(self, rows: Sequence[Row], numbers: Sequence[int], merged: Sequence[Merge]) -> None:
        self._rows, self._numbers, self._merged = rows, numbers, merged

    def layout(self, window: range, words: HeaderAliases, most: int | None) -> HeaderRows:
        """The header in these rows; only its first `most` columns, if a number is given."""
        stacks = self._stacks(window, most)
        meanings = {at: meaning for at, stack in stacks.items() if (meaning := words.meaning(stack))}
        return HeaderRows(window[0], window[-1], stacks, meanings)

    def cut(self, window: range) -> int:
        """Merged cells that begin in the window and go on below it."""
        last = self._numbers[window[-1]]
        first = self._numbers[window[0]]
        return sum(1 for merge in self._merged if first <= merge.first_row <= last < merge.last_row)

    def extended(self, window: range, words: HeaderAliases) -> range:
        """With the line below, where that only divides columns that we don't know: `Tiền lương` into two."""
        below = window[-1] + 1
        if (
            below >= len(self._rows)
            or self._numbers[below] != self._numbers[window[-1]] + 1
            or len(window) == MOST_LINES
        ):
            return window
        row = {at: cell for at, cell in enumerate(self._rows[below]) if cell and cell.strip()}
        layout = self.layout(window, words, None)
        divides = [at for at in row if at not in layout.stacks]
        is_text = not any(letter.isdigit() for cell in row.values() for letter in cell)
        if divides and is_text and not set(row) & set(layout.meanings):
            return range(window[0], below + 1)
        return window

    def _stacks(self, window: range, most: int | None) -> dict[int, tuple[str, ...]]:
        width = min(max(len(self._rows[index]) for index in window), most or MOST_COLUMNS)
        lines = [self._filled(index, width, is_last=index == window[-1]) for index in window]
        stacks = {at: tuple(dict.fromkeys(line[at] for line in lines if line[at])) for at in range(width)}
        return {at: stack for at, stack in stacks.items() if stack}

    def _filled(self, index: int, width: int, *, is_last: bool) -> list[str]:
        """The line's texts; a heading stands over each column that it spans."""
        row, number = self._rows[index][:width], self._numbers[index]
        own = [(cell or "").strip() for cell in row] + [""] * (width - len(row))
        if is_last:
            return own
        spans = [merge for merge in self._merged if merge.first_row <= number <= merge.last_row]
        if spans:
            for merge in spans:
                first = merge.first_column - 1
                for at in range(first, min(merge.last_column, width)):
                    own[at] = own[at] or own[first]
            return own
        # Text files know no merged cells: a heading goes on over empty cells that have a header below them.
        below = self._rows[index + 1]
        heading = ""
        for at in range(width):
            has_child = at < len(below) and bool((below[at] or "").strip())
            heading = own[at] or (heading if has_child else "")
            own[at] = heading
        return own


def _doubles(layout: HeaderRows) -> int:
    said = [(meaning.column, meaning.part) for meaning in layout.meanings.values() if meaning.column]
    return len(said) - len(set(said))
