"""Names of members in the code pages of those who packed them."""

import struct
import unicodedata
import zipfile
import zlib
from io import BytesIO

import pytest

from pipelines.files.containers import member_names
from tests.pipelines.files.containers.packed import entry, zip_of

NAME = "Danh sách Quận Đống Đa.csv"
CP1258 = "Danh sách Quâ\u0323n Đô\u0301ng Đa.csv".encode("cp1258")


def beside(raw: bytes, name: str) -> bytes:
    field = b"\x01" + struct.pack("<I", zlib.crc32(raw)) + name.encode()
    return struct.pack("<HHH", 0x5455, 2, 0) + struct.pack("<HH", 0x7075, len(field)) + field


def named(raw: bytes, flags: int = 0, extra: bytes = b"") -> tuple[str, list[str]]:
    (found,) = zipfile.ZipFile(BytesIO(zip_of(entry(raw, b"x", flags=flags, extra=extra)))).infolist()
    name, notes = member_names.name_in_archive(found, set())
    return name, [note.code for note in notes]


@pytest.mark.parametrize(
    ("raw", "flags", "extra", "name", "notes", "why"),
    [
        (b"list.csv", 0, b"", "list.csv", [], "plain"),
        (NAME.encode(), 0x800, b"", NAME, [], "marked UTF-8"),
        (NAME.encode(), 0, b"", NAME, ["member_name_guessed"], "UTF-8 without the mark (old Macs, scripts)"),
        (
            unicodedata.normalize("NFD", NAME).encode(),
            0,
            b"",
            NAME,
            ["member_name_guessed"],
            "a Mac's letters in parts",
        ),
        (CP1258, 0, b"", NAME, ["member_name_guessed"], "Vietnamese Windows"),
        (b"Danh s?ch.csv", 0, beside(b"Danh s?ch.csv", NAME), NAME, [], "the Unicode name beside it"),
        (b"b.csv", 0, beside(b"a.csv", NAME), "b.csv", [], "a Unicode name that was made for another one"),
        (b"caf\x82.csv", 0, b"", "café.csv", ["member_name_guessed"], "the DOS code page, as the format says"),
    ],
)
def test_code_pages(raw: bytes, flags: int, extra: bytes, name: str, notes: list[str], why: str) -> None:
    assert named(raw, flags, extra) == (name, notes), why
