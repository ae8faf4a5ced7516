"""Judges every record by every rule, once: what GX then counts, issues list and scores add up is read from one table.

`judged_<sector>` has a row for each record and a column for each rule that is run for the sector: true where the record
follows the rule, false where it breaks it, null where the rule does not apply to it.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import duckdb
from sqlalchemy.exc import DBAPIError

from rules.errors import RuleBroken
from rules.sql import RAW, Condition, name, with_given

if TYPE_CHECKING:
    from rules.database import Database


def judged_table(sector: str) -> str:
    """Name of the table of what the rules say of each record of the sector."""
    return name(f"judged_{sector}")


def column(rule_id: str) -> str:
    """The rule's column in that table, as SQL names it."""
    return f'"{name(rule_id.replace("-", "_")).replace("_", "-")}"'


def keep(
    source: "Database",
    sector: str,
    records: str,
    conditions: Mapping[str, Condition],
    *,
    anew: bool,
    fillers: Collection[str] = (),
) -> None:
    """Writes what these rules say of each record of the table `records`; `anew`: in place of all that was known.

    `fillers` are texts that people type where they know nothing, in lower case.

    Else beside what other families said, in place of what these said before.
    Errors: RuleBroken naming every rule that cannot be run.
    """
    verdicts = ", ".join(f"{_verdict(each)} AS {column(rule_id)}" for rule_id, each in conditions.items())
    cells = source.query(f"DESCRIBE {name(records)}")["column_name"].to_list()
    # What several rules ask of a cell is worked out once, below what they say.
    seen = with_given(records, [cell.removesuffix(RAW) for cell in cells if cell.endswith(RAW)], fillers)
    said = f"SELECT record_id, {verdicts} FROM ({seen})"
    table = judged_table(sector)
    kept = [] if anew else _columns(source, table, but=conditions)
    if kept:
        earlier = ", ".join(f"earlier.{column(rule_id)}" for rule_id in kept)
        said = (
            f"SELECT said.record_id, {earlier}, said.* EXCLUDE (record_id) FROM ({said}) AS said "
            f"JOIN {table} AS earlier USING (record_id)"
        )
    try:
        source.execute(f"CREATE OR REPLACE TABLE {table} AS {said}")
    except DBAPIError:
        raise RuleBroken(_causes(source, seen, conditions)) from None


def _verdict(condition: Condition) -> str:
    return f"CASE WHEN ({condition.applicable}) THEN ({condition.failing}) IS NOT TRUE END"


def _columns(source: "Database", table: str, but: Mapping[str, Condition]) -> list[str]:
    """Rules that have a column already, without the named ones."""
    known = source.query(
        f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
    )
    return [each for each in known["column_name"].to_list() if each != "record_id" and each not in but]


def _causes(source: "Database", seen: str, conditions: Mapping[str, Condition]) -> dict[str, str]:
    """Rule → why it cannot be run: each is run by itself, since the database names only what it met first."""
    causes = {}
    for rule_id, condition in conditions.items():
        try:
            source.query(f"SELECT count({_verdict(condition)}) AS judged FROM ({seen})")
        except duckdb.Error as fault:
            causes[rule_id] = str(fault)
    return causes or dict.fromkeys(conditions, "the database cannot write what the rules say")
