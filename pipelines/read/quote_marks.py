"""What stands around each quote, and how a line's quotes read if they simply alternate."""

import numpy as np
import numpy.typing as npt

from pipelines.read.quotes import CR, LF, SPACE, Lines, Positions, Role, place

_SPACES_LIMIT = 64
"""More spaces than these beside a quote make it a letter."""


class Marks:
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
        roles[np.repeat(self._no_opening(), self.counts())] = Role.LETTER
        return roles

    def doubtful_lines(self) -> Positions:
        """Which lines neither alternate nor are free of opening quotes, as indices of `first`."""
        regular = self.fits_outside() & (self.counts() % 2 == 0)
        return np.flatnonzero(~(regular | self._no_opening()))

    def fits_outside(self) -> npt.NDArray[np.bool_]:
        """Of each line that has quotes: whether they alternate as they should if it begins outside a quoted cell."""
        fits = np.where(self.even, self.begins | self.after_quote, self.ends | self.before_quote)
        fits[self.first] = self.begins[self.first]
        return np.logical_and.reduceat(fits, self.first)

    def fits_inside(self) -> npt.NDArray[np.bool_]:
        """The same if it begins inside one."""
        fits = np.where(self.even, self.ends | self.before_quote, self.begins | self.after_quote)
        return np.logical_and.reduceat(fits, self.first)

    def roles_inside(self, quotes: Positions) -> npt.NDArray[np.uint8]:
        """The roles of these quotes in lines that begin inside a quoted cell and fit."""
        opening = np.where(self.after_quote[quotes], Role.ESCAPED, Role.OPENS)
        closing = np.where(self.before_quote[quotes], Role.ESCAPES, Role.CLOSES)
        return np.where(self.even[quotes], closing, opening).astype(np.uint8)

    def counts(self) -> Positions:
        """How many quotes each line has that has any."""
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
