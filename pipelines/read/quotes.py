"""What each quote in a delimited text is, and which lines it joins into one record.

The rule. A quote opens a quoted cell only where a cell begins (spaces before it are allowed); anywhere else outside
one it is a letter. Inside, two quotes are one letter; a quote closes the cell if a delimiter or the line's end
follows (spaces are allowed); any other is a letter. A quoted cell that runs over lines is believed only if the record
then has as many cells as the table, at most LINES_LIMIT lines and ROW_LIMIT_BYTES bytes, no quote in it is
doubtful, and its lines are not each a whole row already. Otherwise the line in which it opens is torn: it is a record
of its own, to be rejected, and the next line begins a new record. So no quote takes more than its own row away.
"""

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

ROW_LIMIT_BYTES = 1_000_000
"""A longer row is rejected: it is a torn file or an attack, and engines drop it in silence."""
LINES_LIMIT = 100
_SPACES_LIMIT = 64
"""More spaces than these beside a quote make it a letter."""
QUOTE, LF, CR, SPACE = 34, 10, 13, 32

Positions = npt.NDArray[np.int64]


class Role(IntEnum):
    """What a quote is."""

    LETTER = 0
    """Outside any quoted cell."""
    OPENS = 1
    CLOSES = 2
    ESCAPES = 3
    """The first of two."""
    ESCAPED = 4
    """The second of two."""
    STRAY = 5
    """A letter inside a quoted cell, though it should have been doubled."""


@dataclass(frozen=True)
class Lines:
    """Whole lines of a text, none of them inside a quoted cell of an earlier one."""

    view: npt.NDArray[np.uint8]
    starts: Positions
    ends: Positions
    """Behind the line end."""
    delimiter: int
    delimiters: Positions
    """All of them, in quotes or not."""
    known_bytes: int
    """Length of the text that is at hand, the line that is not yet whole included."""
    final: bool
    """Nothing follows."""

    def before(self, line: int) -> "Lines":
        """The first `line` of them."""
        end = self.ends[line - 1]
        return Lines(
            self.view[:end],
            self.starts[:line],
            self.ends[:line],
            self.delimiter,
            self.delimiters[: np.searchsorted(self.delimiters, end)],
            self.known_bytes,
            self.final,
        )


@dataclass(frozen=True)
class Quotes:
    """All quotes of some lines, understood."""

    positions: Positions
    roles: npt.NDArray[np.uint8]
    joined: list[tuple[int, int]]
    """First and last line of each record of several lines."""
    torn: list[int]
    """Lines in which a quote opens that is not believed."""
    spaced: npt.NDArray[np.bool_]
    """Of each quote: it opens or closes a cell, with spaces between it and the delimiter."""
    pending: int | None
    """The line from which on more text is needed to decide; what is said of it and later ones is void."""

    def before(self, end: int) -> "Quotes":
        """Those below this offset, nothing of which is pending."""
        count = int(np.searchsorted(self.positions, end))
        return Quotes(
            self.positions[:count], self.roles[:count], self.joined, self.torn, self.spaced[:count], pending=None
        )


def place(positions: Positions, ends: Positions) -> Positions:
    """In which line (or record) each position stands, given where all of them end."""
    counts = np.diff(np.searchsorted(positions, ends), prepend=0)
    return np.repeat(np.arange(len(ends)), counts)


def understand(lines: Lines, positions: Positions, widths: Collection[int] | None) -> Quotes:
    """What the quotes at `positions` are. `widths`: how many cells a row of the table has; None believes any number."""
    marks = _Marks(lines, positions)
    roles = marks.roles_if_regular()
    walk = _Walk(lines, marks, roles, widths)
    walk.run(marks.doubtful_lines())
    spaced = ((roles == Role.OPENS) & marks.spaced_before) | ((roles == Role.CLOSES) & marks.spaced_after)
    return Quotes(positions, roles, walk.joined, walk.torn, spaced, walk.pending)


class _Marks:
    """What stands around each quote, and how it reads if quotes simply alternate within a line."""

    def __init__(self, lines: Lines, positions: Positions) -> None:
        self.positions = positions
        self.line = place(positions, lines.ends)
        new = np.append(True, self.line[1:] != self.line[:-1])
        self.first = np.flatnonzero(new)
        """Index of the first quote of each line that has one."""
        self.even = ((np.arange(len(positions)) - self.first[np.cumsum(new) - 1]) & 1) == 0
        together = np.diff(positions) == 1
        self.after_quote = np.append(False, together)
        self.before_quote = np.append(together, False)
        before, self.spaced_before = _beside(lines, positions, lines.starts[self.line], -1)
        after, self.spaced_after = _beside(lines, positions, lines.ends[self.line] - 1, 1)
        self.begins = (before == lines.delimiter) | (before == LF)
        self.ends = (after == lines.delimiter) | (after == LF) | (after == CR)

    def roles_if_regular(self) -> npt.NDArray[np.uint8]:
        """Every quote's role in lines whose quotes alternate as they should; letters where none opens a cell."""
        even = np.where(self.after_quote, Role.ESCAPED, Role.OPENS)
        odd = np.where(self.before_quote, Role.ESCAPES, Role.CLOSES)
        roles = np.where(self.even, even, odd).astype(np.uint8)
        roles[np.repeat(self._no_opening(), self._counts())] = Role.LETTER
        return roles

    def doubtful_lines(self) -> Positions:
        """Index of the first quote of each line that neither alternates nor is free of opening quotes."""
        fits = np.where(self.even, self.begins | self.after_quote, self.ends | self.before_quote)
        fits[self.first] = self.begins[self.first]
        regular = np.logical_and.reduceat(fits, self.first) & (self._counts() % 2 == 0)
        doubtful: Positions = self.first[~(regular | self._no_opening())]
        return doubtful

    def _counts(self) -> Positions:
        return np.diff(np.append(self.first, len(self.positions)))

    def _no_opening(self) -> npt.NDArray[np.bool_]:
        return ~np.logical_or.reduceat(self.begins, self.first)


