"""Finds the hidden rows and columns of an XLSX sheet, by their attributes."""

import re
from collections.abc import Mapping

from pipelines.files.workbooks.survey import LAST_COLUMN, Survey

HIDDEN_ROW = r'\bhidden="(?:1|true)"|\bht="0+(?:\.0*)?"'
"""Pattern in the attributes of a hidden row as they are written."""
_TRUE = frozenset({"1", "true"})
_NOTHING = re.compile(r"0+(?:\.0*)?")


def is_hidden_row(attributes: Mapping[str, str]) -> bool:
    """Whether nobody sees the row; filters and folded groups leave the same mark as hiding by hand."""
    return attributes.get("hidden") in _TRUE or _is_nothing(attributes.get("ht"))


class Columns:
    """Handlers of the elements before the rows that report hidden columns to a survey."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._hidden_by_default = False

    def take_format(self, attributes: Mapping[str, str]) -> None:
        """Handles `sheetFormatPr`: the width of columns without one of their own."""
        if _is_nothing(attributes.get("defaultColWidth")):
            self._hidden_by_default = True
            self._survey.hide_columns(1, LAST_COLUMN)

    def take_columns(self, attributes: Mapping[str, str]) -> None:
        """Handles `col`: the attributes of some neighbouring columns."""
        hidden = attributes.get("hidden") in _TRUE or _is_nothing(attributes.get("width"))
        if hidden != self._hidden_by_default:
            span = int(attributes.get("min", "1")), int(attributes.get("max", "0"))
            self._survey.hide_columns(*span, times=1 if hidden else -1)


def _is_nothing(measure: str | None) -> bool:
    return measure is not None and _NOTHING.fullmatch(measure) is not None
