"""Tells what each applied change of a feed means (birth, death, move, new number, correction, merge, cancelled), and
whether the feed's number is the one that comes next.

The events of all feeds since the last whole file stand beside the snapshot, in `<snapshot>.events.parquet`.
"""

from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipelines.errors import RegistryInvalid
from pipelines.registry.snapshot import Snapshot
from pipelines.workspace import atomic_files, run_tables

KINDS = ("birth", "death", "move", "new_number", "correction", "merge", "cancelled")
UNDER = 6
"""Years of age below which a child's birth, residence and health card are one linked procedure."""
SCHEMA = {
    "feed": pl.Int32,
    "feed_number": pl.Int64,
    "event": pl.String,
    "person_id": pl.String,
    "old_id": pl.String,
    "province_code": pl.String,
    "province_before": pl.String,
}
"""A row an event: the feed's place since the last whole file (from 1), the number that it bears, what happened, to whom
(the number that holds now), the number that this one replaced, where the person lives now and lived before.
"""


def path_of(snapshot: Path) -> Path:
    """The file of a snapshot's events; a whole file's snapshot has none."""
    return snapshot.with_suffix(".events.parquet")


def read(snapshot: Path) -> pl.DataFrame:
    """The events of all feeds since the last whole file, in the order of SCHEMA; no row where there was no feed."""
    path = path_of(snapshot)
    return pl.read_parquet(path, glob=False) if path.is_file() else pl.DataFrame(schema=SCHEMA)


def of_feed(connection: duckdb.DuckDBPyConnection, earlier: Snapshot, number: int | None, night: date) -> pl.DataFrame:
    """The events of all feeds, those of this one last: one for each row of the table `applied`, where a number that
    another replaces and its replacement are one.
    """
    connection.execute(_TAKEN)
    told = run_tables.query(connection, _EVENTS, {"under": night.year - UNDER})
    before = read(earlier.path)
    feed = int(before["feed"].max() or 0) + 1  # type: ignore[arg-type]
    new = told.with_columns(feed=pl.lit(feed), feed_number=pl.lit(number)).select(
        pl.col(name).cast(kind) for name, kind in SCHEMA.items()
    )
    return pl.concat([before, new])


def keep(events: pl.DataFrame, snapshot: Path) -> None:
    """Stores the events beside the snapshot."""
    atomic_files.write_parquet(events, path_of(snapshot))


def counted(events: pl.DataFrame) -> dict[str, int]:
    """Kind → number of events of the last feed; kinds that do not occur are left out."""
    last = events.filter(pl.col("feed") == pl.col("feed").max())
    return dict(last.group_by("event").len().sort("event").iter_rows())


def number_of(connection: duckdb.DuckDBPyConnection) -> int | None:
    """The number that the file bears in its column `feed_number`; None if it has none.

    Errors: RegistryInvalid if rows bear different numbers, or one that is no whole number above 0.
    """
    found = run_tables.query(
        connection, "SELECT DISTINCT feed_number AS n FROM people WHERE feed_number IS NOT NULL ORDER BY n"
    )["n"].to_list()
    if not found:
        return None
    text = str(found[0]).strip().removesuffix(".0")
    if len(found) > 1 or not text.isdecimal() or not 0 < int(text) < 10**15:
        raise RegistryInvalid(
            "feed_number",
            "Cột «feed_number» phải ghi một số nguyên dương, giống nhau ở mọi dòng của tệp; hãy lấy lại tệp "
            "/ the column feed_number must hold one whole number, the same in every row.",
        )
    return int(text)


def require_next(number: int | None, last: int | None) -> None:
    """Nothing, if a feed with this number may follow the last one. Errors: RegistryInvalid, saying what is missing.

    Where nothing has borne a number yet, any number begins the count.
    """
    if last is None or number == last + 1:
        return
    if number is None:
        raise RegistryInvalid(
            "feed_unnumbered",
            f"Tệp thay đổi không ghi số (cột «feed_number»), trong khi đã nạp đến số {last}; hãy nạp số {last + 1} "
            f"/ the feed has no number; feed {last + 1} comes next.",
        )
    if number <= last:
        raise RegistryInvalid(
            "feed_repeated",
            f"Tệp thay đổi số {number} đã nạp rồi (đã nạp đến số {last}); hãy nạp số {last + 1} "
            f"/ feed {number} was loaded before; feed {last + 1} comes next.",
        )
    missing = f"{last + 1}" if number == last + 2 else f"{last + 1}–{number - 1}"
    raise RegistryInvalid(
        "feed_gap",
        f"Thiếu tệp thay đổi số {missing}: đã nạp đến số {last}, tệp này là số {number}; hãy nạp đủ theo thứ tự, hoặc "
        f"nạp tệp đầy đủ / feed {missing} is missing: load it first, or a whole file.",
    )


_TAKEN = """
CREATE TABLE taken AS
SELECT old_id, min(person_id) AS person_id
FROM (
    SELECT applied.person_id, unnest(list_filter(
        applied.old_ids, lambda each: NOT list_contains(coalesce(earlier.old_ids, []), each))) AS old_id
    FROM applied LEFT JOIN earlier USING (person_id) WHERE change <> 'delete'
)
WHERE old_id <> person_id AND old_id IN (SELECT person_id FROM earlier)
GROUP BY old_id
"""
"""Numbers of people of before that another person bears as an earlier number from this feed on."""

_EVENTS = """
WITH taking AS (SELECT person_id, min(old_id) AS old_id FROM taken GROUP BY person_id)
SELECT coalesce(now.event, CASE
           WHEN taking.old_id IS NOT NULL THEN CASE now.change WHEN 'insert' THEN 'new_number' ELSE 'merge' END
           WHEN now.change = 'delete' THEN 'cancelled'
           WHEN now.status = 'cancelled' AND before.status IS DISTINCT FROM 'cancelled' THEN 'cancelled'
           WHEN now.change = 'insert' THEN CASE WHEN now.birth_year >= $under THEN 'birth' ELSE 'correction' END
           WHEN now.status = 'deceased' AND before.status <> 'deceased' THEN 'death'
           WHEN now.province_code IS DISTINCT FROM before.province_code
             OR now.commune_code IS DISTINCT FROM before.commune_code
             OR now.status = 'emigrated' AND before.status <> 'emigrated' THEN 'move'
           ELSE 'correction' END) AS event,
       now.person_id, taking.old_id, now.province_code,
       coalesce(before.province_code, old.province_code) AS province_before
FROM applied AS now
LEFT JOIN earlier AS before USING (person_id)
LEFT JOIN taking USING (person_id)
LEFT JOIN earlier AS old ON old.person_id = taking.old_id
WHERE NOT (now.person_id IN (SELECT old_id FROM taken)
           AND (now.change = 'delete' OR now.status IS NOT DISTINCT FROM 'cancelled'))
ORDER BY now.person_id
"""
