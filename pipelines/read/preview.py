"""Previews how a file would be read: the meaning of each column with its confidence, and the first rows."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.errors import BadInput
from pipelines.files.containers import unpack
from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.table import Table, tables
from vn import ids

HOW = {
    "exact": ("theo bảng tên cột", "known"),
    "part": ("một phần của giá trị", "part of a value"),
    "near": ("phỏng đoán", "guessed"),
    "mapping": ("theo mapping.toml", "by mapping.toml"),
}
_MASKED_KINDS = ("id", "foreign_id", "bhxh", "bhyt", "phone", "code")


def preview(path: Path, words: HeaderAliases, scratch: Path, rows: int = 5) -> list[dict[str, Any]]:
    """Each sheet of each file that `path` holds, ready for JSON, numbers masked; nothing is stored.

    Shape: `sector, source_file, sheet, format, encoding, header_row`, `columns` (`position` from 1, `header, column,
    part, how, confidence`; `column` null: kept as unknown), `rows` (the first ones by our columns), `rejected` (of the
    first part: `source_row, code, message`), `notes`, `refused` (code) and `message` of what is not read.
    """
    found = []
    for member in unpack.members(path, path.name, scratch):
        place = {"sector": words.schema.name, "source_file": member.source_file}
        try:
            if member.refused:
                raise member.refused
            of_member = tables(member.path, words, scratch=scratch, name=member.source_file)
            found += [{**place, **_sheet(table, rows)} for table in of_member]
        except BadInput as refusal:
            found.append({**place, "refused": refusal.code, "message": str(refusal)})
    return found


def understood(sheets: Iterable[Mapping[str, Any]]) -> int:
    """Number of known columns over all sheets: of several sectors the one with most is meant."""
    return sum(1 for sheet in sheets for column in sheet.get("columns", ()) if column["column"])


def _sheet(table: Table, rows: int) -> dict[str, Any]:
    first = None if table.refused or table.header is None else next(table.parts())
    shown = {
        "sheet": table.sheet.name,
        "format": table.file.format,
        "encoding": table.sheet.encoding,
        # Some are known only once rows were read.
        "notes": [vars(note) for note in table.notes],
    }
    if first is None:
        return {**shown, "refused": table.refused and table.refused.code, "message": str(table.refused)}
    return {
        **shown,
        "header_row": table.below,
        "columns": list(_columns(table)),
        "rows": _masked(first.rows.head(rows), table).to_dicts(),
        "rejected": first.rejected.head(rows).to_dicts(),
        "refused": None,
    }


def _columns(table: Table) -> Iterator[dict[str, Any]]:
    assert table.header is not None
    for at, label in table.header.labels.items():
        meaning = table.header.meanings.get(at)
        known = {} if meaning is None else vars(meaning)
        yield {
            "position": at + 1,
            "header": label,
            "column": None,
            "part": "",
            "how": None,
            "confidence": None,
            **known,
        }


def _masked(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """What was found of our columns; no cell of a column that we don't know, since it may hold anything."""
    assert table.header is not None
    found = [column for column in table.schema.column if rows[column.name].is_not_null().any()]
    numbers = [column.name for column in found if column.kind in _MASKED_KINDS]
    hidden = [ids.mask_column(rows[name]) for name in numbers]
    return rows.with_columns(hidden).select("source_row", *(column.name for column in found))
