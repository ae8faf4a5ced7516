"""Lists the names inside a compound file, the container of old Office files and of encrypted new ones."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipelines.errors import UnreadableFile

_LAST_SECTOR = 0xFFFFFFF9
"""Numbers above it mean "none"."""
_ENTRY = 128
_MOST_ENTRIES = 10_000
_MOST_MORE_TABLES = 300
"""Enough for 2 GB."""
_UNUSED = 0


def names(path: Path) -> frozenset[str]:
    """Names of all streams and folders in the compound file.

    Errors: UnreadableFile if it is damaged.
    Source: [MS-CFB], Compound File Binary File Format, 2.2 to 2.6.
    """
    with path.open("rb") as file:
        try:
            return frozenset(_Compound(file).names())
        except (struct.error, IndexError, ValueError, OverflowError) as fault:
            raise _damaged() from fault


class _Compound:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        header = file.read(512)
        (shift,) = struct.unpack_from("<H", header, 30)
        if shift not in (9, 12):
            raise _damaged()
        self._size = 1 << shift
        (self._first_directory,) = struct.unpack_from("<I", header, 48)
        first_more, count_more = struct.unpack_from("<II", header, 68)
        self._tables = list(struct.unpack_from("<109I", header, 76))
        self._read_more_tables(first_more, count_more)

    def names(self) -> Iterator[str]:
        """The name of each entry of the directory."""
        for number in self._chain(self._first_directory):
            sector = self._sector(number)
            for start in range(0, self._size, _ENTRY):
                length, kind = struct.unpack_from("<HB", sector, start + 64)
                if kind != _UNUSED and 2 <= length <= 64:
                    yield sector[start : start + length - 2].decode("utf-16-le", errors="replace")

    def _read_more_tables(self, number: int, count: int) -> None:
        """Beyond 109 sectors (7 MB) the list of tables goes on in sectors of its own."""
        seen: set[int] = set()
        while number <= _LAST_SECTOR and len(seen) < min(count, _MOST_MORE_TABLES) and number not in seen:
            seen.add(number)
            *more, number = struct.unpack(f"<{self._size // 4}I", self._sector(number))
            self._tables += more

    def _chain(self, number: int) -> Iterator[int]:
        seen: set[int] = set()
        while number <= _LAST_SECTOR:
            if number in seen or len(seen) * (self._size // _ENTRY) > _MOST_ENTRIES:
                raise _damaged()
            seen.add(number)
            yield number
            table, place = divmod(number, self._size // 4)
            (number,) = struct.unpack_from("<I", self._sector(self._tables[table]), 4 * place)

    def _sector(self, number: int) -> bytes:
        self._file.seek((number + 1) * self._size)
        sector = self._file.read(self._size)
        # Some programs leave the last sector short.
        if not sector:
            raise _damaged()
        return sector.ljust(self._size, b"\0")


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "damaged_file",
        "Tệp Excel cũ (XLS) bị cắt ngang hoặc hỏng; hãy chép lại, hoặc mở bằng Excel và lưu lại dưới dạng XLSX / the "
        "old workbook is cut off or damaged: copy it again, or save it as XLSX.",
    )
