"""Words the errors of a sector's table: all of them at once, each with its line and field."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from pipelines.errors import BadInput

TomlPath = tuple[str | int, ...]
"""Keys and positions (from 0) that lead to a value of the file: `("column", 2, "kind")`."""


OURS = ("name", "model")
"""Fields of a sector that its table does not state."""


class Fault(NamedTuple):
    """One thing that the officer has to mend."""

    place: TomlPath
    message: str


def refusal(file: str, text: str, faults: Sequence[Fault]) -> BadInput:
    """The errors of one table as one message, in the order of their lines."""
    placed = sorted((line_of(text, fault.place), _told(fault)) for fault in faults)
    lines = [f"{f'dòng {line}: ' if line else ''}{told}" for line, told in dict.fromkeys(placed)]
    head = f"{file}: {len(lines)} lỗi / faults:" if len(lines) > 1 else f"{file}:"
    return BadInput("sector_table", "\n  ".join([head, *lines]) if len(lines) > 1 else f"{head} {lines[0]}")


def of_shape(table: Mapping[str, Any]) -> list[Fault]:
    """Errors that make the table unlike a sector's altogether, so that nothing more can be checked."""
    found = _of_lists(table, ()) + [Fault((name,), _WORDS["extra_forbidden"]) for name in OURS if name in table]
    for name in ("registry", "matching"):
        if not isinstance(table.get(name, {}), Mapping):
            found.append(Fault((name,), f"phải là một bảng [{name}] / must be a table"))
    registry = table.get("registry")
    return found + (_of_lists(registry, ("registry",)) if isinstance(registry, Mapping) else [])


def of_values(wrong: ValidationError) -> list[Fault]:
    """Errors that pydantic finds in single values; their paths are those of the model."""
    return [Fault(tuple(each["loc"]), _in_words(each)) for each in wrong.errors()]


def line_of(text: str, place: TomlPath) -> int:
    """The line (from 1) of a value, or of the table that it belongs to; 0 if neither is in the file."""
    lines = text.splitlines()
    first, last = _span(lines, place)
    names = [part for part in place if isinstance(part, str)]
    wanted = re.compile(rf"\s*[\"']?{re.escape(names[-1])}[\"']?\s*=") if names else None
    for number in range(first, last):
        if wanted and wanted.match(lines[number]):
            return number + 1
    return first if any(isinstance(part, int) for part in place) else 0


def _span(lines: Sequence[str], place: TomlPath) -> tuple[int, int]:
    """From which line to which the table with the value stands, both from 0; the first is behind its heading."""
    at = next((position for position, part in enumerate(place) if isinstance(part, int)), None)
    headings = [number for number, line in enumerate(lines) if re.match(r"\s*\[", line)]
    if at is None:
        return 0, len(lines)
    name = ".".join(str(part) for part in place[:at])
    ours = [number for number in headings if re.match(rf"\s*\[\[\s*{re.escape(name)}\s*\]\]", lines[number])]
    position = place[at]
    if not isinstance(position, int) or position >= len(ours):
        return 0, 0
    start = ours[position]
    return start + 1, min([number for number in headings if number > start], default=len(lines))


def _of_lists(table: Mapping[str, Any], above: TomlPath) -> list[Fault]:
    columns = table.get("column", [])
    name = ".".join(map(str, (*above, "column")))
    if not isinstance(columns, list):
        return [Fault((*above, "column"), f"phải viết [[{name}]] trên mỗi cột / each column begins with [[{name}]]")]
    return [
        Fault((*above, "column", at), "phải là một bảng / must be a table")
        for at, column in enumerate(columns)
        if not isinstance(column, Mapping)
    ]


_WORDS = {
    "missing": "thiếu / is missing",
    "extra_forbidden": "không có mục này / there is no such key",
    "bool_type": "phải là true hoặc false / must be true or false",
    "string_type": 'phải là chữ trong dấu "" / must be text in quotes',
    "string_too_short": "không được để trống / must not be empty",
    "tuple_type": "phải là danh sách […] / must be a list",
}
"""Pydantic's kind of error → what the officer reads."""
_NAMES = r"chỉ gồm a-z, 0-9 và _, bắt đầu bằng chữ / small letters, digits and _ only, a letter first"


def _in_words(error: Mapping[str, Any]) -> str:
    if error["type"] == "literal_error":
        known = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        return f"chọn một trong / choose one of: {known}"
    if error["type"] == "string_pattern_mismatch":
        return _NAMES
    return _WORDS.get(error["type"], f"sai / wrong: {error['msg']}")


def _told(fault: Fault) -> str:
    where = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in fault.place).lstrip(".")
    return f"{where}: {fault.message}" if where else fault.message


def several(refusals: Iterable[BadInput]) -> BadInput:
    """The errors of several tables as one message."""
    return BadInput("sector_table", "\n".join(str(each) for each in refusals))
