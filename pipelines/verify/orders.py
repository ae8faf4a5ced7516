"""What humans ordered of the queue: the cap, a pause, a deadline. Added to, never changed; the last word holds."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, insert, select

from pipelines import state
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.state_tables import orders, quota_days
from pipelines.verify.share import Override

CAP, PAUSE, RESUME, OVERRIDE = "cap", "pause", "resume", "override"


def give(
    settings: Settings, kind: str, *, by: str, at: datetime, reason: str, detail: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The order as it was kept; see `write`. `settings.night` is the first day that it holds for."""
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        return write(connection, settings.night, kind, by=by, at=at, reason=reason, detail=detail)


def write(
    connection: Connection,
    day: date,
    kind: str,
    *,
    by: str,
    at: datetime,
    reason: str,
    detail: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The order as it was kept. A cap holds from its moment on, for that day and all later ones.

    Errors: BadInput if nobody or no reason is named.
    """
    if not by.strip() or not reason.strip():
        raise BadInput("who_orders", "Cần nói rõ ai ra lệnh (--by) và vì sao (--reason) / say who orders this and why.")
    row: dict[str, Any] = {
        "kind": kind,
        "detail": detail or {},
        "given_by": by.strip(),
        "given_at": at.isoformat(timespec="seconds"),
        "reason": reason.strip(),
    }
    connection.execute(insert(orders), row)
    if kind == CAP:
        days = quota_days.update().where(quota_days.c.day >= day.isoformat())
        connection.execute(days.values(cap=row["detail"]["cap"]))
    return row


def cap(connection: Connection, otherwise: int) -> int:
    """The cap in force: what was ordered last, or else the settings'."""
    ordered = _last(connection, CAP)
    return int(ordered["detail"]["cap"]) if ordered else otherwise


def pause(connection: Connection) -> dict[str, Any] | None:
    """Who stopped the asking, when and why; None while it goes on."""
    last = _last(connection, PAUSE, RESUME)
    return last if last and last["kind"] == PAUSE else None


def overrides(connection: Connection) -> list[Override]:
    """The deadlines that go before the policy: each tenant's last one. Those whose day is over are among them."""
    last = {row["detail"]["tenant"]: row for row in given(connection, OVERRIDE)}
    return [
        Override(
            tenant=tenant,
            deadline=date.fromisoformat(row["detail"]["deadline"]),
            limit=Fraction(row["detail"]["limit"]),
            by=row["given_by"],
            reason=row["reason"],
        )
        for tenant, row in sorted(last.items())
    ]


def given(connection: Connection, kind: str) -> list[dict[str, Any]]:
    """Every order of this kind, the oldest first."""
    found = connection.execute(select(orders).where(orders.c.kind == kind).order_by(orders.c.order)).mappings()
    return [dict(row) for row in found]


def _last(connection: Connection, *kinds: str) -> dict[str, Any] | None:
    last = select(orders).where(orders.c.kind.in_(kinds)).order_by(orders.c.order.desc()).limit(1)
    row = connection.execute(last).mappings().one_or_none()
    return dict(row) if row else None
