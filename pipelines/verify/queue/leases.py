"""Leases questions in flight to a worker's turn: who holds them, for how long, and who may take them over.

A turn's number is its fencing token. It holds its questions until `lease_until`, by the database's clock, and each of
its transactions begins with `renew`, which fails for good once another turn has taken over: a worker that was stopped
for ten minutes and woken can change nothing any more. Taking over is always safe; the lease only keeps the living from
disturbing each other, so a clock that jumps forward costs a look-up, not a question. A clock that was put back must
not make a lease longer than it was given: whoever looks shortens it to a whole lease from now.
"""

from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from pipelines.workspace.state_tables import IN_FLIGHT, questions, turns

LEASE_S = 120.0
"""Seconds of a lease, twice a message's time limit: a slower worker is taken for dead."""


class LeaseLost(Exception):
    """Error: another turn has taken over this one's questions, so this one must stop."""


def begin(connection: Connection, worker: str, run_id: str, day: str, now: float) -> int:
    """Number of the worker's new turn, which takes over the questions of its earlier turns and of dead workers."""
    row = {"worker": worker, "run_id": run_id, "day": day, "begun_at": now, "seen_at": now}
    key = connection.execute(
        insert(turns), {**row, "lease_until": now + LEASE_S, "sent": 0, "settled": 0}
    ).inserted_primary_key
    assert key is not None
    turn = int(key[0])
    take_over(connection, turn, worker, now)
    return turn


def renew(connection: Connection, turn: int, now: float) -> None:
    """Renews the lease from now on; the turn's row is locked. Errors: LeaseLost if another turn has taken over."""
    held = update(turns).where(turns.c.turn == turn, turns.c.taken_by.is_(None))
    if connection.execute(held.values(lease_until=now + LEASE_S, seen_at=now)).rowcount == 0:
        raise LeaseLost


def count(connection: Connection, turn: int, *, sent: int, settled: int, error: str | None) -> None:
    """Adds the turn's work since the last count, from which the rate follows, and its last error if there is one."""
    done: dict[str, Any] = {"sent": turns.c.sent + sent, "settled": turns.c.settled + settled}
    connection.execute(update(turns).where(turns.c.turn == turn).values(done | _told(error)))


def end(connection: Connection, turn: int, now: float, stopped_by: str, last_error: str | None) -> None:
    """Ends the turn; others may take over the questions that it still holds."""
    values = {"lease_until": 0.0, "seen_at": now, "stopped_by": stopped_by, **_told(last_error)}
    connection.execute(update(turns).where(turns.c.turn == turn, turns.c.taken_by.is_(None)).values(values))


def _told(error: str | None) -> dict[str, str]:
    """An error stays to be seen until another one comes."""
    return {} if error is None else {"last_error": error}


def take_over(connection: Connection, turn: int, worker: str, now: float) -> int:
    """Number of questions in flight that this turn takes over from dead workers, ended turns, or its own worker's
    earlier ones.
    """
    open_ = (turns.c.taken_by.is_(None), turns.c.turn != turn)
    too_long = update(turns).where(*open_, turns.c.lease_until > now + LEASE_S)
    connection.execute(too_long.values(lease_until=now + LEASE_S))
    free = (turns.c.lease_until <= now) | ((turns.c.worker == worker) & (turns.c.turn < turn))
    taken = connection.execute(update(turns).where(*open_, free).values(taken_by=turn).returning(turns.c.turn)).all()
    if not taken:
        return 0
    theirs = questions.c.lease_token.in_([int(row.turn) for row in taken])
    return connection.execute(update(questions).where(IN_FLIGHT, theirs).values(lease_token=turn)).rowcount


def alive(connection: Connection, now: float) -> int:
    """Names of the workers that ask at this moment."""
    asking = select(func.count()).select_from(turns).where(turns.c.taken_by.is_(None), turns.c.lease_until > now)
    return int(connection.execute(asking).scalar_one())
