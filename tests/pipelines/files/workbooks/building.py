"""Workbooks made part by part, so that a test can make them wrong, and what both readers make of them."""

import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.errors import UnreadableFile
from pipelines.files.workbooks import child

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_SHEET = '<sheet name="S" sheetId="1" r:id="rId1"/>'
_STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="000000000000"/>'
    '<numFmt numFmtId="165" formatCode="00000000000#"/></numFmts><cellStyleXfs><xf numFmtId="164"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)
GENERAL, DATE, TWELVE_ZEROS, ELEVEN_ZEROS = 0, 1, 2, 3
"""Cell styles of these workbooks."""


def relation(id_: str, kind: str, target: str) -> str:
    """One line of workbook.xml.rels."""
    return f'<Relationship Id="{id_}" Type="{OFFICE}/{kind}" Target="{target}"/>'


_RELATIONS = (
    relation("rId1", "worksheet", "worksheets/sheet1.xml")
    + relation("rId2", "sharedStrings", "sharedStrings.xml")
    + relation("rId3", "styles", "styles.xml")
)


def worksheet(rows: str, *, before: str = "", after: str = "") -> str:
    """A sheet's XML."""
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def xlsx(
    path: Path,
    sheet: str,
    *,
    texts: Sequence[str] = (),
    book: str = "",
    sheets: str = _SHEET,
    relations: str = _RELATIONS,
    parts: Mapping[str, str | None] = {},
) -> Path:
    """An XLSX file. `texts`: shared strings, as XML within `<si>`; `parts`: others, or None to leave one out."""
    named: dict[str, str | None] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">'
        f"{relation('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{book}<sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(f"<si>{text}</si>" for text in texts)}</sst>',
        "xl/styles.xml": _STYLES,
        **parts,
    }
    return _zipped(path, named)


_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("draw", "d"))
)


def ods(path: Path, tables: str, *, styles: str = "") -> Path:
    """An ODS file."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>'
    )
    return _zipped(path, {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content})


def table(rows: str, name: str = "S", attributes: str = "") -> str:
    """A sheet of an ODS file."""
    return f'<table:table table:name="{name}" {attributes}>{rows}</table:table>'


def _zipped(path: Path, parts: Mapping[str, str | None]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if content is not None:
                archive.writestr(name, content)
    return path


Rows = list[tuple[int, str | None, tuple[str | None, ...]]]


def sheets_of(path: Path) -> list[dict[str, Any]]:
    """What both readers say of the workbook; `cells` are (row, fault, cells) of each row that holds anything.

    Errors: UnreadableFile.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer = child.read({"path": str(path), "format": path.suffix[1:], "folder": folder})
        if "refused" in answer:
            raise UnreadableFile(answer["refused"], answer["message"])
        described: list[dict[str, Any]] = answer["sheets"]
        for each in described:
            rows = pl.read_ipc(Path(each.pop("file"))).rows()
            each["cells"] = [(row, fault, cells) for row, fault, *cells in rows]
        return described


def rows_of(path: Path) -> list[tuple[object, ...]]:
    """The only sheet's rows: (row, cells …); a faulty one is (row, fault)."""
    (sheet,) = sheets_of(path)
    return [(row, fault) if fault else (row, *cells) for row, fault, cells in sheet["cells"]]
