"""Recognises the encoding of a text file, once for the whole file, a block at a time.

Legacy *fonts* (TCVN3, VNI) are not encodings of the file but of single cells: they pass through as
windows-1252 text and are repaired per cell by `vn.names`.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from pipelines.errors import UnreadableFile
from pipelines.files.sheet import Note
from pipelines.files.text import mixed_encoding

_SAMPLE_BYTES = 65_536
_BLOCK_BYTES = 2_000_000
_STRETCH_BYTES = 4_000_000
"""A cell that long belongs to a row that is rejected: it may be cut anywhere."""
_WIDE_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_LOST = "\ufffd"
_TURNED_LINE_END = "\u0a00"
"""What a line end looks like in UTF-16 from the place on where a byte is missing; no script has this letter."""


@dataclass(frozen=True)
class Text:
    """A text file whose encoding is known."""

    path: Path
    encoding: str
    """`utf-8`, `utf-8-sig`, `utf-16-le`, `utf-16-be`, `windows-1258`, `windows-1252`, or two joined by `+`."""
    notes: tuple[Note, ...]

    def blocks(self) -> Iterator[bytes]:
        """The whole text as UTF-8 without its byte-order mark, in blocks of some megabytes, none cut in a letter."""
        with self.path.open("rb") as file:
            first, _, second = self.encoding.partition("+")
            if first.startswith("utf-16"):
                for text in _wide(file, first):
                    yield text.encode("utf-8")
                return
            for block in _narrow(file):
                if not second and first.startswith("utf-8"):
                    yield block
                elif second:
                    yield mixed_encoding.mended(block, second)
                else:
                    yield mixed_encoding.recoded(block, first)


def recognise(path: Path) -> Text:
    """The file's encoding and what is odd about it; reads it once.

    Errors: UnreadableFile if it is no text, is UTF-32, or is UTF-16 that has lost a byte on the way.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
        _refuse_no_text(sample)
        file.seek(0)
        wide = _utf16(sample)
        return _recognise_wide(path, file, wide) if wide else _recognise_narrow(path, file)


def is_utf16(data: bytes) -> bool:
    """Whether the bytes begin a text in UTF-16, marked or not."""
    return _utf16(data) is not None


