"""Tables as the earlier hops leave them, made from a few cells: what is not said is null or follows from what is."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.sectors import schema
from pipelines.workspace import run_tables
from rules.tables import Cells, Example, Rule

DERIVED = {
    "name_key": "VARCHAR",
    "name_note": "VARCHAR",
    "name_repairs": "VARCHAR",
    "text_repairs": "VARCHAR",
    "birth_precision": "VARCHAR",
    "birth_year": "SMALLINT",
    "birth_alternative": "VARCHAR",
    "birth_repairs": "VARCHAR",
    "birth_why_not": "VARCHAR",
    "sex_why_not": "VARCHAR",
    "cmnd_number": "VARCHAR",
    "id_kind": "VARCHAR",
    "id_repairs": "VARCHAR",
    "id_why_not": "VARCHAR",
    "id_province_code": "VARCHAR",
    "id_sex": "VARCHAR",
    "id_birth_year": "SMALLINT",
    "tenant": "VARCHAR",
    "unit": "VARCHAR",
    "zone": "VARCHAR",
    "content_hash": "VARCHAR",
}
"""The columns of docs/architecture.md's core table besides the sector's own."""

LINKS = ("person_id", "decision", "status")
RESIDENCES = ("province_registry", "commune_registry", "address_registry")
VERIFICATIONS = ("state", "result", "id_flag", "name_flag", "birth_flag", "sex_flag", "asked_on")


def core_columns(sector: str) -> dict[str, str]:
    """Column → DuckDB type of `core_<sector>`."""
    own = [column.name for column in schema.load(sector).column]
    place = {"record_id": "VARCHAR", "sector": "VARCHAR", "source_file": "VARCHAR", "sheet": "VARCHAR"}
    columns = place | {"source_row": "INTEGER"} | dict.fromkeys(own, "VARCHAR") | DERIVED
    return columns | {f"{name}_raw": "VARCHAR" for name in own}


def create(database: Path, records: Mapping[str, Iterable[Cells]]) -> None:
    """A run's database with `core_<sector>` for each sector given, `links`, `residences` and `verifications`."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with run_tables.open_database(database) as connection:
        fill(connection, records)


def fill(connection: duckdb.DuckDBPyConnection, records: Mapping[str, Iterable[Cells]]) -> None:
    """The same tables in an open database."""
    rows = {sector: [_whole(sector, n, cells) for n, cells in enumerate(given, 1)] for sector, given in records.items()}
    for sector, whole in rows.items():
        _insert(connection, f"core_{sector}", core_columns(sector), whole)
    everything = [row for whole in rows.values() for row in whole]
    asked = [row for row in everything if any(row.get(column) for column in VERIFICATIONS)]
    place = {"record_id": "VARCHAR"}
    _insert(connection, "links", place | dict.fromkeys(LINKS, "VARCHAR"), everything)
    _insert(connection, "residences", place | dict.fromkeys(RESIDENCES, "VARCHAR"), everything)
    answers = place | dict.fromkeys((*VERIFICATIONS, "status", "decision"), "VARCHAR")
    _insert(
        connection,
        "verifications",
        answers,
        [{**row, "status": row.get("answer_status"), "decision": None} for row in asked],
    )


def of_example(rule: Rule, example: Example) -> list[Cells]:
    """The records that an example stands for; the first is judged."""
    if isinstance(example, str):
        return [{rule.column: example}]
    return example if isinstance(example, list) else [example]


def _whole(sector: str, number: int, cells: Cells) -> dict[str, Any]:
    row: dict[str, Any] = dict(cells)
    row |= {"record_id": f"{sector}-{number}", "sector": sector, "source_file": f"{sector}.csv"}
    row |= {"sheet": "", "source_row": number + 1}
    for column in (column.name for column in schema.load(sector).column):
        row.setdefault(f"{column}_raw", row.get(column))
    born = str(row.get("date_of_birth") or "")
    if born:
        row.setdefault("birth_year", int(born[:4]))
        row.setdefault("birth_precision", {4: "year", 7: "month", 10: "day"}[len(born)])
    row.setdefault("id_kind", _kind(row))
    return row


def _kind(row: Mapping[str, Any]) -> str:
    if row.get("id_number"):
        return "cccd"
    if row.get("cmnd_number"):
        return "cmnd"
    return "unknown" if row.get("id_number_raw") else "missing"


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: list[dict[str, Any]]
) -> None:
    declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    connection.execute(f"CREATE OR REPLACE TABLE {table} ({declared})")
    if rows:
        texts = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in columns}
        incoming = pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String)).to_arrow()
        connection.register("incoming_rows", incoming)
        connection.execute(f"INSERT INTO {table} SELECT * FROM incoming_rows")
        connection.unregister("incoming_rows")
