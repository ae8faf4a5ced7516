"""Stores humans' orders about the queue. Orders are added, never changed; the last word of a kind holds."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from pipelines.errors import BadInput
from pipelines.workspace import audit_log
from pipelines.workspace.state_tables import orders, quota_days

CAP, PAUSE, RESUME = "cap", "pause", "resume"
POLICY, WEIGHT, OVERRIDE = "policy", "weight", "override"
SHARING = (CAP, POLICY, WEIGHT, OVERRIDE)
"""Kinds of order that change the day's places: after one of them they are planned anew."""

_GIVING = 5_005_031_946
"""The advisory lock under which PostgreSQL numbers orders as they are committed: any number that nobody else uses."""


def write(
    connection: Connection,
    day: date,
    kind: str,
    *,
    by: str,
    at: datetime,
    reason: str,
    detail: dict[str, Any] | None = None,
    noted: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The order as it was stored, and in the audit log with what is noted there beside it. A cap holds from its moment
    on, for that day and all later ones.

    Errors: BadInput if nobody or no reason is named.
    """
    row = _row(kind, by, at, reason, detail)
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_GIVING)))
    key = connection.execute(insert(orders), row).inserted_primary_key
    assert key is not None
    audit_log.append(
        connection,
        "order",
        {
            "order": key[0],
            "kind": kind,
            "detail": row["detail"],
            "row": audit_log.digest_of_row(orders, row),
            **(noted or {}),
        },
        row["given_by"],
    )
    if kind == CAP:
        days = quota_days.update().where(quota_days.c.day >= day.isoformat())
        connection.execute(days.values(cap=row["detail"]["cap"]))
    return row


def propose(
    connection: Connection,
    kind: str,
    *,
    by: str,
    at: datetime,
    reason: str,
    detail: dict[str, Any] | None = None,
    noted: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The order as it waits for a second person, with the number of its `proposal`; until then it does not hold.

    Errors: BadInput if nobody or no reason is named.
    """
    row = _row(kind, by, at, reason, detail)
    order = {name: row[name] for name in ("kind", "detail", "given_at")}
    details = {"order": order, "reason": row["reason"], **(noted or {})}
    return {**row, "proposal": audit_log.append(connection, "proposal", details, row["given_by"])}


def _row(kind: str, by: str, at: datetime, reason: str, detail: dict[str, Any] | None) -> dict[str, Any]:
    if not by.strip() or not reason.strip():
        raise BadInput("who_orders", "Cần nói rõ ai ra lệnh (--by) và vì sao (--reason) / say who orders this and why.")
    return {
        "kind": kind,
        "detail": detail or {},
        "given_by": by.strip(),
        "given_at": at.isoformat(timespec="seconds"),
        "reason": reason.strip(),
    }


def cap(connection: Connection, default: int) -> int:
    """The cap that was ordered last; `default` if none ever was."""
    ordered = ordered_cap(connection)
    return default if ordered is None else ordered


def ordered_cap(connection: Connection) -> int | None:
    """The cap that was ordered last; None if none ever was."""
    ordered = _last(connection, CAP)
    return int(ordered["detail"]["cap"]) if ordered else None


def pause(connection: Connection) -> dict[str, Any] | None:
    """The order that stopped the asking; None while it goes on."""
    last = _last(connection, PAUSE, RESUME)
    return last if last and last["kind"] == PAUSE else None


def number(connection: Connection) -> int:
    """The number of the last order that changes places; 0 before the first."""
    last = select(func.max(orders.c.order)).where(orders.c.kind.in_(SHARING))
    return int(connection.execute(last).scalar() or 0)


def orders_of(connection: Connection, *kinds: str) -> list[dict[str, Any]]:
    """Every order of these kinds, the oldest first."""
    found = connection.execute(select(orders).where(orders.c.kind.in_(kinds)).order_by(orders.c.order)).mappings()
    return [dict(row) for row in found]


def _last(connection: Connection, *kinds: str) -> dict[str, Any] | None:
    last = select(orders).where(orders.c.kind.in_(kinds)).order_by(orders.c.order.desc()).limit(1)
    row = connection.execute(last).mappings().one_or_none()
    return dict(row) if row else None
