"""Names the members of a ZIP file: letters as meant, a path below the archive, no two alike."""

import re
import struct
import unicodedata
import zipfile
import zlib
from pathlib import PurePosixPath

from pipelines.files import file_names
from pipelines.files.sheet import Note

_IS_UTF8 = 0x800
_UNICODE_PATH = 0x7075
_DRIVE = re.compile(r"^[A-Za-z]:")


def text(entry: zipfile.ZipInfo) -> str:
    """The member's name in the right letters: marked UTF-8, else the Unicode name beside it, else what its bytes look
    like.

    Source: APPNOTE.TXT 6.3.10, 4.4.4 (bit 11) and 4.6.9 (Info-ZIP Unicode Path); unmarked names are in the code page of
    the machine that packed them, which for Vietnamese Windows is 1258.
    """
    if entry.flag_bits & _IS_UTF8:
        return entry.orig_filename
    raw = entry.orig_filename.encode("cp437")
    beside = _unicode_path(entry.extra, raw)
    if beside is not None:
        return beside
    for encoding in ("utf-8", "cp1258"):
        try:
            name = unicodedata.normalize("NFC", raw.decode(encoding))
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _is_vietnamese(name):
            return name
    return entry.orig_filename


def name_in_archive(entry: zipfile.ZipInfo, taken: set[str]) -> tuple[str, tuple[Note, ...]]:
    """A name with `/`, below the archive, fit to be shown, not yet used; a note for each thing that was changed."""
    meant = text(entry)
    notes = []
    if not entry.flag_bits & _IS_UTF8 and not entry.orig_filename.isascii() and not _has_unicode_path(entry):
        notes.append(
            Note("member_name_guessed", "Tên tệp trong tệp nén không ghi bảng mã nên được đoán / name guessed.")
        )
    parts = [
        part for part in PurePosixPath(_DRIVE.sub("", meant.replace("\\", "/"))).parts if part not in ("/", "//", "..")
    ]
    name = file_names.readable("/".join(parts)) or "…"
    if name != file_names.readable(meant):
        notes.append(
            Note(
                "unsafe_member_name",
                f"Tên trong tệp nén là «{file_names.readable(meant)}», trỏ ra ngoài hoặc theo kiểu Windows; chỉ đọc "
                "nội dung, không ghi ra nơi ấy / the name points elsewhere; only the content was read.",
            )
        )
    free, number = name, 2
    while free in taken:
        path = PurePosixPath(name)
        free, number = str(path.with_name(f"{path.stem} ({number}){path.suffix}")), number + 1
    if free != name:
        notes.append(
            Note("duplicate_member", "Tệp nén có hai thành phần cùng tên; đọc cả hai / two of one name: both read.")
        )
    return free, tuple(notes)


def _has_unicode_path(entry: zipfile.ZipInfo) -> bool:
    return _unicode_path(entry.extra, entry.orig_filename.encode("cp437")) is not None


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The name in the extra field, if it was made for this very name (its checksum says so)."""
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _UNICODE_PATH and len(field) > 5 and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            try:
                return field[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
    return None


def _is_vietnamese(name: str) -> bool:
    """Whether every letter beyond ASCII is one that Vietnamese has: a base letter with its own marks, or đ."""
    for letter in name:
        if letter.isascii():
            continue
        base = unicodedata.normalize("NFD", letter)
        if letter not in "đĐ" and (len(base) == 1 or base[0] not in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"):
            return False
    return True
