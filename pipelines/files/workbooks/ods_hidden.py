"""Finds the hidden sheets, rows and columns of an ODS workbook, by its styles and groups."""

import re
from collections.abc import Mapping
from functools import partial

from pipelines.files.workbooks.xml_parts import End, Start

_NOT_SEEN = frozenset({"collapse", "filter"})
_NOTHING = re.compile(r"0+(?:\.0*)?(?:cm|mm|in|pt|pc|px)?")
_GROUPS = ("table:table-row-group", "table:table-column-group")


class Hidden:
    """Handlers for `Parts.walk` that learn the styles and track folded groups."""

    def __init__(self) -> None:
        self._style = ("", "")
        self._styles: set[tuple[str, str]] = set()
        """Family and name of those that leave nothing to be seen."""
        self._folded: dict[str, list[bool]] = {group: [] for group in _GROUPS}

    def starts(self) -> dict[str, Start]:
        """Element name → handler of its opening tag."""
        return {
            "style:style": self._open_style,
            "style:table-properties": lambda given: self._learn(given.get("table:display") == "false"),
            "style:table-row-properties": lambda given: self._learn(_is_nothing(given.get("style:row-height"))),
            "style:table-column-properties": lambda given: self._learn(_is_nothing(given.get("style:column-width"))),
        } | {group: partial(self._open_group, group) for group in _GROUPS}

    def ends(self) -> dict[str, End]:
        """Element name → handler of its closing tag."""
        return {group: partial(self._close_group, group) for group in _GROUPS}

    def table(self, style: str) -> bool:
        """Whether a sheet of this style is hidden."""
        return ("table", style) in self._styles

    def row(self, given: Mapping[str, str]) -> bool:
        """Whether a row with these attributes is hidden where it stands."""
        return self._is_hidden("table-row", _GROUPS[0], given)

    def column(self, given: Mapping[str, str]) -> bool:
        """Whether a column with these attributes is hidden where it stands."""
        return self._is_hidden("table-column", _GROUPS[1], given)

    def _is_hidden(self, family: str, group: str, given: Mapping[str, str]) -> bool:
        by_style = (family, given.get("table:style-name", "")) in self._styles
        return given.get("table:visibility") in _NOT_SEEN or by_style or any(self._folded[group])

    def _open_style(self, given: dict[str, str]) -> None:
        self._style = given.get("style:family", "table"), given.get("style:name", "")

    def _learn(self, hides: bool) -> None:
        if hides:
            self._styles.add(self._style)

    def _open_group(self, group: str, given: dict[str, str]) -> None:
        self._folded[group].append(given.get("table:display") == "false")

    def _close_group(self, group: str) -> None:
        self._folded[group].pop()


def _is_nothing(measure: str | None) -> bool:
    return measure is not None and _NOTHING.fullmatch(measure) is not None
