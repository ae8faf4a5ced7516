"""Parses records into cells by polars and compares each record with the second reader's count of bytes."""

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.files.text.quoting import CR, LF, SPACE, Positions, Quotes, Role
from pipelines.files.text.record_scanner import Form, Records

_STAND_INS = bytes([*range(0x01, 0x09), *range(0x0E, 0x1B)])
"""Control bytes, one of which stands for a quote that is a letter while the engine reads."""
_ATTEMPTS_LIMIT = 1_000
"""So often the engine is asked about one part; a file that misleads it more often is an attack."""


@dataclass(frozen=True)
class Cells:
    """Cells of some records as the engine parsed them."""

    text: pl.DataFrame
    """`c0 … c<widest - 1>`, as they stand in the file."""
    agrees: npt.NDArray[np.bool_]
    """True for rows with as many bytes of text as the second reader counted."""


def parse(records: Records, wanted: Positions, delimiter: str, widest: int) -> Cells:
    """The cells of the wanted records, in order; no record may have more than `widest`."""
    kinds = records.form[wanted]
    found, order = [], []
    for form in Form:
        at = np.flatnonzero(kinds == form)
        if len(at):
            found.append(_Group(records, form, delimiter, widest).read(wanted[at]))
            order.append(at)
    if len(found) == 1:
        return found[0]
    if not found:
        return Cells(_nothing(widest), np.empty(0, dtype=bool))
    back = np.argsort(np.concatenate(order), kind="stable")
    text = pl.concat([each.text for each in found])[pl.Series(back)]
    return Cells(text, np.concatenate([each.agrees for each in found])[back])


def _nothing(widest: int) -> pl.DataFrame:
    return pl.DataFrame(schema=[(f"c{position}", pl.String) for position in range(widest)])


class _Group:
    """Records of one form."""

    def __init__(self, records: Records, form: Form, delimiter: str, widest: int) -> None:
        self._records, self._delimiter, self._widest = records, delimiter, widest
        self._quote_char = None if form == Form.PLAIN else '"'
        self._view = _with_line_feeds(records)
        self._dropped: npt.NDArray[np.bool_] | None = None
        self._stand_in: int | None = None
        self._attempts = 0
        if form == Form.LOOSE and records.quotes is not None:
            self._view, self._stand_in = _with_stand_ins(self._view, records.quotes)
            self._dropped = _outer_spaces(records.view, records.quotes)

    def read(self, wanted: Positions) -> Cells:
        """Their cells; when the engine finds another number of rows, those that it misreads are found by halving."""
        text = self._taken_apart(wanted)
        if text is not None:
            has_all = text.select(pl.sum_horizontal(pl.all().str.len_bytes())).to_series().to_numpy()
            return Cells(text, has_all == self._expected_bytes(wanted))
        if len(wanted) == 1 or self._attempts > _ATTEMPTS_LIMIT:
            return Cells(_nothing(self._widest).clear(len(wanted)), np.zeros(len(wanted), dtype=bool))
        halves = [self.read(half) for half in np.array_split(wanted, 2)]
        return Cells(pl.concat([half.text for half in halves]), np.concatenate([half.agrees for half in halves]))

    def _taken_apart(self, wanted: Positions) -> pl.DataFrame | None:
        self._attempts += 1
        # The engine takes no more columns than the first line has. Text that begins with `x^` it would unpack.
        widest_line = self._delimiter.join("a" * self._widest).encode() + b"\n"
        try:
            text = pl.read_csv(
                io.BytesIO(widest_line + self._selected(wanted)),
                has_header=False,
                separator=self._delimiter,
                quote_char=self._quote_char,
                infer_schema=False,
                truncate_ragged_lines=True,
                schema=_nothing(self._widest).schema,
            ).slice(1)
        except pl.exceptions.PolarsError:
            return None
        if text.height != len(wanted):
            return None
        if self._stand_in is not None:
            text = text.with_columns(pl.all().str.replace_all(chr(self._stand_in), '"', literal=True))
        return text

    def _selected(self, wanted: Positions) -> bytes:
        starts, ends = self._records.starts[wanted], self._records.ends[wanted]
        if self._dropped is None and (starts[1:] == ends[:-1]).all():
            return self._view[starts[0] : ends[-1]].tobytes()
        keep = _within(starts, ends, len(self._view))
        if self._dropped is not None:
            keep &= ~self._dropped
        return self._view[keep].tobytes()

    def _expected_bytes(self, wanted: Positions) -> Positions:
        """Of text: all but line ends, delimiters, and the quotes and spaces around cells."""
        records = self._records
        starts, ends = records.starts[wanted], records.ends[wanted]
        last, before = records.view[ends - 1], records.view[np.maximum(ends - 2, starts)]
        line_end = np.where(last == LF, 1 + ((before == CR) & (ends - starts > 1)), last == CR)
        expected: Positions = ends - starts - line_end - (records.fields[wanted] - 1)
        if records.quotes is not None and self._quote_char:
            quotes = records.quotes
            signs = quotes.positions[np.isin(quotes.roles, _SIGNS)]
            expected = expected - _between(signs, starts, ends)
        if self._dropped is not None:
            expected = expected - _between(np.flatnonzero(self._dropped), starts, ends)
        return expected


_SIGNS = (Role.OPENS, Role.CLOSES, Role.ESCAPES)
"""Quotes that are no text."""


def _between(positions: Positions, starts: Positions, ends: Positions) -> Positions:
    return np.searchsorted(positions, ends) - np.searchsorted(positions, starts)


def _within(starts: Positions, ends: Positions, size: int) -> npt.NDArray[np.bool_]:
    change = np.zeros(size + 1, dtype=np.int8)
    # An end may be the next one's start: they cancel out.
    change[starts] += 1
    change[ends] -= 1
    return np.cumsum(change[:-1], dtype=np.int8).astype(bool)


def _with_line_feeds(records: Records) -> npt.NDArray[np.uint8]:
    """The bytes, each record's line end a LF: the engine knows no CR that stands alone."""
    last = records.ends - 1
    carriages = last[records.view[last] == CR]
    if not len(carriages):
        return records.view
    view = records.view.copy()
    view[carriages] = LF
    return view


def _with_stand_ins(view: npt.NDArray[np.uint8], quotes: Quotes) -> tuple[npt.NDArray[np.uint8], int | None]:
    """The bytes, quotes that are letters replaced by a byte that does not occur, and that byte; None if all occur."""
    used = np.bincount(view, minlength=256)
    free = [byte for byte in _STAND_INS if not used[byte]]
    if not free:
        # The engine stumbles over them, and the rows are rejected.
        return view, None
    view = view.copy()
    view[quotes.positions[(quotes.roles == Role.LETTER) | (quotes.roles == Role.STRAY)]] = free[0]
    return view, free[0]


def _outer_spaces(view: npt.NDArray[np.uint8], quotes: Quotes) -> npt.NDArray[np.bool_]:
    """The spaces between a quoted cell and its delimiters."""
    dropped = np.zeros(len(view), dtype=bool)
    for role, step in ((Role.OPENS, -1), (Role.CLOSES, 1)):
        at = quotes.positions[quotes.spaced & (quotes.roles == role)] + step
        while len(at := at[(at >= 0) & (at < len(view))]) and len(at := at[view[at] == SPACE]):
            dropped[at] = True
            at = at + step
    return dropped
