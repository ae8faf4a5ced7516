"""Reads the present queue as a scenario: who waits since when, today's places, and past nights' arrivals."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from sqlalchemy import Connection, func, select

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.quota import demand, orders, terms_in_force
from pipelines.quota.allocation.max_min import Whole
from pipelines.quota.forecast.outlook import forecast, mean, ready_for_json
from pipelines.quota.forecast.scenario import Scenario, caps_of, steady
from pipelines.quota.forecast.what_if import CapFrom, InForce
from pipelines.quota.ledger import used_by_tenant
from pipelines.workspace import state
from pipelines.workspace.state_tables import ledger, plans, quota_days

WINDOW = 28
"""Number of past days from which arrivals are taken."""
PLANNED_DAYS = 60

_ByDay = dict[tuple[str, date], int]
"""Questions by tenant and enqueue day."""


def expected(settings: Settings, days: int, cap: int | None) -> Scenario:
    """The queue as a scenario in which every day has the average arrivals of past nights."""
    scenario, nights = queue_and_arrivals(settings, days, cap)
    return replace(scenario, arrivals=steady(mean(nights), days))


def queue_and_arrivals(settings: Settings, days: int, cap: int | None) -> tuple[Scenario, Whole]:
    """The queue as a scenario without arrivals, and the past nights' arrivals by tenant, the oldest first.

    Day 1 is the day `settings.night` with what has been asked of it, or the next one if its places are used up.
    Shape: the nights have one row each, one column a tenant of the scenario; the first night ever, which brings the
    backlog, is not among them. `cap` None is the one in force: ordered, or else the last night's.
    Errors: BadInput if the workspace does not exist.
    """
    if settings.state_url is None and not settings.workspace.is_dir():
        raise BadInput(
            "no_workspace",
            f"Không có thư mục làm việc «{settings.workspace}»; hãy chạy: sachsong nightly, hoặc --tenants TỆP "
            "/ no such workspace.",
        )
    with state.opened(settings) as engine, state.reading(engine) as connection:
        chosen = _cap(connection, settings)[0] if cap is None else cap
        return read_queue_and_arrivals(connection, settings.night, chosen, days)


def in_force(settings: Settings) -> InForce:
    """The cap and the policy by which places are shared today, in a workspace that has a state database."""
    with state.opened(settings) as engine, state.reading(engine) as connection:
        cap, cap_from = _cap(connection, settings)
        return InForce(cap=cap, cap_from=cap_from, policy=terms_in_force.in_force(connection).policy)


def after(connection: Connection, night: date, cap: int) -> str:
    """The plan from the day after a night on, as JSON, for the night's report."""
    scenario, nights = read_queue_and_arrivals(connection, night, cap, PLANNED_DAYS, is_over=True)
    return json.dumps(ready_for_json(forecast(scenario, nights)), sort_keys=True)


def read_queue_and_arrivals(
    connection: Connection, night: date, cap: int, days: int, *, is_over: bool = False
) -> tuple[Scenario, Whole]:
    """The scenario and the arrivals of `queue_and_arrivals`, from an open database; day 1 is the next one if the night
    is over.
    """
    waiting = demand.waiting_by_day(connection)
    since = night - timedelta(days=WINDOW)
    arrived = _sum(waiting, _asked(connection, since))
    # A night that went on over midnight has taken places of the next day already.
    first = night + timedelta(days=is_over)
    used = _dated(used_by_tenant(connection, first.isoformat()))
    tenants = tuple(sorted({tenant for tenant, _ in arrived}))
    ordered = terms_in_force.in_force(connection)
    scenario = replace(
        _scenario(tenants, waiting, used, first, caps_of(cap, days)),
        policy=ordered.policy,
        weights=ordered.weights,
        overrides=tuple(ordered.overrides),
    )
    known = _nights(connection, since)
    return scenario, _table({key: count for key, count in arrived.items() if key[1] in known}, tenants, known).T


def _scenario(tenants: tuple[str, ...], waiting: _ByDay, used: _ByDay, night: date, caps: list[int]) -> Scenario:
    is_used_up = sum(used.values()) >= caps[0] > 0
    wanted = waiting if is_used_up else _sum(waiting, used)
    start = night + timedelta(days=is_used_up)
    enqueued = sorted({day for _, day in wanted})
    scenario = Scenario(
        tenants=tenants,
        opening=_table(wanted, tenants, enqueued),
        # Enqueued after day 1, by a clock that went back: as if on day 1.
        since=tuple((min(day, start) - start).days + 1 for day in enqueued),
        arrivals=steady(np.zeros(len(tenants), np.int64), len(caps)),
        caps=tuple(caps),
        start=start,
    )
    if is_used_up:
        return scenario
    return replace(scenario, taken=_table(used, tenants, sorted({day for _, day in used})).sum(axis=1))


def _cap(connection: Connection, settings: Settings) -> tuple[int, CapFrom]:
    """What was ordered, or else what the last night shared out, or else the settings'; and which of these it is."""
    if (ordered := orders.ordered_cap(connection)) is not None:
        return ordered, "order"
    shared = select(plans.c.cap).where(plans.c.day <= settings.night.isoformat())
    last = connection.execute(shared.order_by(plans.c.plan.desc()).limit(1)).scalar()
    return (settings.daily_cap, "settings") if last is None else (int(last), "night")


def _nights(connection: Connection, since: date) -> list[date]:
    """The nights of the window, without the first ever."""
    days = connection.execute(select(quota_days.c.day).order_by(quota_days.c.day)).scalars().all()
    return [date.fromisoformat(day) for day in days[1:] if date.fromisoformat(day) >= since]


def _asked(connection: Connection, since: date) -> _ByDay:
    """Places taken in the window, by tenant and the day on which the question came."""
    key, first = (ledger.c.tenant, ledger.c.enqueued_on), since.isoformat()
    sums = select(*key, func.sum(ledger.c.reserved)).where(ledger.c.day >= first, ledger.c.enqueued_on >= first)
    return _dated({(tenant, day): count for tenant, day, count in connection.execute(sums.group_by(*key))})


def _table(counts: _ByDay, tenants: tuple[str, ...], days: list[date]) -> Whole:
    row, column = {name: n for n, name in enumerate(tenants)}, {day: n for n, day in enumerate(days)}
    table = np.zeros((len(tenants), len(days)), np.int64)
    for (tenant, day), count in counts.items():
        table[row[tenant], column[day]] = count
    return table


def _sum(one: _ByDay, other: _ByDay) -> _ByDay:
    return {key: one.get(key, 0) + other.get(key, 0) for key in (*one, *other)}


def _dated(counts: Mapping[tuple[str, str], int]) -> _ByDay:
    return {(tenant, date.fromisoformat(day)): int(count) for (tenant, day), count in counts.items() if count}
