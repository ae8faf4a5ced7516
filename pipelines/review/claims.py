"""Keeps who has which record open, so that no two people decide about one at the same time."""

import time

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from pipelines.review.answers import Key
from pipelines.workspace.state_tables import review_claims

LEASE_S = 10 * 60
"""Seconds that a record stays somebody's without a sign of life."""


def claim(connection: Connection, key: Key, by: str, now: float | None = None) -> str:
    """Who has the record open now: `by`, unless somebody else was faster and their time has not run out."""
    at = time.time() if now is None else now
    table = review_claims
    is_key = (table.c.sector == key[0]) & (table.c.content == key[1])
    is_free = (table.c.until < at) | (table.c.held_by == by)
    taken = connection.execute(update(table).where(is_key, is_free).values(held_by=by, until=at + LEASE_S))
    if taken.rowcount:
        return by
    try:
        with connection.begin_nested():
            row = {"sector": key[0], "content": key[1], "held_by": by, "until": at + LEASE_S}
            connection.execute(insert(table), row)
        return by
    except IntegrityError:
        return str(connection.execute(select(table.c.held_by).where(is_key)).scalar_one())


def release(connection: Connection, by: str, key: Key | None = None) -> None:
    """Gives a record back; all that somebody has open if none is named."""
    held = review_claims.c.held_by == by
    if key is not None:
        held &= (review_claims.c.sector == key[0]) & (review_claims.c.content == key[1])
    connection.execute(delete(review_claims).where(held))


def held_by_others(connection: Connection, by: str, now: float | None = None) -> dict[Key, str]:
    """Who has which record open, other than `by`."""
    at = time.time() if now is None else now
    table = review_claims
    rows = connection.execute(select(table).where(table.c.held_by != by, table.c.until >= at)).all()
    return {(row.sector, row.content): row.held_by for row in rows}
