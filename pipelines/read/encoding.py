"""In which encoding a text file is written, and its bytes as UTF-8.

Legacy *fonts* (TCVN3, VNI) are not encodings of the file but of single cells: they pass through here as
windows-1252 text and are repaired per cell by `vn.names`.
"""

import codecs
import unicodedata
from pathlib import Path

import numpy as np

from pipelines.errors import UnreadableFile

_COMBINING = "̣̀̉̃́"
_VOWELS = frozenset("aăâeêioôơuưyAĂÂEÊIOÔƠUƯY")
_SAMPLE_BYTES = 1_000_000
_BLOCK_BYTES = 16_000_000


def to_utf8(data: bytes) -> tuple[bytes, str]:
    """The same text as UTF-8 without a byte-order mark, and the name of the encoding it was in.

    Errors: UnreadableFile if the bytes are no text.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return _recode(data[len(mark) :], encoding.removesuffix("-sig"), encoding)
    wide = _utf16_without_mark(data)
    if wide:
        return _recode(data, wide, wide)
    try:
        data.decode("utf-8", errors="strict")
    except UnicodeDecodeError:
        return _eight_bit(data)
    return data, "utf-8"


def is_utf16(data: bytes) -> bool:
    """Whether text in UTF-16 begins like this, marked or not."""
    return data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _utf16_without_mark(data) is not None


def is_utf8(path: Path) -> bool:
    """Whether all of the file is text in UTF-8, marked or not, and nothing else; reads it once."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        block = file.read(_BLOCK_BYTES)
        if is_utf16(block):
            return False
        try:
            while block:
                decoder.decode(block)
                block = file.read(_BLOCK_BYTES)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _recode(data: bytes, encoding: str, name: str) -> tuple[bytes, str]:
    try:
        text = data.decode(encoding, errors="strict")
    except UnicodeDecodeError as fault:
        raise UnreadableFile(
            "bad_encoding",
            f"Tệp ghi là {name} nhưng byte thứ {fault.start + 1} không hợp lệ; hãy xuất lại dưới dạng CSV UTF-8 "
            f"/ byte {fault.start + 1} is not valid {name}: export again as CSV UTF-8.",
        ) from fault
    return text.encode("utf-8"), name


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 shows as every other byte being zero in plain headers."""
    sample = np.frombuffer(data[: 2 * (min(len(data), 4096) // 2)], dtype=np.uint8)
    if sample.size < 8:
        return None
    odd, even = float((sample[1::2] == 0).mean()), float((sample[0::2] == 0).mean())
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else None


def _eight_bit(data: bytes) -> tuple[bytes, str]:
    """windows-1258 when its combining marks stand where Vietnamese has them, else windows-1252."""
    sample = data[:_SAMPLE_BYTES].decode("cp1258", errors="replace")
    marks = [index for index, letter in enumerate(sample) if letter in _COMBINING]
    placed = sum(1 for index in marks if index and sample[index - 1] in _VOWELS)
    if marks and placed >= 0.98 * len(marks):
        text = data.decode("cp1258", errors="c1_stays")
        return unicodedata.normalize("NFC", text).encode("utf-8"), "windows-1258"
    return data.decode("cp1252", errors="c1_stays").encode("utf-8"), "windows-1252"


def _c1_stays(fault: UnicodeError) -> tuple[str, int]:
    """The five bytes that windows-1252 leaves undefined stay themselves, so that none is lost."""
    assert isinstance(fault, UnicodeDecodeError)
    return chr(fault.object[fault.start]), fault.start + 1


codecs.register_error("c1_stays", _c1_stays)
