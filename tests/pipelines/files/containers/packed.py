"""ZIP files with whatever in their headers, for tests that lie."""

import gzip
import struct
import zlib
from dataclasses import dataclass

DEFLATED, STORED = 8, 0
UTF8 = 0x800


@dataclass(frozen=True)
class Entry:
    """One member as its headers describe it, true or not."""

    name: bytes
    packed: bytes
    check: int
    size: int
    method: int = DEFLATED
    flags: int = UTF8
    mode: int = 0
    extra: bytes = b""
    claimed: int | None = None
    """The packed size that the headers state; default the true one."""
    at: int | None = None
    """Where the directory says that it begins; default where it does."""


def entry(name: str | bytes, data: bytes, **changes: object) -> Entry:
    """An honest member, but for the changes."""
    raw = name.encode() if isinstance(name, str) else name
    stated = {"check": zlib.crc32(data), "size": len(data), "packed": deflated(data)} | changes
    if stated.get("method") == STORED:
        stated["packed"] = data
    return Entry(raw, **stated)  # type: ignore[arg-type]


def deflated(data: bytes) -> bytes:
    """A raw stream, as members hold it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def deflated_zeros(megabytes: int) -> bytes:
    """A raw stream of so many megabytes of zeros, made without packing them all."""
    packer = zlib.compressobj(wbits=-15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + packer.flush()


def gzip_bomb(megabytes: int) -> bytes:
    """A gzip file of so many megabytes of zeros; its checksum is wrong, which comes last."""
    return gzip.compress(b"", mtime=0)[:10] + deflated_zeros(megabytes) + bytes(8)


def zip_of(*members: Entry, comment: bytes = b"", before: bytes = b"") -> bytes:
    """The file."""
    body, directory = before, b""
    for one in members:
        claimed = len(one.packed) if one.claimed is None else one.claimed
        sizes = struct.pack("<III", one.check, claimed, one.size)
        shared = struct.pack("<HHHHH", 20, one.flags, one.method, 0, 0x5A21)
        lengths = struct.pack("<HH", len(one.name), len(one.extra))
        at = len(body) - len(before) if one.at is None else one.at
        directory += (
            b"PK\x01\x02\x14\x03" + shared + sizes + lengths + struct.pack("<HHHII", 0, 0, 0, one.mode << 16, at)
        )
        directory += one.name + one.extra
        body += b"PK\x03\x04" + shared + sizes + lengths + one.name + one.extra + one.packed
    end = struct.pack(
        "<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body) - len(before), len(comment)
    )
    return body + directory + b"PK\x05\x06" + end + comment


def compound_of(*names: str) -> bytes:
    """A compound file whose directory names these streams, each of them empty. Source: [MS-CFB]."""
    none, end, table_sector = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    directory = b"".join(_directory_entry(name, 5 if name == "Root Entry" else 2) for name in ("Root Entry", *names))
    directory += bytes(-len(directory) % 512)
    count = len(directory) // 512
    chain = [table_sector, *range(2, count + 1), end]
    table = struct.pack("<128I", *chain, *[none] * (128 - len(chain)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[none] * 108)
    return header + table + directory


def _directory_entry(name: str, kind: int) -> bytes:
    raw = name.encode("utf-16-le")
    return (raw.ljust(64, b"\0") + struct.pack("<HB", len(raw) + 2, kind)).ljust(128, b"\0")
