"""How much of each quota day is taken and charged, entry by entry.

`quota_days` has one guarded counter a day: a reservation that would pass the cap takes nothing. `ledger` is its
append-only book by turn, tenant and age. Both change only in the caller's transaction, with the questions' own states.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from pipelines.state import ledger, quota_days


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
    """Places left on this day under this cap; the day's row is locked until the transaction ends."""
    known = connection.execute(update(quota_days).where(quota_days.c.day == day).values(cap=cap)).rowcount
    if not known:
        connection.execute(insert(quota_days), {"day": day, "cap": cap, "reserved": 0, "charged": 0})
    return left(connection, day)


def left(connection: Connection, day: str) -> int:
    """Places of the day that nobody has taken yet."""
    row = connection.execute(select(quota_days.c.cap, quota_days.c.reserved).where(quota_days.c.day == day)).one()
    return max(0, int(row.cap) - int(row.reserved))


def used(connection: Connection, day: str) -> int:
    """Places of the day that are taken: in flight or charged."""
    return int(connection.execute(select(quota_days.c.reserved).where(quota_days.c.day == day)).scalar() or 0)


def reserve(connection: Connection, entries: Iterable[Entry], day: str) -> bool:
    """Whether these places could be taken; if they would pass the day's cap, none is."""
    kept = list(entries)
    count = sum(entry.reserved for entry in kept)
    taken = update(quota_days).where(quota_days.c.day == day, quota_days.c.reserved + count <= quota_days.c.cap)
    if connection.execute(taken.values(reserved=quota_days.c.reserved + count)).rowcount == 0:
        return False
    _write(connection, kept)
    return True


def book(connection: Connection, entries: Iterable[Entry]) -> None:
    """Give places back or charge them. A charge may fall on another day than the reservation: the gateway's."""
    kept = [entry for entry in entries if entry.reserved or entry.charged]
    for day in sorted({entry.day for entry in kept}):
        same = [entry for entry in kept if entry.day == day]
        reserved, charged = sum(entry.reserved for entry in same), sum(entry.charged for entry in same)
        changed = connection.execute(
            update(quota_days)
            .where(quota_days.c.day == day)
            .values(reserved=quota_days.c.reserved + reserved, charged=quota_days.c.charged + charged)
        ).rowcount
        if not changed:
            connection.execute(
                insert(quota_days), {"day": day, "cap": reserved, "reserved": reserved, "charged": charged}
            )
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


def _write(connection: Connection, entries: list[Entry]) -> None:
    if entries:
        connection.execute(insert(ledger), [vars(entry) for entry in entries])
