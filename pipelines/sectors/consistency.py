"""Checks that a sector's columns are consistent: among themselves, with every sector, with our tables' names."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import duckdb

from pipelines.sectors.header_key import key
from pipelines.sectors.table_errors import Fault, TomlPath
from pipelines.workspace import run_schema

LONGEST_COLUMN = 58
"""Most letters of a column's name: with `_raw` behind it a database takes 63."""
LONGEST_SECTOR = 32
"""Most letters of a sector's name: the gateway takes 35 of a tenant's, which is `<sector>-79`."""

LISTED = frozenset(
    {
        *("position", "recipient", "content", "place_in_file", "key", "group_key", "name", "id", "birth"),
        *("status_vi", "differs", "reason_vi", "proposed_vi", "one_fix", "remedy_vi"),
    }
)
"""Names that stand beside a sector's columns in a department's list (report/worklist.py)."""
TAKEN = run_schema.beside_sector_columns() | LISTED
"""Names that a sector's own column may not have: another column of a table has the name."""

ROLES = ("unit", "zone")
"""What a column can say of a record's unit."""

NOT_A_KEY = ("number", "year")
"""Kinds whose leading zeros do not count: they cannot be the code of a person or record."""

FOREIGN_KINDS = {"full_name": "foreign_name", "id_number": "foreign_id"}


def of_columns(columns: Sequence[Mapping[str, Any]], first_own: int, above: TomlPath = ()) -> Iterator[Fault]:
    """Faults of the columns among themselves. The table's own begin at `first_own`, behind those that all share."""
    names = [column.get("name") for column in columns]
    said: dict[str, str] = {}
    for at, column in enumerate(columns):
        place: TomlPath = (*above, "column", at - first_own) if at >= first_own else above
        name = str(column.get("name"))
        if name in names[:at]:
            yield Fault((*place, "name"), f"cột {name} có hai lần / columns stand twice: {name}")
        yield from _of_options(column, names, place)
        if at >= first_own and not above:
            yield from _of_name(name, place)
        yield from _of_headers(column, place, said)
    yield from _of_roles(columns, first_own, above)


def _of_options(column: Mapping[str, Any], names: Sequence[Any], place: TomlPath) -> Iterator[Fault]:
    name = column.get("name")
    for part in ("family", "given"):
        if column.get(part) is not None and column[part] not in names:
            yield Fault((*place, part), f"{name}: không có cột / no column {column[part]}")
    if column.get("to_come") and (column.get("kind") != "date" or name == "date_of_birth"):
        yield Fault((*place, "to_come"), f"{name}: chỉ cho ngày khác ngày sinh / only for dates but that of birth")


def _of_roles(columns: Sequence[Mapping[str, Any]], first_own: int, above: TomlPath) -> Iterator[Fault]:
    """A role that two columns have, or one whose cells are no words."""
    for role in ROLES:
        holders = [at for at, column in enumerate(columns) if column.get("role") == role]
        for nth, at in enumerate(holders):
            place: TomlPath = (*above, "column", at - first_own, "role")
            if columns[at].get("kind") != "text":
                yield Fault(place, f"{role}: chỉ cho cột kiểu text / only for a column of kind text")
            if nth:
                yield Fault(place, f"{role}: đã có cột khác / another column has this role already")


def _of_name(name: str, place: TomlPath) -> Iterator[Fault]:
    if name in TAKEN or name in _words_of_sql() or name.endswith("_raw"):
        yield Fault((*place, "name"), f"tên {name} đã dùng việc khác, hãy đặt tên khác / the name is taken")
    if len(name) > LONGEST_COLUMN:
        yield Fault((*place, "name"), f"tên dài quá {LONGEST_COLUMN} chữ / the name is too long")


def _of_headers(column: Mapping[str, Any], place: TomlPath, said: dict[str, str]) -> Iterator[Fault]:
    """A header that two columns claim; `said` is what the columns before claimed, and learns this one's."""
    name = str(column.get("name"))
    aliases = column.get("aliases", ())
    for text in (*(aliases if isinstance(aliases, list) else ()), name, column.get("title_vi")):
        if isinstance(text, str) and said.setdefault(key(text), name) != name:
            other = said[key(text)]
            yield Fault(
                (*place, "aliases"),
                f"{name}: tiêu đề «{text}» đã là của cột {other} / this header is column {other}'s already",
            )


def of_sector(
    table: Mapping[str, Any], columns: Sequence[Mapping[str, Any]], first_own: int, kinds: Mapping[str, str]
) -> Iterator[Fault]:
    """Faults of the sector's keys and kinds. `kinds`: those that columns of the package's sectors have, by name."""
    named = {column.get("name"): column.get("kind") for column in columns}
    record_key = table.get("record_key", [])
    keys = [("key", table["key"])] if "key" in table else []
    for field, name in [*keys, *(("record_key", each) for each in record_key if isinstance(record_key, list))]:
        if name not in named:
            yield Fault((field,), f"không có cột / key {name} is not a column")
        elif field == "key" and named[name] in NOT_A_KEY:
            yield Fault((field,), f"mã phải thuộc kiểu code / key {name} cannot be of kind {named[name]}")
    foreign = table.get("foreign", False)
    wanted = {**kinds, **FOREIGN_KINDS} if foreign else kinds
    for at, column in enumerate(columns):
        name, kind = str(column.get("name")), column.get("kind")
        if kind is not None and kind != wanted.get(name, kind):
            place: TomlPath = ("column", at - first_own, "kind") if at >= first_own else ()
            head = "foreign: " if foreign else ""
            yield Fault(place, f"{head}cột {name} phải có kiểu / {name} must be of kind {wanted[name]}")


@cache
def _words_of_sql() -> frozenset[str]:
    """Words that cannot be a column's name."""
    with duckdb.connect() as connection:
        rows = connection.execute("SELECT keyword_name, keyword_category FROM duckdb_keywords()").fetchall()
    return frozenset(name for name, category in rows if category in ("reserved", "type_function"))
