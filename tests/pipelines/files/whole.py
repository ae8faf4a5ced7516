"""A file's tables with all their parts together, as the tests look at them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.sheet import Chunk
from pipelines.files.table import Table, tables
from pipelines.sectors.schema import TableSchema


@dataclass(frozen=True)
class Whole:
    """One table, its parts put together."""

    table: Table
    rows: pl.DataFrame
    rejected: pl.DataFrame
    rows_counted: int


def together(parts: list[Chunk]) -> Chunk:
    """The parts as one."""
    return Chunk(
        pl.concat([part.rows for part in parts]),
        pl.concat([part.rejected for part in parts]),
        sum(part.counted for part in parts),
    )


def whole_tables(path: Path, schema: TableSchema, chosen: Mapping[str, str] | None = None) -> list[Whole]:
    """Each table of the file. What the second reader counts is what came out: else the test fails here."""
    found = []
    for table in tables(path, HeaderAliases(schema, chosen or {}), scratch=path.parent):
        one = together(list(table.parts()))
        assert one.counted == one.rows.height + one.rejected.height
        found.append(Whole(table, one.rows, one.rejected, one.counted))
    return found
