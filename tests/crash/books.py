"""What the two databases say after a crash, read with nothing of ours: every law that is broken is named.

The workers are `job`'s: questions numbered from 0, answered by their number.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.crash.job import MEMORY, RESULTS

Rows = list[tuple[Any, ...]]
Ask = Callable[[str], Rows]

RIGHT = "CASE {number} % 3 " + " ".join(f"WHEN {n} THEN '{result}'" for n, result in enumerate(RESULTS)) + " END"


def broken(folder: Path, cap: int, questions: int, *, at_rest: bool = False) -> list[str]:
    """The laws that do not hold; `at_rest` adds those that hold once nothing is in flight."""
    if not (folder / "state.sqlite").exists():
        return []
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        connection.execute("ATTACH ? AS gateway", (str(folder / MEMORY),))

        def ask(sql: str) -> Rows:
            return connection.execute(sql).fetchall()

        if not ask("SELECT 1 FROM main.sqlite_master WHERE name = 'questions'"):
            return []
        found = [*_whole(ask), *_kept(ask, questions), *_answers(ask), *_counted(ask, cap)]
        return found + (_settled(ask) if at_rest else [])


def states(folder: Path) -> dict[str, int]:
    """Questions by state."""
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        return dict(connection.execute("SELECT state, count(*) FROM questions GROUP BY state"))


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
