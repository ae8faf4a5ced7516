"""Finds the cells of an ODS workbook that hold something, in a walk over content.xml."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from pipelines.files.workbooks.ods_hidden import Hidden
from pipelines.files.workbooks.survey import LAST_COLUMN, LAST_ROW, Survey, cell_name, damaged
from pipelines.files.workbooks.xml_parts import End, Start

_NUMBERS = frozenset({"float", "currency", "percentage"})
_VALUES = dict.fromkeys(_NUMBERS, "office:value") | {
    kind: f"office:{kind}-value" for kind in ("date", "time", "boolean", "string")
}
_SPANS = ("table:number-columns-spanned", "table:number-rows-spanned")
_BESIDE_THE_TEXT = ("draw:frame", "draw:custom-shape", "draw:rect", "draw:g", "text:note", "text:ruby-text")
"""What the first reader takes for text of the cell."""
_EXACT_DIGITS = 15


@dataclass(slots=True)
class Cell:
    """A run of neighbouring cells that hold the same."""

    column: int
    repeated: int
    kind: str
    value: str
    formula: bool
    pieces: list[str] = field(default_factory=list)
    paragraphs: int = 0
    is_misread: bool = False

    @property
    def text(self) -> str:
        """Text that a person sees there; the value itself where nothing is shown."""
        shown = "".join(self.pieces)
        return shown if shown.strip() else self.value

    @property
    def shown(self) -> str | None:
        """The text, where the first reader gets it wrong."""
        if self.is_misread:
            return self.text
        if self.kind in _NUMBERS:
            text = self.text
            if text.isdecimal() and text.startswith("0") and _same_number(text, self.value):
                return text
            return self.value if len(self.value) > _EXACT_DIGITS and self.value.isdecimal() else None
        return None


@dataclass
class Row:
    """A run of neighbouring rows that hold the same; `cells` are those with more than white space."""

    first: int
    repeated: int
    hidden: bool = False
    column: int = 0
    cells: list[Cell] = field(default_factory=list)


class Walk:
    """Handlers for `Parts.walk` that report each sheet and each row."""

    def __init__(
        self,
        open_sheet: Callable[[str, str], Survey],
        take_row: Callable[[Survey, Row], None],
        hidden: Hidden | None = None,
    ) -> None:
        """`open_sheet`: called with a sheet's name and style; `hidden`: what is hidden, if that matters."""
        self._open, self._take_row, self._hidden = open_sheet, take_row, hidden or Hidden()
        self._survey = Survey()
        self._depth = self._aside = self._row = self._columns = 0
        self._in_row: Row | None = None
        self._cell: Cell | None = None
        self._writing = False

    def starts(self) -> dict[str, Start]:
        """Element name → handler of its opening tag."""
        return {
            "table:table": self._open_table,
            "table:table-column": self._open_column,
            "table:table-row": self._open_row,
            "table:table-cell": self._open_cell,
            "table:covered-table-cell": self._open_cell,
            "text:p": self._open_paragraph,
            "text:s": lambda attributes: self._write(" " * min(int(attributes.get("text:c", "1")), 10_000)),
            "text:tab": lambda _: self._write_misread("\t"),
            "text:line-break": lambda _: self._write_misread("\n"),
            "office:annotation": self._step_aside,
        } | dict.fromkeys(_BESIDE_THE_TEXT, self._step_aside_misread)

    def ends(self) -> dict[str, End]:
        """Element name → handler of its closing tag."""
        return {
            "table:table": self._close_table,
            "table:table-row": self._close_row,
            "table:table-cell": self._close_cell,
            "table:covered-table-cell": self._close_cell,
            "text:p": self._close_paragraph,
            "office:annotation": self._step_back,
        } | dict.fromkeys(_BESIDE_THE_TEXT, self._step_back)

    def take(self, text: str) -> None:
        """Handles text between tags."""
        if self._writing and not self._aside and self._cell is not None:
            self._cell.pieces.append(text)

    def _open_table(self, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self._row = self._columns = 0
            self._survey = self._open(attributes.get("table:name", ""), attributes.get("table:style-name", ""))
        else:
            self._step_aside_misread(attributes)

    def _close_table(self) -> None:
        self._depth -= 1
        if self._depth:
            self._step_back()

    def _open_column(self, attributes: dict[str, str]) -> None:
        if self._depth != 1 or self._aside:
            return
        first = self._columns + 1
        self._columns += _count(attributes, "table:number-columns-repeated")
        if self._hidden.column(attributes):
            self._survey.hide_columns(first, self._columns)

    def _open_row(self, attributes: dict[str, str]) -> None:
        if self._depth == 1 and not self._aside:
            repeated = _count(attributes, "table:number-rows-repeated")
            self._in_row = Row(self._row + 1, repeated, self._hidden.row(attributes))

    def _close_row(self) -> None:
        row = self._in_row
        if row is None or self._aside:
            return
        self._row += row.repeated
        if row.cells:
            _reach(self._survey, self._row, row.cells[-1].column + row.cells[-1].repeated - 1)
            self._take_row(self._survey, row)
        self._in_row = None

    def _open_cell(self, attributes: dict[str, str]) -> None:
        row = self._in_row
        if row is None or self._aside:
            return
        kind = attributes.get("office:value-type", "")
        value = attributes.get(_VALUES.get(kind, "office:string-value"), "")
        repeated = _count(attributes, "table:number-columns-repeated")
        self._cell = Cell(row.column + 1, repeated, kind, value, "table:formula" in attributes)
        row.column += repeated
        if _SPANS[0] in attributes or _SPANS[1] in attributes:
            columns, rows = (_count(attributes, name) for name in _SPANS)
            first, column = row.first, self._cell.column
            if columns > 1 or rows > 1:
                self._survey.merges.append((first, first + rows - 1, column, column + columns - 1))

    def _close_cell(self) -> None:
        cell, row = self._cell, self._in_row
        if cell is None or row is None or self._aside:
            return
        self._cell = None
        if cell.text.strip():
            row.cells.append(cell)
        elif cell.formula and not cell.kind:
            self._survey.unvalued += 1
            self._survey.first_unvalued = self._survey.first_unvalued or cell_name(row.first, cell.column)

    def _open_paragraph(self, _: dict[str, str]) -> None:
        if self._cell is not None and not self._aside:
            if self._cell.paragraphs:
                self._cell.pieces.append("\n")
            self._cell.paragraphs += 1
            self._writing = True

    def _close_paragraph(self) -> None:
        if not self._aside:
            self._writing = False

    def _write(self, text: str) -> None:
        self.take(text)

    def _write_misread(self, text: str) -> None:
        if self._cell is not None and not self._aside:
            self._cell.is_misread = True
            self.take(text)

    def _step_aside(self, _: dict[str, str]) -> None:
        self._aside += 1

    def _step_aside_misread(self, _: dict[str, str]) -> None:
        if self._cell is not None:
            self._cell.is_misread = True
        self._aside += 1

    def _step_back(self) -> None:
        self._aside -= 1


def _reach(survey: Survey, row: int, column: int) -> None:
    if row > LAST_ROW or column > LAST_COLUMN:
        raise damaged(f"ô ở dòng {row}, cột {column} nằm ngoài trang tính", "a cell lies outside the sheet")
    survey.last_row, survey.last_column = max(row, survey.last_row), max(column, survey.last_column)
    survey.refuse_too_wide()


def _count(attributes: dict[str, str], name: str) -> int:
    count = attributes.get(name)
    return 1 if count is None else max(int(count), 0)


def _same_number(text: str, value: str) -> bool:
    try:
        return Decimal(text) == Decimal(value)
    except InvalidOperation:
        return False
