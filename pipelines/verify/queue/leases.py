"""Who holds the questions in flight, for how long, and who may take them over.

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
"""Twice a message's time limit: who is slower than that is taken for dead."""


class LeaseLost(Exception):
    """Another turn has taken over what this one held: it must stop."""


def begin(connection: Connection, worker: str, run_id: str, day: str, now: float) -> int:
    """The number of the worker's new turn, which takes over what its earlier ones and the dead held."""
    row = {"worker": worker, "run_id": run_id, "day": day, "begun_at": now, "seen_at": now}
    key = connection.execute(
        insert(turns), {**row, "lease_until": now + LEASE_S, "sent": 0, "settled": 0}
    ).inserted_primary_key
    assert key is not None
    turn = int(key[0])
    take_over(connection, turn, worker, now)
    return turn


def renew(connection: Connection, turn: int, now: float) -> None:
    """The lease, from now again; the turn's row is locked. Errors: LeaseLost if another turn has taken over."""
    held = update(turns).where(turns.c.turn == turn, turns.c.taken_by.is_(None))
    if connection.execute(held.values(lease_until=now + LEASE_S, seen_at=now)).rowcount == 0:
        raise LeaseLost


def count(connection: Connection, turn: int, *, sent: int, settled: int, error: str | None) -> None:
    """What the turn has done since it was counted last, from which the rate follows, and what went wrong if it did."""
    done: dict[str, Any] = {"sent": turns.c.sent + sent, "settled": turns.c.settled + settled}
    connection.execute(update(turns).where(turns.c.turn == turn).values(done | _told(error)))


def end(connection: Connection, turn: int, now: float, stopped_by: str, last_error: str | None) -> None:
    """The turn is over; what it still holds is free to be taken over. A turn that was taken over stays as it is."""
    values = {"lease_until": 0.0, "seen_at": now, "stopped_by": stopped_by, **_told(last_error)}
    connection.execute(update(turns).where(turns.c.turn == turn, turns.c.taken_by.is_(None)).values(values))


def _told(error: str | None) -> dict[str, str]:
    """An error stays to be seen until another one comes."""
    return {} if error is None else {"last_error": error}


def take_over(connection: Connection, turn: int, worker: str, now: float) -> int:
    """How many questions in flight this turn now holds that were the dead's, the ended's or its own worker's."""
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
    """Workers that ask at this moment."""
    asking = select(func.count()).select_from(turns).where(turns.c.taken_by.is_(None), turns.c.lease_until > now)
    return int(connection.execute(asking).scalar_one())
