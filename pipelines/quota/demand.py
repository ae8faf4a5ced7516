"""Counts waiting questions by tenant and day."""

from datetime import date

from sqlalchemy import Connection, func, select

from pipelines.workspace.state_tables import WAITING, questions


def waiting_by_day(connection: Connection) -> dict[tuple[str, date], int]:
    """Number of waiting questions by tenant and enqueue day, from which `allocation.allocate` divides the places."""
    key = (questions.c.tenant, questions.c.enqueued_on)
    rows = connection.execute(select(*key, func.count()).where(WAITING).group_by(*key)).all()
    return {(tenant, _day(since)): int(count) for tenant, since, count in rows}


def _day(text: str) -> date:
    return date.fromisoformat(text)
