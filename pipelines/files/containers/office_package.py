"""Tells which workbook of XML parts (XLSX, ODS) a ZIP file is, and what it holds beside its cells."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.files import own_outputs
from pipelines.files.containers import inflate, signatures
from pipelines.files.sheet import Note

MOST_PARTS = 10_000
_MANIFEST = "meta-inf/manifest.xml"
_PROPERTIES = ("docprops/custom.xml", "meta.xml")
_MANIFEST_LIMIT_BYTES = 2**20


@dataclass(frozen=True)
class Package:
    """A workbook in a ZIP file."""

    format: Literal["xlsx", "ods"]
    notes: tuple[Note, ...]


def recognise(path: Path) -> Package | None:
    """The workbook that the ZIP file is; None if it is none, but an archive of files.

    Errors: UnreadableFile if it is damaged, another Office file, or has a password.
    """
    parts = {_part_name(entry): entry for entry in inflate.entries(path, MOST_PARTS)}
    format_ = _named_by_parts(parts) or _named_by_itself(path, parts)
    if format_ is None:
        return None
    if any(inflate.is_encrypted(entry) for entry in parts.values()):
        raise signatures.refusal(signatures.table()["others"]["password"])
    _refuse_own(path, parts)
    return Package(format_, signatures.beside(parts, "parts"))


def require_bounded(path: Path) -> None:
    """Returns if the workbook is whole and safe to unpack; all of it is unpacked, a piece at a time, to count.

    Units: about 0.3 s for each 100 MB that it unpacks to.
    Errors: UnreadableFile `zip_bomb` beyond 1 GB or 50:1, `damaged_file` where a part is not what the directory says.
    """
    found = inflate.entries(path, MOST_PARTS)
    if len({_part_name(entry) for entry in found}) < len(found):
        raise inflate.damaged()  # two parts of one name: no two readers agree on which counts
    allowance = inflate.Allowance(path.stat().st_size)
    with path.open("rb") as file:
        for entry in found:
            for block in inflate.blocks(file, entry):
                allowance.spend(len(block))


def _part_name(entry: zipfile.ZipInfo) -> str:
    return entry.orig_filename.replace("\\", "/").lstrip("/").lower()


def _named_by_parts(parts: dict[str, zipfile.ZipInfo]) -> Literal["xlsx"] | None:
    for row in signatures.table()["part"]:
        if row["name"] in parts:
            if row.get("is") != "xlsx":
                raise signatures.refusal(row)
            return "xlsx"
    return None


def _named_by_itself(path: Path, parts: dict[str, zipfile.ZipInfo]) -> Literal["ods"] | None:
    """OpenDocument: by its part `mimetype`, or by the manifest where a writer left that out."""
    table = signatures.table()["opendocument"]
    manifest = _beginning(path, parts.get(_MANIFEST))
    says = _beginning(path, parts.get("mimetype")) or manifest
    if table["any"].encode() not in says or "content.xml" not in parts:
        return None
    if table["spreadsheet"].encode() not in says:
        raise signatures.refusal(table)
    if b"encryption-data" in manifest:
        raise signatures.refusal(signatures.table()["others"]["password"])
    return "ods"


def _refuse_own(path: Path, parts: dict[str, zipfile.ZipInfo]) -> None:
    """Nothing, unless the document's properties (XLSX, ODS) have the one that our workbooks carry."""
    mark = f'name="{own_outputs.property_name()}"'.encode()
    if any(mark in _beginning(path, parts.get(name)) for name in _PROPERTIES):
        if _has_list(path, parts):
            raise own_outputs.answered()
        raise own_outputs.refusal("bảng tính / a workbook")


def is_list(path: Path) -> bool:
    """Whether the file is a list of ours, perhaps filled in. Errors: UnreadableFile if it is a damaged ZIP file."""
    if not zipfile.is_zipfile(path):
        return False
    return _has_list(path, {_part_name(entry): entry for entry in inflate.entries(path, MOST_PARTS)})


def _has_list(path: Path, parts: dict[str, zipfile.ZipInfo]) -> bool:
    return f'name="{own_outputs.list_sheet()}"'.encode() in _beginning(path, parts.get("xl/workbook.xml"))


def _beginning(path: Path, entry: zipfile.ZipInfo | None) -> bytes:
    if entry is None or inflate.is_encrypted(entry):
        return b""
    found = b""
    with path.open("rb") as file:
        for block in inflate.blocks(file, entry):
            found += block
            if len(found) > _MANIFEST_LIMIT_BYTES:
                raise inflate.zip_bomb()
    return found