def _beside(
    lines: Lines, positions: Positions, limits: Positions, step: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """The byte beside each quote, spaces left out (a line end beyond the line's), and whether there were spaces."""
    at = positions + step
    at_limit = positions == limits
    at[at_limit] = positions[at_limit]
    found = lines.view[at]
    found[at_limit] = LF
    spaced = found == SPACE
    moving = np.flatnonzero(spaced)
    for _ in range(_SPACES_LIMIT):
        ended = at[moving] == limits[moving]
        found[moving[ended]] = LF
        moving = moving[~ended]
        at[moving] += step
        found[moving] = lines.view[at[moving]]
        moving = moving[found[moving] == SPACE]
        if not len(moving):
            break
    return found, spaced


class _Walk:
    """The rule, quote by quote, for the lines that do not read by themselves."""

    def __init__(
        self, lines: Lines, marks: _Marks, roles: npt.NDArray[np.uint8], widths: Collection[int] | None
    ) -> None:
        self.joined: list[tuple[int, int]] = []
        self.torn: list[int] = []
        self.pending: int | None = None
        self._seen = 0
        """Quotes up to here have been looked at for the record at hand."""
        self._widths = widths
        self._known, self._final = lines.known_bytes, lines.final
        self._count = len(lines.ends)
        # Single items of a memoryview are read ten times as fast as those of an array.
        self._starts, self._ends = lines.starts.data, lines.ends.data
        self._delimiters = lines.delimiters.data
        self._position, self._line = marks.positions.data, marks.line.data
        self._begins, self._closes = marks.begins.data, marks.ends.data
        self._pair = marks.before_quote.data
        self._roles, self._regular = roles.data, roles.copy().data

    def run(self, doubtful: Positions) -> None:
        """Every doubtful line in turn; one that an earlier record has taken is part of that."""
        free = 0
        for quote in doubtful.tolist():
            line = self._line[quote]
            if line < free:
                continue
            end = self._record(quote, line)
            if end is None:
                self.pending = line
                return
            if end < 0:
                self._tear(quote, line)
                end = line
            elif end > line:
                self.joined.append((line, end))
            free = end + 1

    def _record(self, quote: int, line: int) -> int | None:
        """The last line of the record that begins with `line`; -1 if it is torn, None if more text is needed."""
        here, outside, cells, doubtful = line, self._starts[line], 1, False
        while True:
            quote, outside, more, stray = self._line_through(quote, here, outside)
            cells, doubtful, self._seen = cells + more, doubtful or stray, quote
            if outside >= 0:
                return here if here == line or (not doubtful and self._is_believed(line, here, cells)) else -1
            if quote == len(self._position) or self._is_beyond(line, self._line[quote]) or (doubtful and here > line):
                return None if self._may_grow(line, quote) else -1
            here = self._line[quote]

    def _line_through(self, quote: int, line: int, outside: int) -> tuple[int, int, int, bool]:
        """To the line's end: the next quote, since where no quoted cell is open (-1: one is), delimiters, a stray."""
        cells, stray = 0, False
        while quote < len(self._position) and self._line[quote] == line:
            role = self._role(quote, outside < 0)
            self._roles[quote] = role
            if role == Role.OPENS:
                cells, outside = cells + self._delimiters_between(outside, self._position[quote]), -1
            elif role == Role.CLOSES:
                outside = self._position[quote]
            elif role == Role.ESCAPES:
                quote += 1
                self._roles[quote] = Role.ESCAPED
            stray = stray or role == Role.STRAY
            quote += 1
        if outside >= 0:
            cells += self._delimiters_between(outside, self._ends[line])
        return quote, outside, cells, stray

    def _role(self, quote: int, inside: bool) -> Role:
        if not inside:
            return Role.OPENS if self._begins[quote] else Role.LETTER
        if self._pair[quote]:
            return Role.ESCAPES
        return Role.CLOSES if self._closes[quote] else Role.STRAY

    def _is_beyond(self, line: int, other: int) -> bool:
        return other - line >= LINES_LIMIT or self._ends[other] - self._starts[line] > ROW_LIMIT_BYTES

    def _may_grow(self, line: int, quote: int) -> bool:
        """Whether text that is not yet at hand may still close the cell."""
        if self._final or quote < len(self._position):
            return False
        return self._count - line < LINES_LIMIT and self._known - self._starts[line] <= ROW_LIMIT_BYTES

    def _is_believed(self, first: int, last: int, cells: int) -> bool:
        if self._widths is None:
            return True
        if cells not in self._widths:
            return False
        alone = (self._delimiters_between(self._starts[at], self._ends[at]) + 1 for at in range(first, last + 1))
        return cells == 1 or any(count != cells for count in alone)

    def _delimiters_between(self, start: int, end: int) -> int:
        return bisect_left(self._delimiters, end) - bisect_left(self._delimiters, start)

    def _tear(self, quote: int, line: int) -> None:
        """A torn line's quotes are letters; those of later lines are judged anew."""
        self.torn.append(line)
        for each in range(quote, self._seen):
            self._roles[each] = Role.LETTER if self._line[each] == line else self._regular[each]
