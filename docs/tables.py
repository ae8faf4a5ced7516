"""The tables between hops, as docs/architecture.md shows them: `python -m docs.tables` writes them from the code.

A test compares the document with what would be written.
"""

from pathlib import Path

import polars as pl

from pipelines.workspace import run_schema

ARCHITECTURE = Path(__file__).resolve().parent / "architecture.md"
BEGIN, END = "<!-- tables: python -m docs.tables -->", "<!-- tables end -->"
_IN_DUCKDB = {
    pl.Int16: "SMALLINT",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
}


def section() -> str:
    """Every table in Markdown: its hop, its row, its order and its columns."""
    return "\n\n".join(_table(table) for table in run_schema.TABLES)


def _table(table: run_schema.RunTable) -> str:
    lies = f" In order of `{', '.join(table.order)}`." if table.order else ""
    rows = []
    for column in table.columns:
        kind = _IN_DUCKDB.get(column.type)  # type: ignore[call-overload]
        rows.append(f"| {column.name}{f' ({kind})' if kind else ''} | {column.meaning} |")
        if column.name == table.before_sector:
            rows.append(f"| … | {table.sector_columns} |")
    head = f"**{table.name}** ({table.written_by}): {table.row}.{lies}"
    return "\n".join([head, "", "| column | is |", "|---|---|", *rows])


def written(document: str) -> str:
    """The document with the tables in their place."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{section()}\n{END}{after}"


if __name__ == "__main__":
    ARCHITECTURE.write_text(written(ARCHITECTURE.read_text(encoding="utf-8")), encoding="utf-8")
