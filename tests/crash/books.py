"""What the two databases say after a crash, read with nothing of ours: every law that is broken is named.

PostgreSQL's rows are copied into a SQLite database in memory, so that the laws are written once.

The workers are `job`'s: questions numbered from 0, answered by their number.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.crash.job import MEMORY, RESULTS

Rows = list[tuple[Any, ...]]
Ask = Callable[[str], Rows]

RIGHT = "CASE {number} % 3 " + " ".join(f"WHEN {n} THEN '{result}'" for n, result in enumerate(RESULTS)) + " END"


TABLES = ("questions", "quota_days", "tenant_days", "ledger")
_HAS_QUESTIONS = "SELECT 1 FROM main.sqlite_master WHERE name = 'questions'"
_OTHERS = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
_CHECK_TABLES = """SELECT relname, blkno, msg FROM pg_class CROSS JOIN LATERAL verify_heapam(oid)
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"""
_CHECK_INDEXES = """SELECT bt_index_parent_check(oid, true) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'i'"""
ENDING_S = 30.0
"""How long the sessions of dead workers may take to end: the server finishes the statement that it is at."""


def broken(
    folder: Path, cap: int, questions: int, *, at_rest: bool = False, state_url: str | None = None, alive: int = 0
) -> list[str]:
    """The laws that do not hold; `at_rest` adds those that hold once nothing is in flight.

    On PostgreSQL, `alive` sessions of workers are expected to be there still.
    """
    if state_url is None and not (folder / "state.sqlite").exists():
        return []
    if state_url:
        _wait_for_the_dead(state_url, alive)
    damage = _damage(state_url) if state_url else []
    with _opened(folder, state_url) as connection:
        connection.execute("ATTACH ? AS gateway", (str(folder / MEMORY),))

        def ask(sql: str) -> Rows:
            return connection.execute(sql).fetchall()

        if not ask(_HAS_QUESTIONS):
            return damage
        found = [*damage, *_whole(ask), *_kept(ask, questions), *_answers(ask), *_counted(ask, cap)]
        return found + (_settled(ask) if at_rest else [])


def states(folder: Path, state_url: str | None = None) -> dict[str, int]:
    """Questions by state."""
    with _opened(folder, state_url) as connection:
        if not connection.execute(_HAS_QUESTIONS).fetchall():
            return {}
        return dict(connection.execute("SELECT state, count(*) FROM questions GROUP BY state"))


@contextmanager
def _opened(folder: Path, state_url: str | None) -> Iterator[sqlite3.Connection]:
    """The state database, or a copy of its tables, as far as it has any."""
    with closing(sqlite3.connect(":memory:" if state_url else folder / "state.sqlite")) as connection:
        if state_url:
            _copy(state_url, connection)
        yield connection


def _copy(state_url: str, into: sqlite3.Connection) -> None:
    with psycopg.connect(state_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        known = {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        for table in [table for table in TABLES if table in known]:
            found = connection.execute(f"SELECT * FROM {table}".encode())
            columns = [column.name for column in found.description or ()]
            into.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            into.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", found.fetchall())


def _wait_for_the_dead(state_url: str, alive: int) -> None:
    """Until the server has ended the sessions of workers that were killed: a commit may still be under way."""
    until = time.monotonic() + ENDING_S
    with psycopg.connect(state_url, autocommit=True) as connection:
        while connection.execute(_OTHERS).fetchall() > [(alive,)]:
            assert time.monotonic() < until, "the server keeps the session of a worker that is dead"
            time.sleep(0.01)


def _damage(state_url: str) -> list[str]:
    """What PostgreSQL's own checker finds in the tables and their indexes."""
    with psycopg.connect(state_url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
        found = connection.execute(_CHECK_TABLES).fetchall()
        try:
            connection.execute(_CHECK_INDEXES)
        except psycopg.Error as fault:
            found.append((str(fault),))
        return _named("damaged", found)


def charged(folder: Path) -> dict[str, int]:
    """Questions that the gateway has charged, by its day."""
    with closing(sqlite3.connect(folder / MEMORY)) as connection:
        return dict(connection.execute("SELECT day, accepted FROM days WHERE accepted > 0 ORDER BY day"))


def _named(law: str, violations: Rows) -> list[str]:
    return [f"{law}: {violations[:5]}"] if violations else []


def _whole(ask: Ask) -> list[str]:
    return [fault for schema in ("main", "gateway") for (fault,) in ask(f"PRAGMA {schema}.integrity_check")
            if fault != "ok"]  # fmt: skip


def _kept(ask: Ask, questions: int) -> list[str]:
    """Taken in all together or not at all, and none ever lost."""
    count = ask("SELECT count(*) FROM questions")
    cancelled = ask("SELECT request_id, reason FROM questions WHERE state = 'cancelled'")
    held = ask(
        "SELECT request_id, state FROM questions WHERE state NOT IN ('waiting', 'reserved', 'asked', 'answered')"
        " OR (state = 'answered') <> (full_name IS NULL) OR (state = 'answered') <> (result IS NOT NULL)"
        " OR (state = 'waiting') <> (lease_token IS NULL)"
    )
    lost = [] if count in ([(0,)], [(questions,)]) else count
    return [*_named("lost", lost), *_named("cancelled", cancelled), *_named("state and columns disagree", held)]


def _answers(ask: Ask) -> list[str]:
    """Each answer is the gateway's own, the right one, and charged once."""
    gateways = ask(
        "SELECT q.request_id FROM questions q LEFT JOIN gateway.answered a USING (request_id)"
        " WHERE q.state = 'answered' AND (a.result IS NOT q.result OR a.quota_day IS NOT q.charged_on)"
    )
    right = RIGHT.format(number="CAST(substr(request_id, 1, 8) AS INTEGER)")
    wrong = ask(f"SELECT request_id, result FROM questions WHERE state = 'answered' AND result <> {right}")
    unasked = ask(
        "SELECT request_id, q.state FROM gateway.answered JOIN questions q USING (request_id)"
        " WHERE q.state NOT IN ('asked', 'answered')"
    )
    twice = ask(
        "SELECT day, accepted, n FROM gateway.days LEFT JOIN (SELECT quota_day AS day, count(*) AS n FROM"
        " gateway.answered GROUP BY 1) USING (day) WHERE accepted <> coalesce(n, 0)"
    )
    return [
        *_named("our answer is not the gateway's", gateways),
        *_named("an answer on the wrong question", wrong),
        *_named("charged, but we think it was never asked", unasked),
        *_named("charged twice", twice),
    ]


def _counted(ask: Ask, cap: int) -> list[str]:
    over = ask(f"SELECT day, accepted FROM gateway.days WHERE accepted > {cap}")
    order = ask(
        "SELECT d.day, d.charged, coalesce(g.accepted, 0), d.reserved FROM quota_days d LEFT JOIN gateway.days g USING"
        f" (day) WHERE NOT (charged <= coalesce(accepted, 0) AND coalesce(accepted, 0) <= reserved"
        f" AND reserved <= {cap})"
    )
    book = ask(
        "SELECT day, reserved, charged, r, c FROM quota_days LEFT JOIN (SELECT day, sum(reserved) AS r,"
        " sum(charged) AS c FROM ledger GROUP BY day) USING (day)"
        " WHERE reserved <> coalesce(r, 0) OR charged <> coalesce(c, 0)"
    )
    tenants = ask(
        "SELECT day, tenant, reserved, r FROM tenant_days LEFT JOIN (SELECT day, tenant, sum(reserved) AS r FROM ledger"
        " GROUP BY 1, 2) USING (day, tenant) WHERE reserved <> coalesce(r, 0) OR reserved > places"
    )
    return [
        *_named("over the cap", over),
        *_named("charged <= accepted <= reserved <= cap", order),
        *_named("the day's counter is not the book's sum", book),
        *_named("a tenant's counter is not the book's sum, or beyond its places", tenants),
    ]


def _settled(ask: Ask) -> list[str]:
    """Our book and the gateway's are the same, and no place was wasted."""
    flying = ask("SELECT state, count(*) FROM questions WHERE state IN ('reserved', 'asked') GROUP BY state")
    differ = ask(
        "SELECT day, charged, reserved, accepted FROM (SELECT day, charged, reserved FROM quota_days WHERE charged"
        " OR reserved) LEFT JOIN gateway.days USING (day) WHERE charged <> coalesce(accepted, 0) OR reserved <> charged"
    )
    wasted = ask(
        "SELECT a, n FROM (SELECT coalesce(sum(accepted), 0) AS a FROM gateway.days),"
        " (SELECT count(*) AS n FROM questions WHERE state = 'answered') WHERE a <> n"
    )
    return [
        *_named("in flight", flying),
        *_named("our book and the gateway's differ", differ),
        *_named("charged without an answer", wasted),
    ]
