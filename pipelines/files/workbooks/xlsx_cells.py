"""Finds the cells of an XLSX sheet that hold something, in a walk over the sheet's XML."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from itertools import product
from string import ascii_uppercase

from pipelines.files.workbooks import number_formats, xlsx_hidden
from pipelines.files.workbooks.survey import LAST_COLUMN, LAST_ROW, Places, Survey, cell_at, cell_name, damaged
from pipelines.files.workbooks.xml_parts import End, Start

_DIGITS = "0123456789"
COLUMNS = {
    "".join(letters): column
    for column, letters in enumerate(
        (letters for length in (1, 2, 3) for letters in product(ascii_uppercase, repeat=length)), start=1
    )
    if column <= LAST_COLUMN
}
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLAIN = frozenset({"n", "str", "inlineStr", "b", "d"})
_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})
"""What the first reader knows; any other makes it give up the sheet."""
EXACT_DIGITS = 15
"""Digits of a whole number that a floating-point number keeps for certain."""


class Cells:
    """Handlers for `Parts.walk` that fill a survey."""

    def __init__(self, survey: Survey, blank_texts: Collection[str], digits: Mapping[str, int]) -> None:
        """`blank_texts`: indexes of shared strings without a visible character; `digits`: by cell style."""
        self._survey, self._blank_texts, self._digits = survey, blank_texts, digits
        self._row = self._column = 0
        self._row_digits = "0"
        self._filled_row = self._filled = 0
        self._value = self._kind = ""
        self._pieces: list[str] = []
        self._style: str | None = None
        self._valued = self._formula = self._phonetic = self._hidden = False
        self._columns = xlsx_hidden.Columns(survey)

    def starts(self) -> dict[str, Start]:
        """Element name → handler of its opening tag."""
        return {
            "c": self._open_cell,
            "v": self._open_text,
            "t": self._open_text,
            "row": self._open_row,
            "f": self._open_formula,
            "rPh": self._open_phonetic,
            "mergeCell": self._merge,
            "sheetFormatPr": self._columns.take_format,
            "col": self._columns.take_columns,
        }

    def ends(self) -> dict[str, End]:
        """Element name → handler of its closing tag."""
        return {
            "c": self._close_cell,
            "v": self._close_value,
            "t": self._close_run,
            "rPh": self._close_phonetic,
            "sheetData": self._count_row,
        }

    def take(self, text: str) -> None:
        """Handles text between tags."""
        self._pieces.append(text)

    def found(self, row: int, column: int, value: str) -> None:
        """Counts a cell with more than white space."""
        survey = self._survey
        if row != self._filled_row:
            self._count_row()
            self._filled_row = row
            if self._hidden:
                survey.hidden_rows.append(row)
        self._filled += 1
        survey.columns[column] = survey.columns.get(column, 0) + 1
        if self._kind == "n":
            least = self._digits.get(self._style or "0")
            shown = number_formats.shown(value, least) if least else None
            if shown is None and len(value) > EXACT_DIGITS and value.isdecimal():
                shown = value
            if shown is not None:
                survey.shown_at.append(cell_at(row, column))
                survey.shown.append(shown)

    def _open_row(self, attributes: dict[str, str]) -> None:
        digits = attributes.get("r")
        self._row = int(digits) if digits else self._row + 1
        self._row_digits = str(self._row)
        self._column = 0
        self._hidden = xlsx_hidden.is_hidden_row(attributes)

    def _open_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            letters = reference.rstrip(_DIGITS)
            self._column = COLUMNS.get(letters) or _column(letters)
            digits = reference[len(letters) :]
            if digits != self._row_digits:
                self._row, self._row_digits = int(digits), digits
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s")
        self._value = ""
        self._valued = self._formula = False

    def _open_text(self, attributes: dict[str, str]) -> None:
        self._pieces = []

    def _close_value(self) -> None:
        self._value = "".join(self._pieces)
        self._valued = True

    def _close_run(self) -> None:
        if not self._phonetic:
            self._value += "".join(self._pieces)
            self._valued = True

    def _open_formula(self, attributes: dict[str, str]) -> None:
        self._formula = True

    def _open_phonetic(self, attributes: dict[str, str]) -> None:
        self._phonetic = True

    def _close_phonetic(self) -> None:
        self._phonetic = False

    def _close_cell(self) -> None:
        value = self._value
        if not self._valued or (not value and self._kind in ("n", "s")):
            if self._formula:
                self._unvalued()
            return
        survey, row, column = self._survey, self._row, self._column
        if column > survey.last_column or row > survey.last_row:
            self._reach(row, column)
        if self._kind == "s":
            filled = value.strip() not in self._blank_texts
        else:
            filled = visible(value)
            if self._kind not in _PLAIN:
                self._require_error(value)
        if filled:
            self.found(row, column, value)

    def _require_error(self, value: str) -> None:
        if self._kind != "e" or value not in _ERRORS:
            cell = cell_name(self._row, self._column)
            raise damaged(f"ô {cell} có loại giá trị lạ, hãy xóa ô đó", f"cell {cell} has an unknown kind of value")

    def _reach(self, row: int, column: int) -> None:
        survey = self._survey
        if not 1 <= row <= LAST_ROW or not 1 <= column <= LAST_COLUMN:
            raise damaged(f"ô ở dòng {row}, cột {column} nằm ngoài trang tính", "a cell lies outside the sheet")
        survey.last_row, survey.last_column = max(row, survey.last_row), max(column, survey.last_column)
        survey.refuse_too_wide()

    def _count_row(self) -> None:
        if self._filled:
            self._survey.rows.append(self._filled_row)
            self._survey.counts.append(self._filled)
            self._filled = 0

    def _unvalued(self) -> None:
        self._survey.unvalued += 1
        if not self._survey.first_unvalued:
            self._survey.first_unvalued = cell_name(self._row, self._column)

    def _merge(self, attributes: dict[str, str]) -> None:
        first, _, last = attributes.get("ref", "").partition(":")
        (first_row, first_column), (last_row, last_column) = reference(first), reference(last or first)
        self._survey.merges.append((first_row, last_row, first_column, last_column))


class CellTexts(Cells):
    """Handlers that collect the texts of some rows."""

    def __init__(self, rows: Collection[int], blank_texts: Collection[str]) -> None:
        super().__init__(Survey(), blank_texts, {})
        self._rows = rows
        self.places: Places = {}

    def found(self, row: int, column: int, value: str) -> None:
        """Keeps the cell's text if it is in one of the rows; shared strings are not looked up."""
        if row in self._rows:
            text = None if self._kind == "s" else _plain(value) if self._kind == "n" else _decoded(value)
            self.places.setdefault(cell_at(row, column), []).append(text)


def visible(text: str) -> bool:
    """Whether the text has more than white space, `_x000D_` being a line break."""
    return bool(text.strip()) and ("_x" not in text or bool(_decoded(text).strip()))


def _decoded(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def _plain(number: str) -> str:
    """The number without an exponent."""
    try:
        return format(Decimal(number), "f") if "e" in number.lower() else number
    except InvalidOperation:
        return number


def _column(letters: str) -> int:
    column = COLUMNS.get(letters.replace("$", "").upper())
    if column is None:
        raise damaged(f"ô có địa chỉ «{letters[:10]}…» không có thật", "a cell has no such address")
    return column


def reference(name: str) -> tuple[int, int]:
    """The row and the column that `$B$7` means."""
    bare = name.replace("$", "")
    letters = bare.rstrip(_DIGITS)
    return int(bare[len(letters) :]), _column(letters)
