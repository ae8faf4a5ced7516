"""Finds the ends of lines in bytes that come piece by piece."""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from pipelines.files.text.quoting import CR, LF, Positions

_MARK = b"\xef\xbb\xbf"


def pieces(blocks: Iterable[bytes], part_bytes: int) -> Iterator[tuple[bytes, bool]]:
    """The blocks put together or cut to about `part_bytes`, and whether each is the last."""
    held: list[bytes] = []
    size = 0
    for block in blocks:
        for start in range(0, len(block), part_bytes):
            held.append(block[start : start + part_bytes])
            size += len(held[-1])
            if size >= part_bytes:
                yield b"".join(held), False
                held, size = [], 0
    yield b"".join(held), True


def without_marks(data: bytes) -> bytes:
    """The bytes without byte-order marks at the beginnings of lines, which come from files put one behind the other."""
    if _MARK[0] not in data:
        return data
    while data.startswith(_MARK):
        data = data[len(_MARK) :]
    for end in (b"\n", b"\r"):
        while end + _MARK in data:
            data = data.replace(end + _MARK, end)
    return data


def offsets(data: bytes, view: npt.NDArray[np.uint8], *, final: bool) -> Positions:
    """Offsets behind each line end (LF, CR LF, or CR alone), and behind the last byte if nothing follows."""
    breaks = view == LF
    if b"\r" in data:
        following = np.append(view[1:] != LF, final)
        breaks |= (view == CR) & following
    ends = np.flatnonzero(breaks) + 1
    if final and len(data) and (not len(ends) or ends[-1] != len(data)):
        ends = np.append(ends, len(data))
    return ends


def first(data: bytes, *, final: bool) -> int:
    """Offset behind the first line end; 0 if there is none, or none that is whole for certain."""
    at = data.find(b"\n")
    carriage = data.find(b"\r", 0, len(data) if at < 0 else at)
    if carriage < 0:
        return at + 1
    if carriage + 1 == len(data):
        return len(data) if final else 0
    return carriage + (2 if carriage + 1 == at else 1)
