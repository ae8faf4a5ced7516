"""Unpacks ZIP and gzip files in small pieces and counts the bytes as they come.

What a header says of sizes is compared, never believed. Memory is bounded whatever the file holds.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from pipelines.errors import UnreadableFile

TOTAL_LIMIT_BYTES = 2**30
RATIO_LIMIT = 50
"""Largest ratio of unpacked to packed bytes: a list of people has about 9, a bomb 400 and more."""
RATIO_FLOOR_BYTES = 2**20
"""Unpacked bytes below which the ratio does not matter: a small file of one repeated letter is no attack."""

_PACKED_BLOCK = 2**16
_BLOCK = 2**20
_DIRECTORY_LIMIT_BYTES = 4 * 2**20
_GZIP_PARTS_LIMIT = 100_000
"""`bgzip` makes one for each 64 KB; a file of empty ones would keep us busy for hours."""
_LOCAL_HEADER = 30
_FAULTS = (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OverflowError, IndexError, struct.error)
"""What Python's reader of ZIP directories raises on bytes that make no sense."""


class Allowance:
    """Number of bytes that a packed file may still unpack to."""

    def __init__(self, packed: int) -> None:
        self._left = min(TOTAL_LIMIT_BYTES, max(RATIO_FLOOR_BYTES, RATIO_LIMIT * packed))

    def spend(self, count: int) -> None:
        """Counts unpacked bytes; UnreadableFile `zip_bomb` once the allowance is used up."""
        self._left -= count
        if self._left < 0:
            raise zip_bomb()


def entries(path: Path, most: int) -> list[zipfile.ZipInfo]:
    """The members that the directory of a ZIP file names, in its order.

    Errors: UnreadableFile if it is damaged or cut off, names more than `most`, or members share bytes.
    """
    with _BoundedReader(io.FileIO(path)) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                found = archive.infolist()
        except _FAULTS as fault:
            raise damaged() from fault
    if len(found) > most:
        raise too_many_members(most)
    size = path.stat().st_size
    if any(not 0 <= entry.header_offset <= size or entry.compress_size > size for entry in found):
        raise damaged()
    in_place = sorted(found, key=lambda entry: entry.header_offset)
    for entry, following in pairwise(in_place):
        if entry.header_offset + _LOCAL_HEADER + entry.compress_size > following.header_offset:
            raise zip_bomb()
    return found


def is_encrypted(entry: zipfile.ZipInfo) -> bool:
    """Whether a password is needed (also WinZip's AES)."""
    return bool(entry.flag_bits & 0x2041) or entry.compress_type == 99


def blocks(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of a member, at most 1 MB at a time, also when its directory entry claims less.

    Errors: UnreadableFile if it is damaged, or packed in a way that is not read.
    """
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableFile(
            "unknown_packing",
            "Thành phần được nén theo kiểu lạ; hãy nén lại bằng ZIP thường (Deflate) / packed in an unusual way: "
            "make an ordinary ZIP.",
        )
    packed = _packed(file, entry)
    check, count = 0, 0
    for block in packed if entry.compress_type == zipfile.ZIP_STORED else _inflated(packed):
        check, count = zlib.crc32(block, check), count + len(block)
        yield block
    if (check, count) != (entry.CRC, entry.file_size):
        raise damaged()


def gzip_blocks(file: BinaryIO) -> Iterator[bytes]:
    """The content of a gzip file, at most 1 MB at a time; parts one after another are one content.

    Errors: UnreadableFile if it is damaged or cut off.
    """
    parts, waiting = 0, b""
    while waiting := (waiting or file.read(_PACKED_BLOCK)):
        if parts and not waiting.strip(b"\0"):
            waiting = b""  # tapes and some tools fill the end up with zeros
            continue
        parts += 1
        if parts > _GZIP_PARTS_LIMIT:
            raise zip_bomb()
        unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        yield from _run(unpacker, _and_then(waiting, file))
        waiting = unpacker.unused_data
    if not parts:
        raise damaged()


def damaged() -> UnreadableFile:
    """The refusal of a packed file that is not whole."""
    return UnreadableFile(
        "damaged_file",
        "Tệp nén hoặc bảng tính (ZIP, GZIP, XLSX, ODS) bị cắt ngang hoặc hỏng; hãy chép hoặc xuất lại / the archive or "
        "workbook is cut off or damaged: copy or export it again.",
    )


def zip_bomb() -> UnreadableFile:
    """The refusal of a file that unpacks to too much."""
    return UnreadableFile(
        "zip_bomb",
        f"Bung ra quá {TOTAL_LIMIT_BYTES // 2**30} GB hoặc quá {RATIO_LIMIT} lần cỡ nén, hoặc các phần dùng chung "
        "byte; hãy lưu lại bằng Excel, hoặc gửi tệp không nén / unpacks to far more than a list of people does: save "
        "it again in Excel, or send it unpacked.",
    )


def too_many_members(most: int) -> UnreadableFile:
    """The refusal of an archive with more members than a department has lists."""
    return UnreadableFile(
        "too_many_members",
        f"Tệp nén có quá {most} thành phần; hãy chia thành nhiều tệp / the archive has too many members: split it.",
    )


class _BoundedReader(io.BufferedReader):
    """Refuses to hold a ZIP directory in memory that is larger than any honest one."""

    def read(self, size: int | None = -1, /) -> bytes:
        to_the_end = size is None or size < 0
        data = super().read(_DIRECTORY_LIMIT_BYTES + 1 if to_the_end else min(size or 0, _DIRECTORY_LIMIT_BYTES + 1))
        if len(data) > _DIRECTORY_LIMIT_BYTES:
            raise too_many_members(_DIRECTORY_LIMIT_BYTES // 100)
        return data


def _packed(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    file.seek(entry.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        raise damaged()
    name, extra = struct.unpack("<HH", header[26:30])
    file.seek(name + extra, io.SEEK_CUR)
    left = entry.compress_size
    while left:
        block = file.read(min(left, _PACKED_BLOCK))
        if not block:
            raise damaged()
        left -= len(block)
        yield block


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    yield from _run(unpacker, packed)
    if unpacker.unused_data or next(packed, None) is not None:
        raise damaged()


def _run(unpacker: "zlib._Decompress", packed: Iterator[bytes]) -> Iterator[bytes]:
    """Until the stream's own end; what follows it is the caller's."""
    while not unpacker.eof:
        waiting = unpacker.unconsumed_tail or next(packed, b"")
        try:
            block = unpacker.decompress(waiting, _BLOCK)
        except zlib.error as fault:
            raise damaged() from fault
        if block:
            yield block
        elif not waiting:
            raise damaged()


def _and_then(start: bytes, file: BinaryIO) -> Iterator[bytes]:
    yield start
    while block := file.read(_PACKED_BLOCK):
        yield block
