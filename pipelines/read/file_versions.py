"""Replaces rows by those of a corrected file: the same department's code, in a later version of the list.

Two files of a sector are versions of one list where at least half of the smaller one's codes stand in both. The later
one is the one whose content first came on a later night; of one night, the one whose name says so (`_v2`, `(2)`,
`lần 2`, `sửa`, a date). Where neither tells, nothing is replaced, and both files say so.
A later one that takes values away, or whose cells are masked, is held: it is refused and the earlier one stays.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import polars as pl
from sqlalchemy import insert, select

from pipelines.config import Settings
from pipelines.read.holding import hold
from pipelines.read.version_order import FirstNights, Order, note
from pipelines.sectors.schema import Sector
from pipelines.workspace import run_schema, run_tables, state
from pipelines.workspace.state_tables import first_seen

SHARED = 0.5
"""Share of the smaller file's codes that two files must have in common to be versions of one list."""


def first_nights(settings: Settings, contents: Iterable[tuple[str, str, str]]) -> FirstNights:
    """The night on which each content first came: (sector, sha256) → night; stored for later nights.

    A night that is run again finds what it found the first time.
    """
    coming = sorted(set(contents))
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        known = {
            (row.sector, row.sha256): row.night
            for row in connection.execute(select(first_seen.c.sector, first_seen.c.sha256, first_seen.c.night))
        }
        night = settings.night.isoformat()
        new = {(sector, digest): name for sector, digest, name in coming if (sector, digest) not in known}
        if new:
            connection.execute(
                insert(first_seen),
                [
                    {"sector": sector, "sha256": digest, "night": night, "source_file": name}
                    for (sector, digest), name in sorted(new.items())
                ],
            )
    return {**known, **dict.fromkeys(new, night)}


def supersede(
    connection: duckdb.DuckDBPyConnection,
    sectors: Mapping[str, Sector],
    files: Sequence[dict[str, Any]],
    nights: FirstNights,
    night: date,
    allowed: Collection[tuple[str, str]] = (),
) -> None:
    """Moves replaced rows from `raw_<sector>` to `rejected`, and adds to the files' notes what replaced what.

    `allowed`: (sector, sha256) of files that may take values away. Others that would are refused, all their rows with
    them; of those that do not, a row with a masked cell is rejected where the earlier file has the value.
    """
    for sector in sectors.values():
        of_sector = {each["source_file"]: each for each in files if each["sector"] == sector.name}
        if len(of_sector) < 2:
            continue
        connection.execute(_KEYED.format(raw=run_schema.raw_table(sector.name), key=_key(sector)))
        order = Order(of_sector, nights, [each for each in files if each["sector"] == sector.name])
        for one, other, shared in run_tables.query(connection, _SHARED, {"share": SHARED}).iter_rows():
            order.add(one, other, shared)
        hold(connection, sector, order, night, allowed)
        order.tell_unclear()
        if order.replaced:
            _move(connection, sector, order)
        connection.execute("DROP TABLE keyed")


def _move(connection: duckdb.DuckDBPyConnection, sector: Sector, order: Order) -> None:
    ranks = {name: rank for rank, name in enumerate(sorted(order.files, key=order.sort_key))}
    pairs = pl.DataFrame(
        [(earlier, later, ranks[later]) for earlier, later in order.replaced],
        schema={"earlier": pl.String, "later": pl.String, "rank": pl.Int64},
        orient="row",
    )
    connection.register("pairs", pairs.to_arrow())
    connection.execute(_REPLACED)
    connection.unregister("pairs")
    connection.execute(_REJECT.format(rejected=run_schema.REJECTED), {"sector": sector.name})
    raw = run_schema.raw_table(sector.name)
    connection.execute(f"DELETE FROM {raw} WHERE record_id IN (SELECT record_id FROM replaced)")
    for earlier, later, rows in run_tables.query(connection, _COUNTS).iter_rows():
        note(
            order.files[later],
            "supersedes",
            f"Bản sửa: thay {rows} hồ sơ của tệp «{earlier}» theo mã của ngành / replaces records of that file.",
        )
        note(
            order.files[earlier],
            "superseded",
            f"{rows} hồ sơ đã được thay bằng tệp «{later}» theo mã của ngành / replaced by that file.",
        )
    connection.execute("DROP TABLE replaced")


def _key(sector: Sector) -> str:
    """SQL of the department's code of a record; null where the code itself is missing."""
    first, *others = (
        f"upper(regexp_replace(trim({run_schema.identifier(name)}), '^''|\\.0$', '', 'g'))"
        for name in sector.record_key or (sector.key,)
    )
    return " || chr(31) || ".join([f"nullif({first}, '')", *(f"coalesce({each}, '')" for each in others)])


_KEYED = (
    "CREATE OR REPLACE TEMP TABLE keyed AS SELECT record_id, source_file, sheet, source_row, {key} AS key FROM {raw}"
)
_SHARED = """
WITH codes AS (SELECT DISTINCT source_file, key FROM keyed WHERE key IS NOT NULL),
     sizes AS (SELECT source_file, count(*) AS codes FROM codes GROUP BY ALL),
     common AS (
         SELECT one.source_file AS one, other.source_file AS other, count(*) AS shared
         FROM codes AS one JOIN codes AS other ON one.key = other.key AND one.source_file < other.source_file
         GROUP BY ALL
     )
SELECT one, other, shared FROM common
JOIN sizes AS first ON first.source_file = one JOIN sizes AS second ON second.source_file = other
WHERE shared >= $share * least(first.codes, second.codes)
ORDER BY one, other
"""
_REPLACED = """
CREATE OR REPLACE TEMP TABLE replaced AS
SELECT old.record_id, old.source_file, old.sheet, old.source_row,
       arg_max(new.source_file, (rank, new.source_row)) AS by_file,
       arg_max(new.source_row, (rank, new.source_row)) AS by_row
FROM keyed AS old JOIN pairs ON old.source_file = earlier
JOIN keyed AS new ON new.source_file = later AND new.key = old.key
GROUP BY ALL
"""
_REJECT = """
INSERT INTO {rejected} BY NAME
SELECT $sector AS sector, source_file, sheet, source_row, 'superseded' AS code,
       format('Đã được thay bằng dòng {{}} của tệp «{{}}» (cùng mã của ngành) / replaced by that row.', by_row, by_file)
           AS message
FROM replaced
"""
_COUNTS = "SELECT source_file, by_file, count(*) AS rows FROM replaced GROUP BY ALL ORDER BY ALL"
