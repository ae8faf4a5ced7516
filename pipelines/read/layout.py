"""Which rows are the header: one to three of them, with headings over several columns, below any titles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.read.cells import SEARCHED_ROWS, Merge
from pipelines.read.vocabulary import Meaning, Vocabulary

MOST_LINES = 3
"""Of a header."""

Row = Sequence[str | None]


@dataclass(frozen=True)
class Layout:
    """A header as it lies in the sheet."""

    first: int
    """Position of its first line among the rows that were given, from 0."""
    last: int
    stacks: dict[int, tuple[str, ...]]
    """Column, from 0 → its header's lines from the top; columns without any are left out."""
    meanings: dict[int, Meaning]
    """Column → what it holds; columns that we don't know are left out."""

    @property
    def width(self) -> int:
        """Columns up to the last one with a header."""
        return max(self.stacks, default=-1) + 1

    @property
    def columns(self) -> set[str]:
        """Our columns that were found."""
        return {meaning.column for meaning in self.meanings.values() if meaning.column}


def find(rows: Sequence[Row], row_numbers: Sequence[int], merged: Sequence[Merge], words: Vocabulary) -> Layout | None:
    """The rows that say most of our columns; None if no row says two of them.

    Of headers that say the same, the one with fewer lines, then the higher one.
    """
    required = {column.name for column in words.schema.column if column.required}
    best, best_score = None, (0, 0, 0, 0, 0)
    for window in _windows(rows, row_numbers):
        layout = _layout(rows, row_numbers, merged, window, words)
        found = layout.columns
        if len(found) < 2:
            continue
        score = (
            len(found & required),
            -_doubles(layout),
            len(found),
            len(layout.meanings),
            -len(window),
        )
        if best is None or score > best_score:
            best, best_score = layout, score
    return best


def _windows(rows: Sequence[Row], row_numbers: Sequence[int]) -> Iterator[range]:
    searched = min(len(rows), SEARCHED_ROWS)
    for first in range(searched):
        for lines in range(1, MOST_LINES + 1):
            last = first + lines - 1
            # The lines of one header have no blank row between them.
            if last < searched and row_numbers[last] - row_numbers[first] == lines - 1:
                yield range(first, last + 1)


def _layout(
    rows: Sequence[Row], row_numbers: Sequence[int], merged: Sequence[Merge], window: range, words: Vocabulary
) -> Layout:
    stacks = _stacks(rows, row_numbers, merged, window)
    meanings = {at: meaning for at, stack in stacks.items() if (meaning := words.meaning(stack))}
    return Layout(window[0], window[-1], stacks, meanings)


def _stacks(
    rows: Sequence[Row], row_numbers: Sequence[int], merged: Sequence[Merge], window: range
) -> dict[int, tuple[str, ...]]:
    width = max(len(rows[index]) for index in window)
    lines = [
        _filled(rows[index], row_numbers[index], merged, width, below=rows[index + 1] if index < window[-1] else None)
        for index in window
    ]
    stacks = {at: tuple(dict.fromkeys(line[at] for line in lines if line[at])) for at in range(width)}
    return {at: stack for at, stack in stacks.items() if stack}


def _filled(row: Row, number: int, merged: Sequence[Merge], width: int, below: Row | None) -> list[str]:
    """The line's texts; a heading stands over each column that it spans."""
    own = [(cell or "").strip() for cell in row] + [""] * (width - len(row))
    if below is None:
        return own
    spans = [merge for merge in merged if merge.first_row <= number <= merge.last_row]
    if spans:
        for merge in spans:
            first = merge.first_column - 1
            for at in range(first, min(merge.last_column, width)):
                own[at] = own[at] or own[first]
        return own
    # Text files know no merged cells: a heading goes on over empty cells that have a header below them.
    heading = ""
    for at in range(width):
        has_child = at < len(below) and bool((below[at] or "").strip())
        heading = own[at] or (heading if has_child else "")
        own[at] = heading
    return own


def _doubles(layout: Layout) -> int:
    said = [(meaning.column, meaning.part) for meaning in layout.meanings.values() if meaning.column]
    return len(said) - len(set(said))
