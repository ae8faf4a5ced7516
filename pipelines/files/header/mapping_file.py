"""Reads an officer's mapping.toml: which header means which column."""

import tomllib
from pathlib import Path

from pipelines.errors import UnknownColumns
from pipelines.files.header.aliases import header_tables
from pipelines.sectors.schema import TableSchema


def chosen_headers(path: Path, schema: TableSchema) -> dict[str, str]:
    """Header → our column, `column.part`, or `""` to keep it without knowing it; empty if there is no such file.

    Errors: UnknownColumns if it is no TOML of that shape, or names a column or part that the sector has not.
    """
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))["columns"]
        chosen = {str(header): str(name) for header, name in table.items()}
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, UnicodeDecodeError) as fault:
        raise UnknownColumns(
            "bad_mapping",
            'mapping.toml sai cấu trúc; cần: [columns] rồi mỗi dòng "tiêu đề" = "tên cột" / mapping.toml must hold '
            '[columns] with lines "header" = "column".',
        ) from fault
    wrong = sorted(name for name in chosen.values() if name and not _is_known(name, schema))
    if wrong:
        raise UnknownColumns(
            "bad_mapping",
            f"mapping.toml: không có cột «{wrong[0]}»; các cột: {', '.join(column.name for column in schema.column)} "
            "/ mapping.toml names a column that there is not.",
        )
    return chosen


def _is_known(name: str, schema: TableSchema) -> bool:
    column, _, part = name.partition(".")
    kinds = {each.name: each.kind for each in schema.column}
    return column in kinds and (not part or part in header_tables().parts.get(kinds[column], {}))