def _utf16(data: bytes) -> str | None:
    """By its mark, or because every other byte is zero in plain headers."""
    for mark, encoding in _WIDE_MARKS:
        if data.startswith(mark):
            return encoding
    sample = np.frombuffer(data[: 2 * (min(len(data), 4096) // 2)], dtype=np.uint8)
    if sample.size < 8:
        return None
    odd, even = float((sample[1::2] == 0).mean()), float((sample[0::2] == 0).mean())
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else None


def _recognise_wide(path: Path, file: BinaryIO, encoding: str) -> Text:
    lost = 0
    for number, text in enumerate(_wide(file, encoding)):
        if _TURNED_LINE_END in text:
            raise UnreadableFile(
                "bad_encoding",
                f"Tệp ghi là {encoding} nhưng thiếu một byte ở khoảng byte {number * _BLOCK_BYTES + 1} đến "
                f"{(number + 1) * _BLOCK_BYTES}; hãy xuất lại dưới dạng CSV UTF-8 / a byte is missing: the text is no "
                f"{encoding} from there on, export again as CSV UTF-8.",
            )
        lost += text.count(_LOST)
    return Text(path, encoding, (*_cut_off(path), *_lost(lost)))


def _cut_off(path: Path) -> tuple[Note, ...]:
    if path.stat().st_size % 2 == 0:
        return ()
    told = "Tệp bị cắt giữa chữ cuối cùng; hãy đối chiếu dòng cuối / the file is cut off within its last letter."
    return (Note("cut_off", told),)


def _recognise_narrow(path: Path, file: BinaryIO) -> Text:
    has_mark = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    file.seek(0)
    evidence = mixed_encoding.Evidence()
    lost = 0
    for block in _narrow(file):
        lost += block.count(_LOST.encode())
        if not _is_utf8(block):
            evidence.add(block)
        elif not block.isascii():
            evidence.utf8 = True
    if not evidence.lines:
        return Text(path, "utf-8-sig" if has_mark else "utf-8", _lost(lost))
    page = evidence.code_page()
    if not (evidence.utf8 or has_mark):
        return Text(path, page, _lost(lost))
    mixed = Note(
        "mixed_encoding",
        f"Tệp trộn hai bảng mã: {evidence.lines} dòng có chữ không phải UTF-8, được đọc theo {page} "
        f"/ {evidence.lines} lines have text that is not UTF-8; it was read as {page}.",
    )
    return Text(path, f"{'utf-8-sig' if has_mark else 'utf-8'}+{page}", (mixed, *_lost(lost)))


def _is_utf8(block: bytes) -> bool:
    # Polars looks at gigabytes a second; decoding into a str would take ten times as long.
    try:
        pl.Series([block]).cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def _lost(letters: int) -> tuple[Note, ...]:
    if not letters:
        return ()
    told = (
        f"{letters} chữ đã mất, chỉ còn dấu «{_LOST}»; hãy xuất lại từ phần mềm nguồn "
        f"/ {letters} letters are lost and stand as «{_LOST}»: export again from the source."
    )
    return (Note("lost_letters", told),)


def _wide(file: BinaryIO, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    mark = "\ufeff"
    while block := file.read(_BLOCK_BYTES):
        yield decoder.decode(block).removeprefix(mark)
        mark = ""
    rest = decoder.getstate()[0]
    # Half a unit at the very end is no letter that anybody typed.
    yield rest[: len(rest) // 2 * 2].decode(encoding, errors="replace")


def _narrow(file: BinaryIO) -> Iterator[bytes]:
    """Blocks that are cut between cells, so that each cell is judged whole."""
    rest = file.read(len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)
    while block := file.read(_BLOCK_BYTES):
        rest += block
        cut = mixed_encoding.last_edge(rest, len(rest) - len(block))
        if not cut and len(rest) < _STRETCH_BYTES:
            continue
        cut = cut or len(rest)
        yield rest[:cut]
        rest = rest[cut:]
    if rest:
        yield rest


def _refuse_no_text(sample: bytes) -> None:
    if sample.startswith(_UTF32_MARKS) or _looks_like_utf32(sample):
        raise UnreadableFile(
            "bad_encoding", "Tệp ghi bằng UTF-32; hãy xuất lại dưới dạng CSV UTF-8 / UTF-32: export again as CSV UTF-8."
        )
    if _looks_like_ebcdic(sample):
        raise UnreadableFile(
            "bad_encoding",
            "Tệp ghi bằng EBCDIC (máy chủ lớn); hãy chuyển sang CSV UTF-8 rồi nạp lại "
            "/ EBCDIC, from a mainframe: convert it to CSV UTF-8.",
        )
    controls = bytes(set(sample.translate(None, _NO_CONTROLS)))
    if len(controls) >= 8 and _utf16(sample) is None:
        raise UnreadableFile(
            "not_text",
            "Tệp là dữ liệu nhị phân, không phải văn bản; hãy xuất lại dưới dạng CSV UTF-8 "
            "/ binary data, no text: export it as CSV UTF-8.",
        )


_NO_CONTROLS = bytes(byte for byte in range(256) if byte >= 32 or byte in b"\t\n\v\f\r\x1a\x1b")


def _looks_like_utf32(sample: bytes) -> bool:
    fourths = np.frombuffer(sample[: 4 * (min(len(sample), 4096) // 4)], dtype=np.uint8).reshape(-1, 4) == 0
    if len(fourths) < 4:
        return False
    zero = fourths.mean(axis=0)
    return bool((zero[2] > 0.9 and zero[3] > 0.9) or (zero[0] > 0.9 and zero[1] > 0.9))


def _looks_like_ebcdic(sample: bytes) -> bool:
    """Letters and digits of EBCDIC are high bytes, its space is `@`, and it has no line end that ASCII knows."""
    if len(sample) < 64 or b"\n" in sample:
        return False
    return len(sample.translate(None, _EBCDIC)) < 0.05 * len(sample) and sample.isascii() is False


_EBCDIC = bytes(
    [*range(0x81, 0x8A), *range(0x91, 0x9A), *range(0xA2, 0xAA), *range(0xC1, 0xCA), *range(0xD1, 0xDA)]
) + (
    bytes(
        [*range(0xE2, 0xEA), *range(0xF0, 0xFA), 0x40, 0x4B, 0x6B, 0x5E, 0x60, 0x61, 0x15, 0x25, 0x0D, 0x05, 0x7F, 0x4F]
    )
)
