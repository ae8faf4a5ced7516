"""Where each record of a delimited file begins and ends, counted on the bytes alone.

This is the second reader: it knows quotes, delimiters and line ends, nothing else, and shares no code with the
engine that reads the cells. Its count is what `links + rejected` must add up to.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_BLOCK_BYTES = 16_000_000
_QUOTE, _LF, _CR, _NUL = 34, 10, 13, 0


@dataclass(frozen=True)
class Records:
    """One entry a record (a physical row; a quoted line break does not end it)."""

    starts: npt.NDArray[np.int64]
    """Offset of the first byte."""
    ends: npt.NDArray[np.int64]
    """Offset behind the last byte, line end included."""
    fields: npt.NDArray[np.int32]
    """Delimiters outside quotes, plus one."""
    blank: npt.NDArray[np.bool_]
    """No byte but delimiters, quotes and spaces."""
    has_nul: npt.NDArray[np.bool_]
    unclosed: bool
    """The last record is inside a quote that never closes."""

    def __len__(self) -> int:
        return len(self.starts)


def scan(data: bytes, delimiter: str) -> Records:
    """All records of `data` (an ASCII-compatible encoding), by blocks: 17 bytes of memory a record."""
    size = len(data)
    view = np.frombuffer(data, dtype=np.uint8)
    state = _State(ord(delimiter))
    ends, counts = [], []
    for start in range(0, size, _BLOCK_BYTES):
        block_ends, block_counts = state.feed(view, start, min(start + _BLOCK_BYTES, size))
        ends.append(block_ends)
        counts.append(block_counts)
    all_ends = np.concatenate([*ends, np.empty(0, np.int64)])
    totals = np.concatenate([*counts, np.empty((0, 3), np.int64)])
    if size and (not len(all_ends) or all_ends[-1] != size):
        all_ends = np.append(all_ends, size)
        totals = np.vstack([totals, state.totals])
    each = np.diff(totals, axis=0, prepend=np.zeros((1, 3), np.int64))
    return Records(
        starts=np.concatenate([np.zeros(min(1, len(all_ends)), np.int64), all_ends[:-1]]),
        ends=all_ends,
        fields=(each[:, 0] + 1).astype(np.int32),
        blank=each[:, 1] == 0,
        has_nul=each[:, 2] > 0,
        unclosed=bool(state.inside),
    )


class _State:
    """What a block must know of the blocks before it."""

    def __init__(self, delimiter: int) -> None:
        self.delimiter = delimiter
        self.inside = 0
        self.totals = np.zeros(3, np.int64)
        """Delimiters outside quotes, bytes with content, NUL bytes, since the beginning."""

    def feed(
        self, view: npt.NDArray[np.uint8], start: int, end: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        block = view[start:end]
        outside = self._outside(block)
        breaks = block == _LF
        if _CR in block:
            following = np.append(block[1:], view[end] if end < len(view) else 0)
            breaks |= (block == _CR) & (following != _LF)
        at = np.flatnonzero(breaks & outside)
        is_delimiter = (block == self.delimiter) & outside
        content = _HAS_CONTENT[block] & ~is_delimiter
        running = [np.cumsum(each, dtype=np.int32) for each in (is_delimiter, content, block == _NUL)]
        counts = np.stack([each[at] for each in running], axis=1) + self.totals
        self.totals = self.totals + np.array([each[-1] for each in running])
        return (at + start + 1).astype(np.int64), counts

    def _outside(self, block: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
        """Which bytes are outside quotes; an array of one where that holds for all."""
        if not self.inside and _QUOTE not in block:
            return np.ones(1, dtype=bool)
        quoted = ((np.cumsum(block == _QUOTE, dtype=np.int32) + self.inside) & 1).astype(bool)
        self.inside = int(quoted[-1])
        return ~quoted


_HAS_CONTENT = np.ones(256, dtype=bool)
_HAS_CONTENT[[_QUOTE, _LF, _CR, 32, 9]] = False


def select(data: bytes, records: Records, wanted: npt.NDArray[np.bool_]) -> bytes:
    """The bytes of the wanted records only, in order."""
    if bool(wanted.all()):
        return data
    edges = np.zeros(len(data) + 1, dtype=np.int8)
    # An end may be the next one's start: they cancel out.
    edges[records.starts[wanted]] += 1
    edges[records.ends[wanted]] -= 1
    keep = np.cumsum(edges[:-1], dtype=np.int8).astype(bool)
    return bytes(np.frombuffer(data, dtype=np.uint8)[keep])
