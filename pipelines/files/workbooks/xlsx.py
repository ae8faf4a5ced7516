"""Surveys an XLSX workbook as the second reader: its sheets, blank texts, and formats that pad numbers."""

import re
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path

from pipelines.files.workbooks import number_formats, xlsx_cells, xlsx_plain
from pipelines.files.workbooks.survey import Entry, Places, Survey, damaged
from pipelines.files.workbooks.xml_parts import Parts, beside

_BOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_TEXTS = "xl/sharedStrings.xml"
_STYLES = "xl/styles.xml"
_FIXED = {"sharedStrings": _TEXTS, "styles": _STYLES}
"""Where the first reader looks for these, whatever the workbook says."""


class Workbook:
    """The second reader of XLSX."""

    def __init__(self, path: Path) -> None:
        self._parts = Parts(path)

    def entries(self) -> Sequence[Entry]:
        """Worksheets; chart, dialog and macro sheets have a number but are no tables."""
        targets = self._targets()
        found, used = [], set()
        for number, sheet in enumerate(self._listed(), start=1):
            kind, part = targets.get(_relation(sheet), ("", ""))
            if not kind:
                raise damaged("có trang tính không trỏ đến phần nào", "a sheet points to no part")
            if kind != "worksheet":
                continue
            if part.lower() in used:
                raise damaged("hai trang tính dùng chung một phần", "two sheets share a part")
            used.add(part.lower())
            found.append(Entry(number, sheet.get("name", ""), sheet.get("state", "visible") != "visible", part))
        return found

    def survey(self, entry: Entry) -> Survey:
        """The sheet's cells, counted in its XML."""
        with self._parts.open(entry.part) as stream:
            counted = xlsx_plain.survey(stream, self._blank_texts, self._digits)
        return counted or self.walked(entry)

    def walked(self, entry: Entry) -> Survey:
        """The survey of a sheet, however its XML is written."""
        survey = Survey()
        cells = xlsx_cells.Cells(survey, self._blank_texts, self._digits)
        self._parts.walk(entry.part, cells.starts(), cells.ends(), cells.take)
        return survey

    def places(self, entry: Entry, rows: Collection[int]) -> Places:
        """The texts in these rows."""
        cells = xlsx_cells.CellTexts(rows, self._blank_texts)
        self._parts.walk(entry.part, cells.starts(), cells.ends(), cells.take)
        return cells.places

    def _listed(self) -> list[dict[str, str]]:
        sheets: list[dict[str, str]] = []
        self._parts.walk(_BOOK, {"sheet": sheets.append})
        names = [sheet.get("name", "") for sheet in sheets]
        if len({name.lower() for name in names}) < len(names):
            raise damaged("hai trang tính trùng tên", "two sheets have one name")
        return sheets

    def _targets(self) -> dict[str, tuple[str, str]]:
        """Relation → its kind and the part it points to."""
        targets: dict[str, tuple[str, str]] = {}

        def take(relation: dict[str, str]) -> None:
            kind = relation.get("Type", "").rpartition("/")[2]
            part = beside(_BOOK, relation.get("Target", ""))
            if part.lower() != _FIXED.get(kind, part).lower():
                raise damaged(f"phần «{kind}» nằm sai vị trí", f"the part {kind} is in an unusual place")
            targets[relation.get("Id", "")] = (kind, part)

        self._parts.walk(_RELATIONS, {"Relationship": take})
        return targets

    @cached_property
    def _blank_texts(self) -> Collection[str]:
        if not self._parts.has(_TEXTS):
            return frozenset()
        texts = _SharedTexts()
        self._parts.walk(_TEXTS, texts.starts, texts.ends, texts.take)
        return texts.blank

    @cached_property
    def _digits(self) -> dict[str, int]:
        """Cell style → least number of digits that it shows."""
        if not self._parts.has(_STYLES):
            return {}
        formats: dict[str, int] = {}
        styles: list[str] = []
        inside: list[bool] = []

        def take_format(attributes: dict[str, str]) -> None:
            formats[attributes.get("numFmtId", "")] = number_formats.least_digits(attributes.get("formatCode", ""))

        def take_style(attributes: dict[str, str]) -> None:
            if inside:
                styles.append(attributes.get("numFmtId", ""))

        self._parts.walk(
            _STYLES,
            {"numFmt": take_format, "cellXfs": lambda _: inside.append(True), "xf": take_style},
            {"cellXfs": inside.clear},
        )
        return {str(index): formats[style] for index, style in enumerate(styles) if formats.get(style)}


class _SharedTexts:
    """Handlers that find the shared strings without a visible character."""

    def __init__(self) -> None:
        self.blank: set[str] = set()
        self._index = 0
        self._text = ""
        self._pieces: list[str] = []
        self._phonetic = False
        self.starts = {"si": self._open, "t": self._open_run, "rPh": self._open_phonetic}
        self.ends = {"si": self._close, "t": self._close_run, "rPh": self._close_phonetic}

    def take(self, text: str) -> None:
        self._pieces.append(text)

    def _open(self, _: dict[str, str]) -> None:
        self._text = ""

    def _open_run(self, _: dict[str, str]) -> None:
        self._pieces = []

    def _open_phonetic(self, _: dict[str, str]) -> None:
        self._phonetic = True

    def _close_phonetic(self) -> None:
        self._phonetic = False

    def _close_run(self) -> None:
        if not self._phonetic:
            self._text += "".join(self._pieces)

    def _close(self) -> None:
        if not xlsx_cells.visible(self._text):
            self.blank.add(str(self._index))
        self._index += 1


def _relation(sheet: dict[str, str]) -> str:
    """The `r:id`, whatever the prefix."""
    return next((value for name, value in sheet.items() if re.fullmatch(r".+:id", name)), "")
