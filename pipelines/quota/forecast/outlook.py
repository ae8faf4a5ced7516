"""Forecasts when the questions that wait now will be answered, with a band for unknown arrivals.

The future is drawn twenty times over from the past nights, each drawn night whole, so that tenants keep arriving
together as they do; the band leaves out the two most extreme futures, one at either end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

from pipelines.quota.allocation.max_min import Whole
from pipelines.quota.allocation.policies import DEFAULT
from pipelines.quota.forecast.scenario import Scenario, steady
from pipelines.quota.forecast.simulate import NEVER, Simulation, simulate

FUTURES = 20
FEWEST_NIGHTS = 3
"""Least number of past nights from which arrivals are drawn; with fewer, arrivals are assumed."""
ASSUMED = (Fraction(0), Fraction(1, 8), Fraction(1, 4))
"""Assumed arrivals a day as shares of the cap, while too few nights are known: from nothing to a quarter of it."""
BEYOND = 3
"""Number of days that the burn-down picture shows after the last backlog has cleared."""


@dataclass(frozen=True)
class Band:
    """Low, middle and high estimate in days counted from 1; None is later than the plan reaches."""

    earliest: int | None
    likely: int | None
    latest: int | None


@dataclass(frozen=True)
class Outlook:
    """The forecast of the queue."""

    start: date
    """Date of day 1."""
    caps: tuple[int, ...]
    policy: str
    weights: Mapping[str, Fraction]
    """Weights by tenant, except the usual one."""
    nights: int
    """Number of past nights from which arrivals are drawn; 0 if arrivals were assumed."""
    daily: int
    """Arrivals on an average day, all tenants together."""
    waiting: dict[str, int]
    """Questions that wait now, by tenant, the largest first."""
    clears: dict[str, Band]
    """Days on which the backlog clears, by tenant, in the same order."""
    all_clear: Band
    burn_down: tuple[tuple[int, int, int], ...]
    """Questions of today that still wait at the end of each day: low, middle, high. The first is now."""
    with_new: tuple[int, ...]
    """Questions that wait at the end of each day in the middle future, new ones included."""

    def on(self, day: int | None) -> date | None:
        """The date of a day."""
        return None if day is None else self.start + timedelta(days=day - 1)


def forecast(standing: Scenario, nights: Whole) -> Outlook:
    """The forecast from the questions that wait now. `standing` says the days and caps; its arrivals are not looked at.

    Shape: `nights` one row a past night, one column a tenant.
    """
    known = nights if len(nights) >= FEWEST_NIGHTS else _assumed(standing)
    middling = simulate(replace(standing, arrivals=steady(mean(known), standing.days)))
    horizon = _horizon(middling)
    futures = [simulate(_drawn(standing, known, number, horizon)) for number in range(FUTURES)]
    backlog = standing.opening.sum(axis=1)
    if standing.taken is not None:
        backlog = backlog - standing.taken
    largest = [int(n) for n in np.argsort(-backlog, kind="stable") if backlog[n]]
    clear = np.sort(np.array([_late(future.clear_day) for future in futures]), axis=0)
    last = np.sort(np.array([_late(future.clear_day).max(initial=0) for future in futures]))
    old = np.sort(np.array([future.opening_left for future in futures]), axis=0)
    all_ = np.sort(np.array([future.waiting.sum(axis=1) for future in futures]), axis=0)
    now = int(backlog.sum())
    shown = min(horizon, int(min(last[-2], horizon)) + BEYOND)
    return Outlook(
        start=standing.start,
        caps=standing.caps,
        policy=standing.policy,
        weights=standing.weights,
        nights=len(nights) if len(nights) >= FEWEST_NIGHTS else 0,
        daily=int(mean(known).sum()),
        waiting={standing.tenants[n]: int(backlog[n]) for n in largest},
        clears={standing.tenants[n]: _band(clear[:, n]) for n in largest},
        all_clear=_band(last),
        burn_down=((now, now, now), *(_cut(old[:, day]) for day in range(shown))),
        with_new=(now, *(_cut(all_[:, day])[1] for day in range(shown))),
    )


def mean(nights: Whole) -> Whole:
    """A night's average arrivals by tenant, in whole questions; zeros where no night is known."""
    # Rounded on the sums, so that hundreds of small tenants do not lose all of theirs.
    average: Whole = np.diff(np.cumsum(nights.sum(axis=0)) // max(1, len(nights)), prepend=0)
    return average


def ready_for_json(outlook: Outlook) -> dict[str, Any]:
    """The outlook ready for JSON, with dates; null is later than the plan reaches."""
    return {
        "start": outlook.start.isoformat(),
        "days": len(outlook.caps),
        "cap": outlook.caps[-1],
        "cap_on_first_day": outlook.caps[0],
        "policy": outlook.policy,
        "policy_is_default": outlook.policy == DEFAULT,
        "weights": {tenant: str(weight) for tenant, weight in sorted(outlook.weights.items())},
        "nights_drawn_from": outlook.nights,
        "futures": FUTURES,
        "daily": outlook.daily,
        "waiting": sum(outlook.waiting.values()),
        **_dates(outlook, outlook.all_clear),
        "tenants": [
            {"tenant": tenant, "waiting": count, **_dates(outlook, outlook.clears[tenant])}
            for tenant, count in outlook.waiting.items()
        ],
        "burn_down": [
            {"day": day, "date": str(outlook.on(day)), "low": low, "middle": middle, "high": high, "with_new": all_}
            for day, ((low, middle, high), all_) in enumerate(zip(outlook.burn_down, outlook.with_new, strict=True))
        ],
    }


def _dates(outlook: Outlook, band: Band) -> dict[str, str | None]:
    days = {"earliest": band.earliest, "clears_on": band.likely, "latest": band.latest}
    dates = {name: outlook.on(day) for name, day in days.items()}
    return {name: day.isoformat() if day else None for name, day in dates.items()}


def _assumed(standing: Scenario) -> Whole:
    """Nights of a part of the cap each, spread over the tenants as what waits is."""
    up_to = np.cumsum(standing.opening.sum(axis=1))
    total = max(1, int(up_to[-1])) if up_to.size else 1
    cap = max(standing.caps, default=0)
    return np.stack([np.diff(up_to * int(part * cap) // total, prepend=0) for part in ASSUMED])


def _horizon(middling: Simulation) -> int:
    """Far enough that hardly a future clears later, and no further: a plan must answer at once."""
    likely = middling.backlog_clear_day
    days = middling.scenario.days
    return days if likely is None else min(days, 2 * likely + BEYOND)


def _drawn(standing: Scenario, known: Whole, number: int, days: int) -> Scenario:
    """One future: each day is one of the nights, drawn by the future's number alone."""
    chosen = Random(number).choices(range(len(known)), k=days)
    arrivals = known[chosen]
    arrivals[:1] = 0
    return replace(standing, arrivals=arrivals, caps=standing.caps[:days])


_LATER = 10**6


def _late(clear_day: Whole) -> Whole:
    return np.where(clear_day == NEVER, _LATER, clear_day)


def _cut(sorted_: Sequence[int] | Whole) -> tuple[int, int, int]:
    """Without the lowest and the highest: first, middle and last of what remains."""
    return int(sorted_[1]), int(sorted_[len(sorted_) // 2]), int(sorted_[-2])


def _band(sorted_: Whole) -> Band:
    return Band(*(None if day >= _LATER else day for day in _cut(sorted_)))
