"""Gives each quote its role by the rule of `quoting`: columns at a time in regular lines, quote by quote elsewhere."""

from bisect import bisect_left
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from pipelines.files.text.quoting import (
    CR,
    LF,
    LINES_LIMIT,
    ROW_LIMIT_BYTES,
    SPACE,
    Lines,
    Positions,
    Quotes,
    Role,
    line_of,
)

_SPACES_LIMIT = 64
"""More spaces than these beside a quote make it a letter."""


class Marks:
    """Signs around each quote, and its reading if quotes simply alternate within a line."""

    def __init__(self, lines: Lines, positions: Positions) -> None:
        self.positions = positions
        self.line = line_of(positions, lines.ends)
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
        roles[np.repeat(self._no_opening(), self.counts())] = Role.LETTER
        return roles

    def doubtful_lines(self) -> Positions:
        """Lines that neither alternate nor are free of opening quotes, as indices of `first`."""
        regular = self.fits_outside() & (self.counts() % 2 == 0)
        return np.flatnonzero(~(regular | self._no_opening()))

    def fits_outside(self) -> npt.NDArray[np.bool_]:
        """Whether the quotes of each line alternate as they should if the line begins outside a quoted cell."""
        fits = np.where(self.even, self.begins | self.after_quote, self.ends | self.before_quote)
        fits[self.first] = self.begins[self.first]
        return np.logical_and.reduceat(fits, self.first)

    def fits_inside(self) -> npt.NDArray[np.bool_]:
        """Whether the quotes of each line alternate as they should if the line begins inside a quoted cell."""
        fits = np.where(self.even, self.ends | self.before_quote, self.begins | self.after_quote)
        return np.logical_and.reduceat(fits, self.first)

    def roles_inside(self, quotes: Positions) -> npt.NDArray[np.uint8]:
        """The roles of these quotes in lines that begin inside a quoted cell and fit."""
        opening = np.where(self.after_quote[quotes], Role.ESCAPED, Role.OPENS)
        closing = np.where(self.before_quote[quotes], Role.ESCAPES, Role.CLOSES)
        return np.where(self.even[quotes], closing, opening).astype(np.uint8)

    def counts(self) -> Positions:
        """Number of quotes in each line that has any."""
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


TORN, WALK = -1, -2
"""Instead of a record's last line: it is torn; its quotes must be gone through."""


def verdicts(lines: Lines, marks: Marks, doubtful: Positions, widths: Collection[int] | None) -> Positions:
    """The last line of the record that each doubtful line (index of `marks.first`) begins, or TORN, or WALK."""
    verdict = np.full(len(doubtful), WALK, dtype=np.int64)
    odd = marks.counts() % 2 == 1
    opens = (marks.fits_outside() & odd)[doubtful] & (doubtful + 1 < len(marks.first))
    first, following = marks.first[doubtful[opens]], marks.first[doubtful[opens] + 1]
    begin, end = marks.line[first], marks.line[following]
    stray = ~(marks.ends | marks.before_quote)[following]
    beyond = (end - begin >= LINES_LIMIT) | (lines.ends[end] - lines.starts[begin] > ROW_LIMIT_BYTES)
    closes = (marks.fits_inside() & odd)[doubtful[opens] + 1]
    believed = _believed(lines, marks, begin, end, widths)
    verdict[opens] = np.select([stray | beyond, closes & believed, closes], [TORN, end, TORN], WALK)
    return verdict


def _believed(
    lines: Lines, marks: Marks, begin: Positions, end: Positions, widths: Collection[int] | None
) -> npt.NDArray[np.bool_]:
    """Whether a record from line `begin` to `end` has the table's cells, and its lines are not each a row already."""
    if widths is None:
        return np.ones(len(begin), dtype=bool)
    line, count = line_of(lines.delimiters, lines.ends), len(lines.ends)
    alone = np.bincount(line, minlength=count) + 1
    before_line = np.searchsorted(marks.positions, np.append(lines.starts, lines.ends[-1]))
    rank = np.searchsorted(marks.positions, lines.delimiters) - before_line[line]
    odd, last = (rank & 1).astype(bool), rank == np.diff(before_line)[line]
    outside = np.bincount(line[~odd], minlength=count)
    behind = np.bincount(line[odd], minlength=count)
    opening = outside + np.bincount(line[last], minlength=count) + 1
    closing = behind + np.bincount(line[rank == 0], minlength=count) + 1
    cells = outside[begin] + behind[end] + 1
    believed = np.isin(cells, list(widths))
    for width in widths:
        if width > 1:
            whole = np.append(0, np.cumsum(alone == width))
            between = whole[end] - whole[begin + 1] == end - begin - 1
            believed &= ~((cells == width) & (opening[begin] == width) & (closing[end] == width) & between)
    return believed


