"""What a file really is, by its first bytes, whatever its name says."""

import zipfile
from pathlib import Path
from typing import Literal

from pipelines.errors import UnreadableFile
from pipelines.read.encoding import is_utf16

Format = Literal["delimited", "xlsx", "parquet"]

ENDINGS: dict[str, Format] = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".txt": "delimited",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
}

SIZE_LIMIT_BYTES = 2 * 2**30
"""A larger file is not read whole: it would not fit into the memory that a night may use."""


def identify(path: Path) -> Format:
    """The format of the file, when its content agrees with its ending.

    Errors: UnreadableFile for an empty file, an unknown ending, a content that is not what the ending says.
    """
    claimed = ENDINGS.get(path.suffix.lower())
    if claimed is None:
        raise UnreadableFile(
            "unknown_format",
            f"Không đọc được loại tệp «{path.suffix}»; hãy lưu lại dưới dạng CSV, XLSX hoặc Parquet "
            "/ unknown file type: save it as CSV, XLSX or Parquet.",
        )
    if path.stat().st_size == 0:
        raise UnreadableFile("empty_file", "Tệp rỗng (0 byte); hãy xuất lại từ phần mềm nguồn / the file is empty.")
    found = _content(path)
    if found == "zip" and claimed == "xlsx":
        raise UnreadableFile(
            "damaged_file",
            "Sổ Excel bị cắt ngang hoặc hỏng; hãy chép hoặc xuất lại / the workbook is cut off: copy it again.",
        )
    if found != claimed:
        raise UnreadableFile(
            "not_what_it_says",
            f"Đuôi tệp là «{path.suffix}» nhưng nội dung là {_NAMES[found]}; hãy đổi đuôi tệp cho đúng hoặc xuất lại "
            f"/ the ending says {path.suffix}, the content is {_NAMES[found]}: rename or export again.",
        )
    return claimed


def refuse_large(path: Path) -> None:
    """For a reader that holds the file whole. Errors: UnreadableFile if it is larger than that allows."""
    if path.stat().st_size > SIZE_LIMIT_BYTES:
        raise UnreadableFile("too_large", "Tệp lớn hơn 2 GB; hãy chia thành nhiều tệp / over 2 GB: split the file.")


_NAMES = {
    "delimited": "văn bản (text)",
    "xlsx": "Excel (XLSX)",
    "parquet": "Parquet",
    "old_excel": "Excel cũ (XLS) hoặc Excel có mật khẩu (old or password-protected Excel)",
    "zip": "ZIP",
    "binary": "dữ liệu nhị phân (binary data)",
}


def _content(path: Path) -> str:
    with path.open("rb") as handle:
        start = handle.read(4096)
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return "old_excel"
    if start.startswith(b"PK\x03\x04"):
        return "xlsx" if _is_workbook(path) else "zip"
    if start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
        return "binary"
    return "binary" if _has_control_bytes(start) else "delimited"


def _has_control_bytes(start: bytes) -> bool:
    """Text has none but tabs and line ends."""
    if is_utf16(start):
        return False  # half of ư (U+01B0) and ễ (U+1EC5) looks like a control byte
    controls = sum(start.count(byte) for byte in range(1, 32) if byte not in b"\t\n\r")
    return controls > 0.02 * len(start)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False
