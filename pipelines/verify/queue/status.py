"""Reports the queue: what waits, the day's places by tenant, the workers and their rate, the last error."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from pipelines.config import Settings
from pipelines.quota import day_plan, ledger, orders, terms_in_force
from pipelines.quota.allocation import PARTS
from pipelines.verify.clock import Clock, RealClock, in_viet_nam
from pipelines.verify.queue import schedule
from pipelines.workspace.state import opened, reading, require_workspace
from pipelines.workspace.state_tables import IN_FLIGHT, WAITING, questions, quota_days, turns

PENDING = (questions.c.state == "asked") & questions.c.charged_on.is_not(None)


def status(settings: Settings, clock: Clock | None = None) -> dict[str, Any]:
    """The queue on the day `settings.night`, ready for JSON, without personal data.

    `states`: questions by state. `tenants`: for each, how many wait (and since when), are in flight, were answered,
    were charged today, and today's places in their parts. `last_turn`: who asked last and why it stopped.
    And all that `line` tells. Errors: BadInput if the workspace does not exist.
    """
    require_workspace(settings)
    with opened(settings) as engine, reading(engine) as connection:
        day = settings.night.isoformat()
        tenants = _by_tenant(connection, day)
        counts = {state: sum(int(tenant[state]) for tenant in tenants) for state in schedule.STATES}
        told = _line(connection, settings, clock or RealClock(), counts)
        return {**told, "enqueued": sum(counts.values()), "states": counts, "tenants": tenants}


def brief_status(settings: Settings, clock: Clock | None = None) -> dict[str, Any]:
    """The part of the status that changes while somebody asks: quick to read however many were answered before.

    `day, cap, used, charged, left`; `waiting`, `in_flight`, `pending` (answered later by the registry); `workers` that
    ask now, `rate_per_s` and `eta_s` for the day's places that can still be used (null if nobody asks); `last_turn`,
    `last_error`, `paused` (who, when, why; null if not); the terms that hold: `policy`, `policy_order` (who, when,
    why; null if it is the default), `weights` that are not 1 with who, when and why.
    """
    require_workspace(settings)
    with opened(settings) as engine, reading(engine) as connection:
        counts = {"waiting": _count(connection, WAITING), "in_flight": _count(connection, IN_FLIGHT)}
        return _line(connection, settings, clock or RealClock(), counts) | counts


def _line(connection: Connection, settings: Settings, clock: Clock, counts: Mapping[str, int]) -> dict[str, Any]:
    day = settings.night.isoformat()
    row = connection.execute(select(quota_days).where(quota_days.c.day == day)).mappings().one_or_none()
    cap = orders.cap(connection, settings.daily_cap)
    quota = dict(row) if row else {"cap": cap, "reserved": 0, "charged": 0}
    left = max(0, quota["cap"] - quota["reserved"])
    now = clock.now(connection)
    asking = select(turns).where(turns.c.taken_by.is_(None), turns.c.lease_until > now).order_by(turns.c.turn)
    workers = [_turn(dict(found)) for found in connection.execute(asking).mappings()]
    rate = sum(worker["rate_per_s"] for worker in workers)
    last = connection.execute(select(turns).order_by(turns.c.turn.desc()).limit(1)).mappings().one_or_none()
    wrong = select(turns.c.last_error).where(turns.c.last_error.is_not(None)).order_by(turns.c.turn.desc()).limit(1)
    return {
        "day": day,
        "cap": quota["cap"],
        "used": quota["reserved"],
        "charged": quota["charged"],
        "left": left,
        "pending": _count(connection, IN_FLIGHT & PENDING),
        "workers": workers,
        "rate_per_s": round(rate, 1),
        "eta_s": round(min(left, counts["waiting"]) / rate) if rate else None,
        "last_turn": _turn(dict(last)) if last else None,
        "last_error": connection.execute(wrong).scalar(),
        "paused": orders.pause(connection),
        **terms_in_force.in_force(connection).ready_for_json(),
    }


def _turn(row: Mapping[str, Any]) -> dict[str, Any]:
    seconds = max(row["seen_at"] - row["begun_at"], 0.0)
    told = {
        name: row[name] for name in ("turn", "worker", "run_id", "day", "sent", "settled", "stopped_by", "last_error")
    }
    moments = {name: in_viet_nam(row[name]).isoformat(timespec="seconds") for name in ("begun_at", "seen_at")}
    return {**told, **moments, "rate_per_s": round(row["settled"] / seconds, 1) if seconds else 0.0}


def _by_tenant(connection: Connection, day: str) -> list[dict[str, Any]]:
    oldest = func.min(questions.c.enqueued_on)
    by_state = select(questions.c.tenant, questions.c.state, func.count(), oldest)
    tenants: dict[str, dict[str, Any]] = {}
    for tenant, state, count, since in connection.execute(by_state.group_by("tenant", "state")):
        row = tenants.setdefault(tenant, _nothing(tenant))
        row[state] = int(count)
        if state == "waiting":
            row["waiting_since"] = since
    for tenant, count in ledger.charged_by_tenant(connection, day).items():
        tenants.setdefault(tenant, _nothing(tenant))["charged_today"] = count
    number = day_plan.last(connection, day)
    for found in day_plan.places_of(connection, number) if number is not None else ():
        row = tenants.setdefault(found["tenant"], _nothing(found["tenant"]))
        row.update({part: int(found[part]) for part in PARTS})
        row["allocated_today"] = sum(row[part] for part in PARTS)
    return [tenants[tenant] for tenant in sorted(tenants)]


def _nothing(tenant: str) -> dict[str, Any]:
    numbers = ("charged_today", "allocated_today", *PARTS)
    return {"tenant": tenant, "waiting_since": None, **dict.fromkeys((*schedule.STATES, *numbers), 0)}


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(questions).where(which)).scalar_one())
