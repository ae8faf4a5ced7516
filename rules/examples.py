"""Runs the good and bad examples that stand with a rule: whether the rule says of each what its table says.

An example is a few cells; what is not said of its record is null, or follows from what is.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from rules import conditions
from rules.errors import without_values
from rules.sql import RAW, Scope, live_view, with_given
from rules.tables import DIRECTORY, Cells, Example, Rule, place_of

DAY = date(2026, 11, 22)
"""The night of every example: the ages in them count to it."""
OTHER_SECTOR = "other_sector"
"""The cell that puts an example's record into another sector than the rule's."""
ANSWERED = "answer_status"
"""The cell that is the column `status` of `verifications`: a link has one of that name too."""
SECTORS = ("insurance", "students")
"""Sector of a rule for all sectors, and the other one."""

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

PLACE = {"record_id": "VARCHAR", "sector": "VARCHAR", "source_file": "VARCHAR", "sheet": "VARCHAR"}
LINKS = ("person_id", "decision", "status")
RESIDENCES = ("province_registry", "commune_registry", "address_registry")
VERIFICATIONS = ("state", "result", "id_flag", "name_flag", "birth_flag", "sex_flag", "asked_on")
BESIDE = (*LINKS, *RESIDENCES, *VERIFICATIONS, ANSWERED, OTHER_SECTOR)
"""Cells of an example that are not of the core table."""
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")

Columns = Mapping[str, Sequence[str]]
"""Sector → its own columns."""


def faults(
    rules: Iterable[Rule],
    columns: Columns,
    fillers: Collection[str],
    connection: duckdb.DuckDBPyConnection,
    directory: Path = DIRECTORY,
) -> list[str]:
    """A sentence for each example that is ill-formed or of which its rule says otherwise, with file, line and rule.

    `connection`: an empty database, whose tables are replaced. `fillers`: texts that people type where they know
    nothing, in lower case.
    """
    return [
        f"{place_of(rule, directory)}: {fault}"
        for rule in rules
        for fault in _of_rule(rule, columns, fillers, connection)
    ]


def _of_rule(
    rule: Rule, columns: Columns, fillers: Collection[str], connection: duckdb.DuckDBPyConnection
) -> Iterator[str]:
    own, other = sectors_of(rule)
    if unknown := sorted({own, other} - set(columns)):
        yield f"sectors: there is no sector {', '.join(unknown)}"
        return
    for label, examples, breaks in (("good", rule.good, False), ("bad", rule.bad, True)):
        for number, example in enumerate(examples, 1):
            told = f"{label} example {number}"
            wrong = [
                f"{told}: {fault}" for each in of_example(rule, example) for fault in _ill_formed(each, own, columns)
            ]
            yield from wrong
            if wrong:
                continue
            try:
                if is_broken(rule, example, columns, fillers, connection) != breaks:
                    yield f"{told}: the rule {'is followed' if breaks else 'is broken'} by it"
            except (duckdb.Error, TypeError, ValueError) as fault:
                yield f"{told}: cannot be judged: {without_values(str(fault))}"


def is_broken(
    rule: Rule,
    example: Example,
    columns: Columns,
    fillers: Collection[str],
    connection: duckdb.DuckDBPyConnection,
) -> bool:
    """Whether the example's first record breaks the rule.

    Errors: duckdb.Error, TypeError or ValueError if the rule cannot be run.
    """
    own, other = sectors_of(rule)
    given = of_example(rule, example)
    here = [cells for cells in given if OTHER_SECTOR not in cells]
    fill(connection, {own: here, other: [cells for cells in given if OTHER_SECTOR in cells]}, columns)
    connection.execute(live_view(own))
    table = f"live_{own}" if rule.family == "live" else f"core_{own}"
    scope = Scope(table, DAY, (f"core_{own}", f"core_{other}"))
    applicable, failing = conditions.build(rule.expect, rule.column, rule.args, scope)
    seen = with_given(table, columns[own], fillers)
    sql = f"SELECT coalesce(({applicable}) AND ({failing}), false) FROM ({seen}) WHERE record_id = '{own}-1'"
    return bool(connection.execute(sql).fetchall()[0][0])


def sectors_of(rule: Rule) -> tuple[str, str]:
    """The sector in which the rule's examples are judged, and the one of the records of another sector."""
    own = SECTORS[0] if "*" in rule.sectors else rule.sectors[0]
    return own, SECTORS[own == SECTORS[0]]


def of_example(rule: Rule, example: Example) -> list[Cells]:
    """The records that an example stands for; the first is judged."""
    if isinstance(example, str):
        return [{rule.column: example}]
    return example if isinstance(example, list) else [example]


def fill(connection: duckdb.DuckDBPyConnection, records: Mapping[str, Iterable[Cells]], columns: Columns) -> None:
    """Tables as the earlier hops leave them, in place of those that are there: `core_<sector>` of each sector given,
    `links`, `residences` and `verifications`.
    """
    rows = {
        sector: [_whole(sector, number, cells, columns[sector]) for number, cells in enumerate(given, 1)]
        for sector, given in records.items()
    }
    for sector, whole in rows.items():
        _insert(connection, f"core_{sector}", core_columns(columns[sector]), whole)
    everything = [row for whole in rows.values() for row in whole]
    asked = [row for row in everything if any(row.get(column) for column in VERIFICATIONS)]
    place = {"record_id": "VARCHAR"}
    _insert(connection, "links", place | dict.fromkeys(LINKS, "VARCHAR"), everything)
    _insert(connection, "residences", place | dict.fromkeys(RESIDENCES, "VARCHAR"), everything)
    answers = place | dict.fromkeys((*VERIFICATIONS, "status", "decision"), "VARCHAR")
    answered = [{**row, "status": row.get(ANSWERED), "decision": None} for row in asked]
    _insert(connection, "verifications", answers, answered)


def core_columns(own: Sequence[str]) -> dict[str, str]:
    """Column → DuckDB type of `core_<sector>`."""
    columns = PLACE | {"source_row": "INTEGER"} | dict.fromkeys(own, "VARCHAR") | DERIVED
    return columns | {f"{name}{RAW}": "VARCHAR" for name in own}


def _ill_formed(cells: Cells, own: str, columns: Columns) -> Iterator[str]:
    """What is wrong with a record of an example before any rule sees it."""
    known = {*BESIDE, *(name for sector in {own, *SECTORS} for name in core_columns(columns[sector]))}
    if unknown := sorted(set(cells) - known):
        yield f"there is no column {', '.join(unknown)}"
    born = cells.get("date_of_birth")
    if born and not _DATE.fullmatch(str(born)):
        yield "date_of_birth is not YYYY, YYYY-MM or YYYY-MM-DD"


def _whole(sector: str, number: int, cells: Cells, own: Sequence[str]) -> dict[str, Any]:
    row: dict[str, Any] = dict(cells)
    row |= {"record_id": f"{sector}-{number}", "sector": sector, "source_file": f"{sector}.csv"}
    row |= {"sheet": "", "source_row": number + 1}
    for column in own:
        row.setdefault(f"{column}{RAW}", row.get(column))
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
    return "unknown" if row.get(f"id_number{RAW}") else "missing"


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