def understand(lines: Lines, positions: Positions, widths: Collection[int] | None) -> Quotes:
    """The roles of the quotes at `positions`. `widths`: how many cells a row of the table has; None believes any
    number.
    """
    marks = Marks(lines, positions)
    roles = marks.roles_if_regular()
    walk = _Walk(lines, marks, roles, widths)
    doubtful = marks.doubtful_lines()
    if len(doubtful):
        walk.run(marks.first[doubtful], verdicts(lines, marks, doubtful, widths))
        closing = _quotes_of(walk.paired, marks)
        roles[closing] = marks.roles_inside(closing)
        roles[_quotes_of(walk.torn, marks)] = Role.LETTER
    spaced = ((roles == Role.OPENS) & marks.spaced_before) | ((roles == Role.CLOSES) & marks.spaced_after)
    return Quotes(positions, roles, walk.joined, walk.torn, spaced, walk.pending, walk.walked)


def _quotes_of(lines: list[int], marks: Marks) -> Positions:
    """Indices of the quotes of these lines."""
    if not lines:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.isin(marks.line, np.array(lines), kind="table"))


class _Walk:
    """The rule, quote by quote, for the lines that do not read by themselves."""

    def __init__(
        self, lines: Lines, marks: Marks, roles: npt.NDArray[np.uint8], widths: Collection[int] | None
    ) -> None:
        self.joined: list[tuple[int, int]] = []
        self.torn: list[int] = []
        self.pending: int | None = None
        self.paired: list[int] = []
        """Last lines of records that did not have to be gone through."""
        self.walked = 0
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

    def run(self, doubtful: Positions, verdicts: Positions) -> None:
        """Every doubtful line in turn; one that an earlier record has taken is part of that."""
        free = 0
        for quote, line, verdict in zip(
            doubtful.tolist(), [self._line[quote] for quote in doubtful], verdicts.tolist(), strict=True
        ):
            if line < free:
                continue
            end: int | None = verdict
            if verdict == WALK:
                end = self._record(quote, line)
                self.walked += 1
            if end is None:
                self.pending = line
                return
            if verdict == WALK and end < 0:
                self._restore(quote)
            if end < 0:
                self.torn.append(line)
            elif end > line:
                self.joined.append((line, end))
                if verdict != WALK:
                    self.paired.append(end)
            free = max(line, end) + 1

    def _record(self, quote: int, line: int) -> int | None:
        """The last line of the record that begins with `line`; TORN, or None if more text is needed."""
        here, outside, cells, doubtful, opened = line, self._starts[line], 1, False, 0
        while True:
            before = quote
            quote, outside, more, stray = self._line_through(quote, here, outside)
            cells, doubtful, self._seen = cells + more, doubtful or stray, quote
            if outside >= 0 and here == line:
                return line
            if outside >= 0:
                closed = more + self._delimiters_between(self._starts[here], self._position[before])
                alone = opened + 1, closed + 1
                return here if not doubtful and self._is_believed(line, here, cells, alone) else TORN
            if here == line:
                opened = more + self._delimiters_between(self._position[quote - 1], self._ends[here])
            if quote == len(self._position) or self._is_beyond(line, self._line[quote]) or (doubtful and here > line):
                return None if self._may_grow(line, quote) else TORN
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

    def _is_believed(self, first: int, last: int, cells: int, alone: tuple[int, int]) -> bool:
        """`alone`: how many cells the first and the last line would have as rows of their own."""
        if self._widths is None:
            return True
        if cells not in self._widths:
            return False
        between = (self._delimiters_between(self._starts[at], self._ends[at]) + 1 for at in range(first + 1, last))
        return cells == 1 or any(count != cells for count in (*alone, *between))

    def _delimiters_between(self, start: int, end: int) -> int:
        return bisect_left(self._delimiters, end) - bisect_left(self._delimiters, start)

    def _restore(self, quote: int) -> None:
        """What was said of the quotes since then, while the line that turned out to be torn was gone through."""
        for each in range(quote, self._seen):
            self._roles[each] = self._regular[each]
