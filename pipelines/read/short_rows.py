"""Rows with fewer cells than the header: which were only cut after their last filled cell, for certain.

Some writers leave empty cells at a row's end out; others break a row in two where a cell holds a line break. A
short row is read, its missing cells empty, only where the file shows that its writer cuts: at least two cells, in
a number that is common among the file's first rows, and neither neighbour looks like its other half (a neighbour that
is torn, has an unusual number of cells, or has just those that are missing). A single short row could as well
have lost a delimiter, and everything behind it would be shifted: it is rejected.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from pipelines.read.scan import Records

_WHOLE, _BROKEN = -1, -2


def cut_rows(
    parts: Iterable[Records], widths: frozenset[int], width: int
) -> Iterator[tuple[Records, npt.NDArray[np.bool_]]]:
    """Each part, and which of its rows are shorter than the header for no other reason than that they were cut."""
    last = _WHOLE
    held: tuple[Records, npt.NDArray[np.int64]] | None = None
    for records in parts:
        cells = _cells(records, widths, width)
        if held is not None:
            yield held[0], _cut(held[1], last, int(cells[0]), width)
            last = int(held[1][-1])
        held = records, cells
    if held is not None:
        yield held[0], _cut(held[1], last, _WHOLE, width)


def _cells(records: Records, widths: frozenset[int], width: int) -> npt.NDArray[np.int64]:
    """The number of cells of rows that may have been cut; _WHOLE for complete and blank rows, _BROKEN for others."""
    may_be_cut = np.isin(records.fields, [each for each in widths if 2 <= each < width])
    broken = records.torn | records.too_long | records.has_nul
    cells = np.where(records.fields >= width, _WHOLE, np.where(may_be_cut, records.fields, _BROKEN))
    cells = np.where(records.blank, _WHOLE, np.where(broken, _BROKEN, cells))
    return cells


def _cut(cells: npt.NDArray[np.int64], before: int, after: int, width: int) -> npt.NDArray[np.bool_]:
    cut: npt.NDArray[np.bool_] = cells > 0
    for neighbour in (np.append(before, cells[:-1]), np.append(cells[1:], after)):
        cut = cut & (neighbour != _BROKEN) & (cells + neighbour - 1 != width)
    return cut
