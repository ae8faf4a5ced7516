"""Recognises the delimiter of a text file and the number of cells in its rows, by the file's beginning."""

from dataclasses import dataclass

import numpy as np

from pipelines.files.text import record_scanner

USUAL = ",;\t|"
RARE = "^~:"
"""Delimiters that are tried only where none of the usual ones makes a table: a colon stands in every time of day."""
_COMMON_SHARE, _COMMON_ROWS = 0.1, 5
"""A number of cells that at least this share of the rows, and as many of them, have is a width of the table."""
_TABLE = 0.5
"""A sign parts cells only if at least this share of the rows, from the first of the commonest width on, has it."""


@dataclass(frozen=True)
class Dialect:
    """Delimiter and row widths of a text file."""

    delimiter: str
    widths: frozenset[int]
    """Numbers of cells in its rows; more than one where a writer leaves out empty cells at the end."""


@dataclass(frozen=True)
class _Candidate:
    layout: Dialect
    rows: int
    """How many have the commonest width."""
    cells: int
    """The commonest width."""


def recognise(sample: bytes) -> Dialect:
    """The dialect of a text with this beginning, in UTF-8; a comma and one cell if nothing separates cells.

    The sign that cuts the most rows into one and the same number of cells wins, then the one that makes more cells.
    """
    declared = _declared(sample)
    if declared:
        found = _candidate(sample, declared)
        return found.layout if found else Dialect(declared, frozenset({1}))
    for signs in (USUAL, RARE):
        candidates = [found for sign in signs if sign.encode() in sample and (found := _candidate(sample, sign))]
        if candidates:
            return max(candidates, key=lambda each: (each.rows, each.cells)).layout
    return Dialect(",", frozenset({1}))


def _declared(sample: bytes) -> str | None:
    """Excel's first line `sep=;`."""
    line = sample[:10].splitlines()[0].strip(b'"') if sample else b""
    sign = line[4:5]
    declares = line[:4].lower() == b"sep=" and len(line) <= 5 and sign and not sign.isalnum() and sign not in b'" '
    return sign.decode("ascii", errors="ignore") or None if declares else None


def _candidate(sample: bytes, delimiter: str) -> _Candidate | None:
    parts = list(record_scanner.scan([sample], delimiter, None))
    fields = np.concatenate(
        [part.fields[~(part.blank | part.too_long | part.torn)] for part in parts] or [np.empty(0, np.int64)]
    )
    values, counts = np.unique(fields[fields > 1], return_counts=True)
    if not len(values):
        return None
    # Of two widths that are as common, the greater one.
    best = len(counts) - 1 - int(np.argmax(counts[::-1]))
    commonest = int(values[best])
    table = fields[int(np.argmax(fields == commonest)) :]
    if (table > 1).mean() < _TABLE:
        return None
    common = max(_COMMON_ROWS, _COMMON_SHARE * len(table))
    widths = {int(value) for value, count in zip(values, counts, strict=True) if count >= common}
    header = int(table[np.argmax(table >= commonest)])
    return _Candidate(Dialect(delimiter, frozenset({commonest, header, *widths})), int(counts[best]), commonest)
