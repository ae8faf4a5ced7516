"""Quoted cells that run from one line's last quote to the first of the next line that has any: judged at once."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from pipelines.read.quote_marks import Marks
from pipelines.read.quotes import LINES_LIMIT, ROW_LIMIT_BYTES, Lines, Positions, place

TORN, WALK = -1, -2
"""Instead of a record's last line: it is torn; its quotes must be gone through."""


def verdicts(lines: Lines, marks: Marks, doubtful: Positions, widths: Collection[int] | None) -> Positions:
    """Of each doubtful line (index of `marks.first`) the last line of the record that it begins, or TORN, or WALK."""
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
    line, count = place(lines.delimiters, lines.ends), len(lines.ends)
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
