"""Counts the taken and charged places of each quota day, entry by entry.

`quota_days` has one guarded counter a day and `tenant_days` one for each tenant: a reservation that would pass the
day's cap takes nothing (`verify.queue.transitions` keeps to the tenant's places). `ledger` is their append-only book by
turn, tenant and age. All three change only in the caller's transaction, with the questions' own states.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection, Table, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.workspace.bulk_rows import execute_each
from pipelines.workspace.state_tables import ledger, quota_days, tenant_days


@dataclass(frozen=True)
class Entry:
    """A change of a day's counters: one tenant's questions of one age under one turn's reservation."""

    day: str
    turn: int
    tenant: str
    enqueued_on: str
    reserved: int = 0
    charged: int = 0


def open_day(connection: Connection, day: str, cap: int) -> int:
    """Places left on this day under this cap; the day's row is made, and locked until the transaction ends."""
    _upsert(connection, quota_days, {"day": day, "cap": cap, "reserved": 0, "charged": 0}, {"cap": cap})
    return left(connection, day)


def lock_day(connection: Connection, day: str) -> int:
    """Places left on this day; its row is locked until the transaction ends, so that nobody takes one meanwhile."""
    row = select(quota_days.c.cap, quota_days.c.reserved).where(quota_days.c.day == day).with_for_update()
    found = connection.execute(row).first()
    return max(0, int(found.cap) - int(found.reserved)) if found else 0


def left(connection: Connection, day: str) -> int:
    """Places of the day that nobody has taken yet; none on a day that was not opened."""
    row = connection.execute(select(quota_days.c.cap, quota_days.c.reserved).where(quota_days.c.day == day)).first()
    return max(0, int(row.cap) - int(row.reserved)) if row else 0


def used(connection: Connection, day: str) -> int:
    """Places of the day that are taken: in flight or charged."""
    return int(connection.execute(select(quota_days.c.reserved).where(quota_days.c.day == day)).scalar() or 0)


def planned(connection: Connection, day: str) -> int:
    """Places of the day that were shared out and that nobody has taken yet."""
    free = tenant_days.c.places - tenant_days.c.reserved
    wanted = select(func.sum(free)).where(tenant_days.c.day == day, free > 0)
    return int(connection.execute(wanted).scalar() or 0)


def share_out(connection: Connection, day: str, places: Mapping[str, int]) -> None:
    """Stores the day's places by tenant; a tenant that is not named has none."""
    connection.execute(update(tenant_days).where(tenant_days.c.day == day).values(places=0))
    for tenant in sorted(places):
        row = {"day": day, "tenant": tenant, "places": places[tenant], "reserved": 0}
        _upsert(connection, tenant_days, row, {"places": places[tenant]})


def room(connection: Connection, day: str, tenants: Iterable[str]) -> dict[str, int]:
    """Places that each of these tenants may still take; their rows are locked until the transaction ends."""
    rows = select(tenant_days.c.tenant, tenant_days.c.places - tenant_days.c.reserved).where(
        tenant_days.c.day == day, tenant_days.c.tenant.in_(sorted(set(tenants)))
    )
    found = connection.execute(rows.order_by(tenant_days.c.tenant).with_for_update()).all()
    return {tenant: max(0, int(places)) for tenant, places in found}


def reserve(connection: Connection, entries: Iterable[Entry], day: str) -> bool:
    """Whether these places could be taken; if they would exceed the day's cap, none is taken."""
    kept = list(entries)
    count = sum(entry.reserved for entry in kept)
    taken = update(quota_days).where(quota_days.c.day == day, quota_days.c.reserved + count <= quota_days.c.cap)
    if connection.execute(taken.values(reserved=quota_days.c.reserved + count)).rowcount == 0:
        return False
    _book_tenants(connection, kept)
    _write(connection, kept)
    return True


def book(connection: Connection, entries: Iterable[Entry]) -> None:
    """Gives places back or charges them. A charge may fall on another day than the reservation: the gateway's."""
    kept = [entry for entry in entries if entry.reserved or entry.charged]
    for day in sorted({entry.day for entry in kept}):
        same = [entry for entry in kept if entry.day == day]
        reserved, charged = sum(entry.reserved for entry in same), sum(entry.charged for entry in same)
        # A day that nobody opened yet (the gateway's clock is ahead) is opened with just what was charged.
        row = {"day": day, "cap": max(0, reserved), "reserved": reserved, "charged": charged}
        counted = {"reserved": quota_days.c.reserved + reserved, "charged": quota_days.c.charged + charged}
        _upsert(connection, quota_days, row, counted)
    _book_tenants(connection, kept)
    _write(connection, kept)


def used_by_tenant(connection: Connection, day: str) -> dict[tuple[str, str], int]:
    """Places of the day that are taken, by tenant and enqueue day."""
    key = (ledger.c.tenant, ledger.c.enqueued_on)
    sums = select(*key, func.sum(ledger.c.reserved)).where(ledger.c.day == day).group_by(*key)
    return {(tenant, enqueued_on): int(count) for tenant, enqueued_on, count in connection.execute(sums)}


def charged_by_tenant(connection: Connection, day: str) -> dict[str, int]:
    """Questions that the gateway charged to the day, by tenant."""
    sums = select(ledger.c.tenant, func.sum(ledger.c.charged)).where(ledger.c.day == day)
    return {tenant: int(count) for tenant, count in connection.execute(sums.group_by(ledger.c.tenant))}


def _book_tenants(connection: Connection, entries: list[Entry]) -> None:
    sums: dict[tuple[str, str], int] = {}
    for entry in entries:
        sums[entry.day, entry.tenant] = sums.get((entry.day, entry.tenant), 0) + entry.reserved
    # In one order for all, so that two workers never wait for each other's tenant.
    rows = [(day, tenant, 0, reserved) for (day, tenant), reserved in sorted(sums.items()) if reserved]
    add = _inserts(connection, tenant_days)
    change = {"reserved": tenant_days.c.reserved + add.excluded.reserved}
    execute_each(
        connection,
        add.on_conflict_do_update(index_elements=["day", "tenant"], set_=change),
        pl.DataFrame(rows, schema=["day", "tenant", "places", "reserved"], orient="row"),
    )


def _upsert(connection: Connection, table: Table, row: dict[str, Any], change: dict[str, Any]) -> None:
    key = list(table.primary_key.columns.keys())
    add = _inserts(connection, table).values(row)
    connection.execute(add.on_conflict_do_update(index_elements=key, set_=change))


def _inserts(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def _write(connection: Connection, entries: list[Entry]) -> None:
    if entries:
        connection.execute(insert(ledger), [vars(entry) for entry in entries])
