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
    return gzip.compress(b"")[:10] + deflated_zeros(megabytes) + bytes(8)


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
