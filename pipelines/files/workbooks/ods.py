"""Surveys an ODS workbook as the second reader: one walk over content.xml finds the sheets and their cells."""

from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path

from pipelines.files.workbooks.ods_cells import Row, Walk
from pipelines.files.workbooks.ods_hidden import Hidden
from pipelines.files.workbooks.survey import Entry, Places, Survey, cell_at, damaged
from pipelines.files.workbooks.xml_parts import Parts

_CONTENT = "content.xml"


class Workbook:
    """The second reader of ODS."""

    def __init__(self, path: Path) -> None:
        self._parts = Parts(path)

    def entries(self) -> Sequence[Entry]:
        """The sheets in their order."""
        entries = [entry for entry, _ in self._sheets]
        if len({entry.name.lower() for entry in entries}) < len(entries):
            raise damaged("hai trang tính trùng tên", "two sheets have one name")
        return entries

    def survey(self, entry: Entry) -> Survey:
        """The sheet's cells, counted in the XML, repeated rows and columns as often as they are repeated."""
        return self._sheets[entry.number - 1][1]

    def places(self, entry: Entry, rows: Collection[int]) -> Places:
        """The texts in these rows."""
        places: Places = {}
        met: list[Survey] = []

        def open_sheet(_name: str, _style: str) -> Survey:
            met.append(Survey())
            return met[-1]

        def take_row(_survey: Survey, row: Row) -> None:
            if len(met) != entry.number:
                return
            for number in range(row.first, row.first + row.repeated):
                if number in rows:
                    _keep(places, number, row)

        walk = Walk(open_sheet, take_row)
        self._parts.walk(_CONTENT, walk.starts(), walk.ends(), walk.take)
        return places

    @cached_property
    def _sheets(self) -> list[tuple[Entry, Survey]]:
        sheets: list[tuple[Entry, Survey]] = []
        hidden = Hidden()

        def open_sheet(name: str, style: str) -> Survey:
            sheets.append((Entry(len(sheets) + 1, name, hidden.table(style), _CONTENT), Survey()))
            return sheets[-1][1]

        walk = Walk(open_sheet, _count, hidden)
        self._parts.walk(_CONTENT, walk.starts() | hidden.starts(), walk.ends() | hidden.ends(), walk.take)
        return sheets


def _count(survey: Survey, row: Row) -> None:
    rows = range(row.first, row.first + row.repeated)
    survey.rows.extend(rows)
    if row.hidden:
        survey.hidden_rows.extend(rows)
    survey.counts.extend([sum(cell.repeated for cell in row.cells)] * row.repeated)
    for cell in row.cells:
        shown = cell.shown
        for column in range(cell.column, cell.column + cell.repeated):
            survey.columns[column] = survey.columns.get(column, 0) + row.repeated
            if shown is not None:
                survey.shown_at.extend(cell_at(number, column) for number in rows)
                survey.shown.extend([shown] * row.repeated)


def _keep(places: Places, number: int, row: Row) -> None:
    for cell in row.cells:
        for column in range(cell.column, cell.column + cell.repeated):
            places.setdefault(cell_at(number, column), []).append(cell.text)
