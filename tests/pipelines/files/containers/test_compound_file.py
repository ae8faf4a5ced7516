"""Compound files: names found, loops and lies refused."""

import io
import struct
from pathlib import Path

import pytest
import xlwt

from pipelines.errors import UnreadableFile
from pipelines.files.containers import compound_file
from tests.pipelines.files.containers.packed import compound_of


def names(tmp_path: Path, data: bytes) -> frozenset[str]:
    (tmp_path / "a").write_bytes(data)
    return compound_file.names(tmp_path / "a")


def test_names(tmp_path: Path) -> None:
    many = [f"stream {n}" for n in range(40)]
    assert names(tmp_path, compound_of(*many)) == {"Root Entry", *many}


def test_a_workbook_of_another_writer(tmp_path: Path) -> None:
    """Large enough (over 7 MB) that the list of tables goes beyond the header."""
    made, book = io.BytesIO(), xlwt.Workbook()
    sheet = book.add_sheet("x")
    for row in range(240):
        sheet.write(row, 0, f"{row:032000}")
    book.save(made)
    assert len(made.getvalue()) > 109 * 128 * 512
    assert names(tmp_path, made.getvalue()) == {"Root Entry", "Workbook"}


def patched(at: int, value: int) -> bytes:
    data = bytearray(compound_of(*[f"s{n}" for n in range(10)]))
    struct.pack_into("<I", data, at, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (patched(512 + 4, 1), "a directory that goes on in itself"),
        (patched(512 + 4, 10**6), "a directory that goes on behind the end"),
        (patched(48, 10**9), "a directory that begins behind the end"),
        (patched(76, 10**9), "a table behind the end"),
        (patched(28, 0x0003FFFE), "sectors of 8 bytes"),
        (compound_of("a")[:40], "cut off in the header"),
        (b"", "nothing"),
    ],
)
def test_damaged(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        names(tmp_path, data)
    assert refusal.value.code == "damaged_file", why


def test_a_list_of_tables_that_goes_round_ends(tmp_path: Path) -> None:
    data = bytearray(compound_of("Workbook"))
    struct.pack_into("<II", data, 68, 2, 2**31)
    data += struct.pack("<128I", *[0xFFFFFFFF] * 127, 2)
    assert names(tmp_path, bytes(data)) == {"Root Entry", "Workbook"}
