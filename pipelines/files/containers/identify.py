"""Identifies a file's format by its content; its ending is only a habit, and is reported where it is not the usual
one.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from pipelines.errors import UnreadableFile
from pipelines.files import file_names
from pipelines.files.containers import compound_file, office_package, signatures
from pipelines.files.sheet import Note
from pipelines.files.text.encoding import is_utf16

Format = Literal["delimited", "xlsx", "xls", "ods", "parquet"]

_HEAD_BYTES = 4096
_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MOST_CONTROLS = 0.02
_MOST_NULS = 0.3


@dataclass(frozen=True)
class Recognised:
    """A file's format, and notes about it for the officer."""

    format: Format
    notes: tuple[Note, ...] = ()


def identify(path: Path, name: str | None = None) -> Recognised:
    """The format of the file, safe to be given to its reader: a workbook in a ZIP was unpacked once to measure it.

    `name` is what the file is called where it came from (default: as on disk). The path's own ending tells a reader
    nothing: readers open by content.
    Errors: UnreadableFile for an empty file, a password, a bomb, and a content that is no list; each with its remedy.
    """
    if path.stat().st_size == 0:
        raise UnreadableFile("empty_file", "Tệp rỗng (0 byte); hãy xuất lại từ phần mềm nguồn / the file is empty.")
    format_, notes = _content(path)
    return Recognised(format_, (*_ending_note(format_, name or path.name), *notes))


def container(path: Path) -> Literal["zip", "gzip"] | None:
    """Whether the file is an archive to be unpacked; a workbook that is a ZIP file is none.

    Errors: UnreadableFile for a ZIP file that is damaged, or an Office file of another kind.
    """
    begins = _signature(_head(path)).get("is")
    if begins == "gzip":
        return "gzip"
    return "zip" if begins == "zip" and office_package.recognise(path) is None else None


def _content(path: Path) -> tuple[Format, tuple[Note, ...]]:
    head = _head(path)
    row = _signature(head)
    match row.get("is"):
        case "zip":
            return _zipped(path)
        case "compound":
            return _compound(path)
        case "gzip":
            raise nested_archive()
        case None if row:
            raise signatures.refusal(row)
        case None:
            _refuse_other_text(head)
            return "delimited", ()
        case other:
            return cast(Format, other), ()


def nested_archive() -> UnreadableFile:
    """The refusal of an archive within an archive."""
    return UnreadableFile(
        "nested_archive",
        "Tệp nén nằm trong tệp nén không được bung; hãy bung ra rồi gửi lại / an archive within an archive is not "
        "unpacked: unpack it and send it again.",
    )


def _zipped(path: Path) -> tuple[Format, tuple[Note, ...]]:
    found = office_package.recognise(path)
    if found is None:
        raise nested_archive()
    office_package.require_bounded(path)
    return found.format, found.notes


def _compound(path: Path) -> tuple[Format, tuple[Note, ...]]:
    names = compound_file.names(path)
    for row in signatures.table()["stream"]:
        if row["name"] in names:
            if "is" not in row:
                raise signatures.refusal(row)
            return cast(Format, row["is"]), signatures.beside(names, "streams")
    raise signatures.refusal(signatures.table()["others"]["compound"])


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _signature(head: bytes) -> dict[str, Any]:
    """The row of the table that the first bytes fit; empty if none."""
    for row in signatures.table()["signature"]:
        start = row.get("offset", 0)
        fits = any(head.startswith(bytes.fromhex(each), start) for each in row["bytes"])
        if fits and (not row.get("binary") or _is_binary(head)):
            return cast(dict[str, Any], row)
    return {}


def _refuse_other_text(head: bytes) -> None:
    letters = _without_mark(head).replace(b"\0", b"").decode("latin-1").lower()
    for row in signatures.table()["markup"]:
        if re.match(row["pattern"], letters, re.DOTALL):
            raise signatures.refusal(row)
    if _is_dbase(head):
        raise signatures.refusal(signatures.table()["dbase"])
    if _is_binary(head):
        raise signatures.refusal(signatures.table()["others"]["binary"])


def _without_mark(head: bytes) -> bytes:
    return next((head.removeprefix(mark) for mark in _BYTE_ORDER_MARKS if head.startswith(mark)), head)


def _is_dbase(head: bytes) -> bool:
    versions = bytes.fromhex(signatures.table()["dbase"]["versions"])
    return len(head) >= 32 and head[0] in versions and 1 <= head[2] <= 12 and 1 <= head[3] <= 31 and _is_binary(head)


def _is_binary(head: bytes) -> bool:
    """Text has hardly any control bytes but tabs and line ends; a few NULs are for the rows to answer for."""
    if is_utf16(head):
        return False  # half of ư (U+01B0) and ễ (U+1EC5) looks like a control byte
    controls = sum(head.count(byte) for byte in range(1, 32) if byte not in b"\t\n\r")
    return controls > _MOST_CONTROLS * len(head) or head.count(0) > _MOST_NULS * len(head)


def _ending_note(format_: Format, name: str) -> tuple[Note, ...]:
    row, ending = signatures.table()["formats"][format_], file_names.ending(name)
    if ending in row["endings"]:
        return ()
    vietnamese, english = signatures.both(row["title"])
    shown = f"«{file_names.readable(ending)}»" if ending else "không có"
    return (
        Note(
            "other_ending",
            f"Nội dung là {vietnamese}, đuôi tệp {shown}; đã đọc theo nội dung / read by its content, {english}, "
            "whatever the ending says.",
        ),
    )
