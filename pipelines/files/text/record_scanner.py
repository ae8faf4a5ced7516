"""Scans a delimited text for its records, by counting bytes alone, a bounded part at a time.

This is the second reader: it knows quotes, delimiters and line ends, nothing else, and shares no code with the
engine that reads the cells. Its count is what `links + rejected` must add up to.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from pipelines.errors import UnreadableFile
from pipelines.files.text import line_ends
from pipelines.files.text.quote_parser import understand
from pipelines.files.text.quoting import CR, LF, QUOTE, ROW_LIMIT_BYTES, SPACE, Lines, Positions, Quotes, Role, line_of

PART_BYTES = 4_000_000
_PART_LINES = 200_000
"""A part has no more lines than these, however short they are."""
_WALKED_LIMIT = 3_000_000
"""So many rows have quotes that must be gone through singly only in a file that is meant to keep us busy."""
_NO_CONTENT = (QUOTE, LF, CR, SPACE, 9)


class Form(IntEnum):
    """Way in which a record's cells are quoted."""

    PLAIN = 0
    """No quoted cell; its quotes, if any, are letters."""
    QUOTED = 1
    """Every quote is as it should be."""
    LOOSE = 2
    """Quoted cells beside quotes that are letters, or spaces outside the quotes."""


@dataclass(frozen=True)
class Records:
    """A run of records (physical rows; a line break in a quoted cell ends none), one entry each."""

    first_row: int
    """Number of the first one in the file, from 1."""
    view: npt.NDArray[np.uint8]
    """The bytes that the offsets count."""
    starts: Positions
    ends: Positions
    """Offset behind each record's line end."""
    fields: Positions
    """Number of delimiters outside quoted cells, plus one."""
    blank: npt.NDArray[np.bool_]
    """True for records of nothing but delimiters, quotes, spaces and tabs."""
    has_nul: npt.NDArray[np.bool_]
    too_long: npt.NDArray[np.bool_]
    """True for lines of more than ROW_LIMIT_BYTES; nothing else is known of them."""
    torn: npt.NDArray[np.bool_]
    """True for records in which a quote opens without being believed."""
    form: npt.NDArray[np.uint8]
    quotes: Quotes | None

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def rows(self) -> Positions:
        """Numbers of the records in the file."""
        return np.arange(self.first_row, self.first_row + len(self))


def scan(
    blocks: Iterable[bytes], delimiter: str, widths: Collection[int] | None, part_bytes: int = PART_BYTES
) -> Iterator[Records]:
    """All records of a text in UTF-8, in parts of about `part_bytes`; where the parts are cut changes no record.

    `widths`: how many cells a row of the table has (see `quotes`); None believes any number.
    Errors: UnreadableFile if the quotes of millions of rows keep to no rule.
    """
    pieces = line_ends.pieces(blocks, part_bytes)
    row, walked = 1, 0
    rest, final = next(pieces)
    while True:
        rest = line_ends.without_marks(rest)
        found, taken, is_cut = _complete(rest, ord(delimiter), widths, row, final=final)
        if found is not None:
            yield found
            row += len(found)
            walked += found.quotes.walked if found.quotes else 0
            _refuse_broken(walked, row - 1)
        rest = rest[taken:]
        if is_cut:
            continue
        if len(rest) > ROW_LIMIT_BYTES and not line_ends.first(rest, final=final):
            is_blank, rest, final = _skip_line(rest, pieces, ord(delimiter), final=final)
            yield _long_line(row, is_blank=is_blank)
            row += 1
        elif final:
            return
        else:
            piece, final = next(pieces)
            rest += piece


def _refuse_broken(walked: int, row: int) -> None:
    if walked > _WALKED_LIMIT:
        raise UnreadableFile(
            "broken_quotes",
            f"Hơn {_WALKED_LIMIT} dòng (đến dòng {row}) có dấu ngoặc kép sai quy tắc; hãy xuất lại dưới dạng CSV UTF-8 "
            f"/ more than {_WALKED_LIMIT} rows, up to row {row}, have quotes that keep to no rule: export again.",
        )


def _complete(
    data: bytes, delimiter: int, widths: Collection[int] | None, row: int, *, final: bool
) -> tuple[Records | None, int, bool]:
    """The records that are whole for certain, how many bytes they take, and whether there may be more of them."""
    view = np.frombuffer(data, dtype=np.uint8)
    ends = line_ends.offsets(data, view, final=final)
    if not len(ends):
        return None, 0, False
    is_cut = len(ends) > _PART_LINES
    if is_cut:
        ends, final = ends[:_PART_LINES], False
        view = view[: ends[-1]]
    known_bytes = len(view)
    view = view[: ends[-1]]
    starts = np.append(0, ends[:-1])
    lines = Lines(view, starts, ends, delimiter, _at(view, delimiter), known_bytes, final)
    positions = _at(view, QUOTE)
    if not len(positions):
        return _records(lines, row, None), int(ends[-1]), is_cut
    understood = understand(lines, positions, widths)
    if understood.pending is not None:
        if not understood.pending:
            return None, 0, False
        lines = lines.before(understood.pending)
        understood = understood.before(int(lines.ends[-1]))
    return _records(lines, row, understood), int(lines.ends[-1]), is_cut


