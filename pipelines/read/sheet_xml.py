"""Which rows of a workbook's sheet hold anything: the second reader, on the XML alone."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from pipelines.errors import UnreadableFile

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def filled_rows(path: Path, number: int) -> Iterator[int]:
    """Row numbers of the `number`-th sheet (counted from 1) in which a cell holds more than white space."""
    with zipfile.ZipFile(path) as archive:
        blank_texts = _blank_texts(archive)
        with archive.open(_sheet_part(archive, number)) as part:
            last = 0
            for element in _elements(part, f"{_MAIN}row"):
                last = int(element.get("r", last + 1))
                if any(_filled(cell, blank_texts) for cell in element):
                    yield last


def _filled(cell: ElementTree.Element, blank_texts: frozenset[str]) -> bool:
    value = cell.findtext(f"{_MAIN}v")
    if cell.get("t") == "s":
        return value is not None and value not in blank_texts
    if cell.get("t") == "inlineStr":
        return any((text.text or "").strip() for text in cell.iter(f"{_MAIN}t"))
    return bool(value and value.strip())


def _blank_texts(archive: zipfile.ZipFile) -> frozenset[str]:
    """Indexes of shared strings without a visible character."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return frozenset()
    with archive.open("xl/sharedStrings.xml") as part:
        return frozenset(
            str(index)
            for index, element in enumerate(_elements(part, f"{_MAIN}si"))
            if not any((text.text or "").strip() for text in element.iter(f"{_MAIN}t"))
        )


def _sheet_part(archive: zipfile.ZipFile, number: int) -> str:
    with archive.open("xl/workbook.xml") as part:
        sheets = [element.get(_RELATION) for element in _elements(part, f"{_MAIN}sheet")]
    with archive.open("xl/_rels/workbook.xml.rels") as part:
        targets = {element.get("Id"): element.get("Target", "") for element in ElementTree.parse(part).getroot()}
    target = targets[sheets[number - 1]]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _elements(part: IO[bytes], tag: str) -> Iterator[ElementTree.Element]:
    """Each element of that name, forgotten after use, so that memory does not grow with the sheet."""
    try:
        parents: list[ElementTree.Element] = []
        for event, element in ElementTree.iterparse(part, events=("start", "end")):
            if event == "start":
                parents.append(element)
                continue
            parents.pop()
            if element.tag == tag:
                yield element
                if parents:
                    parents[-1].remove(element)
    except ElementTree.ParseError as fault:
        raise UnreadableFile(
            "damaged_file",
            "XML trong sổ Excel bị hỏng; hãy lưu lại bằng Excel / the workbook's XML is damaged.",
        ) from fault
