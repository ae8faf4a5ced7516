"""Defines the role of each quote in a delimited text, and the lines that quotes join into one record.

The rule. A quote opens a quoted cell only where a cell begins (spaces before it are allowed); anywhere else outside
one it is a letter. Inside, two quotes are one letter; a quote closes the cell if a delimiter or the line's end
follows (spaces are allowed); any other is a letter. A quoted cell that runs over lines is believed only if the record
then has as many cells as the table, at most LINES_LIMIT lines and ROW_LIMIT_BYTES bytes, no quote in it is
doubtful, and its lines are not each a whole row already. Otherwise the line in which it opens is torn: it is a record
of its own, to be rejected, and the next line begins a new record. So no quote takes more than its own row away.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

ROW_LIMIT_BYTES = 1_000_000
"""Most bytes of a row: a longer one is a torn file or an attack, and engines drop it in silence."""
LINES_LIMIT = 100
QUOTE, LF, CR, SPACE = 34, 10, 13, 32

Positions = npt.NDArray[np.int64]


class Role(IntEnum):
    """Role of a quote."""

    LETTER = 0
    """A letter outside any quoted cell."""
    OPENS = 1
    CLOSES = 2
    ESCAPES = 3
    """The first of two doubled quotes."""
    ESCAPED = 4
    """The second of two doubled quotes."""
    STRAY = 5
    """A letter inside a quoted cell, though it should have been doubled."""


@dataclass(frozen=True)
class Lines:
    """Whole lines of a text, none of them inside a quoted cell of an earlier one."""

    view: npt.NDArray[np.uint8]
    starts: Positions
    ends: Positions
    """Offset behind each line end."""
    delimiter: int
    delimiters: Positions
    """Offsets of all delimiters, in quotes or not."""
    known_bytes: int
    """Length of the text that is at hand, the line that is not yet whole included."""
    final: bool
    """True if nothing follows."""

    def before(self, line: int) -> "Lines":
        """The first `line` lines."""
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
    """The quotes of some lines with their roles."""

    positions: Positions
    roles: npt.NDArray[np.uint8]
    joined: list[tuple[int, int]]
    """First and last line of each record of several lines."""
    torn: list[int]
    """Lines in which a quote opens without being believed."""
    spaced: npt.NDArray[np.bool_]
    """For each quote whether it opens or closes a cell with spaces between it and the delimiter."""
    pending: int | None
    """The line from which on more text is needed to decide; the roles from there on are void."""
    walked: int
    """Number of lines that were read quote by quote."""

    def before(self, end: int) -> "Quotes":
        """The quotes below this offset, none of them pending."""
        count = int(np.searchsorted(self.positions, end))
        return Quotes(
            self.positions[:count], self.roles[:count], self.joined, self.torn, self.spaced[:count], None, self.walked
        )


def line_of(positions: Positions, ends: Positions) -> Positions:
    """The line (or record) of each position, given where all of them end."""
    counts = np.diff(np.searchsorted(positions, ends), prepend=0)
    return np.repeat(np.arange(len(ends)), counts)
