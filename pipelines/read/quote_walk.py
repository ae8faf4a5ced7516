"""The rule of `quotes`, applied: columns at a time where lines read by themselves, quote by quote where they do not."""

from bisect import bisect_left
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from pipelines.read.quote_marks import Marks
from pipelines.read.quote_pairs import TORN, WALK, verdicts
from pipelines.read.quotes import LINES_LIMIT, ROW_LIMIT_BYTES, Lines, Positions, Quotes, Role


def understand(lines: Lines, positions: Positions, widths: Collection[int] | None) -> Quotes:
    """What the quotes at `positions` are. `widths`: how many cells a row of the table has; None believes any number."""
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
