"""Schedules waiting questions: who may ask how many of them today, and in which order.

The day's places are computed for the whole day, what was already used included, and stored with their parts; every
worker keeps to the plan in force. `intake` fills the queue, `transitions` moves single questions on.
"""

import polars as pl
from sqlalchemy import Connection, and_, func, select

from pipelines.quota import allocation, day_plan, ledger, terms_in_force
from pipelines.quota.demand import _day, waiting_by_day
from pipelines.verify.queue import transitions
from pipelines.workspace.bulk_rows import frame
from pipelines.workspace.state_tables import WAITING, questions, tenant_days

STATES = ("waiting", "reserved", "asked", "answered", "cancelled")
ROUND = 50
"""Number of questions of one tenant before the next one's turn: a few, and still neighbours on disk."""


def give_places(connection: Connection, turn: int, day: str, default: int) -> int:
    """Number of questions that may be asked from now on: each tenant's places for the day, less what it has used of
    them.

    The cap is `default`, unless another was ordered. What the turn holds unanswered of other days takes its places
    first. The plan is stored for the whole day, so that a night that was interrupted is shared as if it had not been.
    """
    ordered = terms_in_force.in_force(connection)
    cap = ordered.cap(default)
    ledger.open_day(connection, day, cap)
    transitions.move_to(connection, turn, day)
    used = {(tenant, _day(since)): count for (tenant, since), count in ledger.used_by_tenant(connection, day).items()}
    waiting = waiting_by_day(connection)
    places = allocation.allocate(
        waiting,
        cap,
        day=_day(day),
        used=used,
        weights=ordered.weights,
        policy=ordered.policy,
        overrides=ordered.overrides,
    )
    day_plan.keep(connection, turn, day, cap, ordered, waiting, used, places)
    ledger.share_out(connection, day, {tenant: part.total for tenant, part in places.items()})
    return sum(part.total for part in places.values()) - sum(used.values())


def in_order(connection: Connection, day: str) -> list[int]:
    """The `sequence` of each question that fits into what is left of the day's places, in the order of asking.

    Within a tenant: the oldest enqueue day, then the most valuable, then the request code. Tenants take turns of
    `ROUND` questions, so that a night cut short is short for all alike.
    """
    place = func.row_number().over(
        partition_by=questions.c.tenant,
        order_by=(questions.c.enqueued_on, questions.c.value.desc(), questions.c.request_id),
    )
    waiting = select(questions.c.sequence, questions.c.tenant, place.label("place")).where(WAITING).subquery()
    fits = select(waiting.c.sequence, waiting.c.tenant, waiting.c.place).join(
        tenant_days, and_(tenant_days.c.day == day, tenant_days.c.tenant == waiting.c.tenant)
    )
    room = tenant_days.c.places - tenant_days.c.reserved
    schema = pl.Schema({"sequence": pl.Int64, "tenant": pl.String, "place": pl.Int64})
    found = frame(connection, fits.where(waiting.c.place <= room), schema)
    return found.sort((pl.col("place") - 1) // ROUND, "tenant", "place")["sequence"].to_list()


def anything_waits(connection: Connection) -> bool:
    """Whether a question waits for another turn or day."""
    waiting = select(questions.c.request_id).where(WAITING).limit(1)
    return connection.execute(waiting).first() is not None