def _records(lines: Lines, row: int, understood: Quotes | None) -> Records:
    starts, ends, delimiters = lines.starts, lines.ends, lines.delimiters
    torn = np.zeros(len(starts), dtype=bool)
    if understood is not None:
        torn[understood.torn] = True
        begins = _begins(len(starts), understood.joined)
        starts, torn = starts[begins], torn[begins]
        ends = np.append(starts[1:], ends[-1])
        delimiters = _outside(delimiters, understood, int(ends[-1]))
    return Records(
        first_row=row,
        view=lines.view,
        starts=starts,
        ends=ends,
        fields=np.diff(np.searchsorted(delimiters, ends), prepend=0) + 1,
        blank=_blank(lines.view, starts, ends, lines.delimiter),
        has_nul=_has_nul(lines.view, ends),
        # A record of several lines is never believed when it is longer.
        too_long=ends - starts > ROW_LIMIT_BYTES,
        torn=torn,
        form=_forms(understood, ends),
        quotes=understood,
    )


def _begins(lines: int, joined: list[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Which lines begin a record."""
    if not joined:
        return np.ones(lines, dtype=bool)
    first, last = np.array(joined).T
    change = np.zeros(lines + 1, dtype=np.int64)
    change[first + 1] += 1
    change[last + 1] -= 1
    return np.equal(np.cumsum(change)[:-1], 0)


def _outside(delimiters: Positions, understood: Quotes, size: int) -> Positions:
    """The delimiters that stand in no quoted cell."""
    change = np.zeros(size, dtype=np.int8)
    change[understood.positions[understood.roles == Role.OPENS]] = 1
    change[understood.positions[understood.roles == Role.CLOSES]] = -1
    outside: Positions = delimiters[np.cumsum(change, dtype=np.int8)[delimiters] == 0]
    return outside


def _blank(view: npt.NDArray[np.uint8], starts: Positions, ends: Positions, delimiter: int) -> npt.NDArray[np.bool_]:
    has_content = np.ones(256, dtype=bool)
    has_content[[*_NO_CONTENT, delimiter]] = False
    # Nearly every row shows at two of its bytes that it is not blank.
    blank: npt.NDArray[np.bool_] = ~(has_content[view[starts]] | has_content[view[(starts + ends) // 2]])
    doubtful = np.flatnonzero(blank)
    if len(doubtful):
        content = np.append(has_content[view], False)
        edges = np.stack([starts[doubtful], ends[doubtful]], axis=1).ravel()
        blank[doubtful] = ~np.logical_or.reduceat(content, edges)[::2]
    return blank


def _has_nul(view: npt.NDArray[np.uint8], ends: Positions) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(ends), dtype=bool)
    found[np.searchsorted(ends, _at(view[: ends[-1]], 0), side="right")] = True
    return found


def _forms(understood: Quotes | None, ends: Positions) -> npt.NDArray[np.uint8]:
    form = np.full(len(ends), Form.PLAIN, dtype=np.uint8)
    if understood is None:
        return form
    record = line_of(understood.positions, ends)
    letter = (understood.roles == Role.LETTER) | (understood.roles == Role.STRAY)
    form[record[understood.roles != Role.LETTER]] = Form.QUOTED
    loose = record[letter | understood.spaced]
    form[loose[form[loose] == Form.QUOTED]] = Form.LOOSE
    return form


def _at(view: npt.NDArray[np.uint8], byte: int) -> Positions:
    return np.flatnonzero(view == byte)


def _skip_line(
    rest: bytes, pieces: Iterator[tuple[bytes, bool]], delimiter: int, *, final: bool
) -> tuple[bool, bytes, bool]:
    """A line too long to be held, gone through: whether it is blank, what follows it, whether that is the last."""
    is_blank = True
    while True:
        end = line_ends.first(rest, final=final)
        line = rest[:end] if end else rest
        is_blank = is_blank and not line.translate(None, bytes([*_NO_CONTENT, delimiter]))
        if end or final:
            return is_blank, rest[len(line) :], final
        held = b"\r" if rest.endswith(b"\r") else b""
        piece, final = next(pieces)
        rest = held + piece


def _long_line(row: int, *, is_blank: bool) -> Records:
    one, none = np.ones(1, dtype=bool), np.zeros(1, dtype=np.int64)
    return Records(
        first_row=row,
        view=np.empty(0, dtype=np.uint8),
        starts=none,
        ends=none,
        fields=none,
        blank=one if is_blank else ~one,
        has_nul=~one,
        too_long=one,
        torn=~one,
        form=none.astype(np.uint8),
        quotes=None,
    )
