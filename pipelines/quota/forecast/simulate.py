"""Simulates day after day: places by the night's own allocation, each tenant's oldest questions first."""

import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from pipelines.quota.allocation.allocate import Allocation, share_out
from pipelines.quota.allocation.max_min import Whole
from pipelines.quota.forecast.scenario import Scenario

NEVER = -1
"""Clear day of a tenant whose backlog does not clear within the days."""


@dataclass(frozen=True)
class Simulation:
    """Result of a simulation; exact, because each record's wait follows from the day on which it came."""

    scenario: Scenario
    given: Whole
    """Places of each day: one row a day, one column a tenant."""
    waiting: Whole
    """Questions that wait at the end of each day, in the same shape."""
    opening_left: Whole
    """Questions of day 1 that still wait at the end of each day, all tenants together."""
    clear_day: Whole
    """Day on which the questions that waited on day 1 were all answered, by tenant: 0 where nothing waited, NEVER where
    that did not happen.
    """
    longest_wait: Whole
    """Longest wait in days, by tenant: of answered records, and of those that still wait at the end, until then."""
    waits: dict[int, int]
    """Wait in days → how many records were answered after it."""
    jain_by_day: tuple[float, ...]
    """Jain's index of places over the exact ideal, among those to whom the ideal gives something."""

    @property
    def makespan(self) -> int | None:
        """The first day at whose end nobody waits, arrivals included; 0 if nothing waited on day 1, None if none is."""
        if not self.scenario.opening.any():
            return 0
        empty = np.flatnonzero(~self.waiting.any(axis=1))
        return int(empty[0]) + 1 if empty.size else None

    @property
    def backlog_clear_day(self) -> int | None:
        """The day on which the last of what waited on day 1 was answered; None if not within the days."""
        if (self.clear_day == NEVER).any():
            return None
        return int(self.clear_day.max(initial=0))

    @property
    def max_wait(self) -> int:
        """The longest wait of any record, in days."""
        return int(self.longest_wait.max(initial=0))

    @property
    def quiet_max_wait(self) -> int:
        """The longest wait among tenants that never ask for more than their share of the floor; 0 if there are none."""
        return int(self.longest_wait[self.scenario.quiet()].max(initial=0))

    @property
    def jain(self) -> float:
        """The lowest Jain's index of all days; 1 is exactly the ideal."""
        return min(self.jain_by_day, default=1.0)

    def waited(self, share: float) -> int:
        """The wait in days that this share of the answered records did not exceed."""
        answered, seen = sum(self.waits.values()), 0
        for wait in sorted(self.waits):
            seen += self.waits[wait]
            if seen >= share * answered:
                return wait
        return 0


def simulate(scenario: Scenario) -> Simulation:
    """The simulation of all days of the scenario.

    Arrivals come at the start of a day, then the day's places are shared and used up. On day 1 the scenario's
    `taken` are among the places.
    """
    n = len(scenario.tenants)
    queue, since = scenario.opening.copy(), np.array(scenario.since, dtype=np.int64)
    clear_day = np.where(queue.any(axis=1), NEVER, 0)
    longest, waits = np.zeros(n, np.int64), dict[int, int]()
    given, waiting, old, indexes = [], [], [], []
    for day, cap in enumerate(scenario.caps, start=1):
        if day > 1:
            queue, since = np.column_stack([queue, scenario.arrivals[day - 1]]), np.append(since, day)
        places = share_out(
            scenario.tenants,
            queue,
            cap,
            day=scenario.start + timedelta(days=day - 1),
            weight=scenario.weight,
            taken=scenario.taken if day == 1 else None,
            policy=scenario.policy,
            phi=scenario.phi,
            overrides=scenario.overrides,
        )
        total = places.total
        left = served_oldest(queue, total)
        served = queue - left
        longest = np.maximum(longest, _longest(served, day - since))
        for wait, count in zip((day - since).tolist(), served.sum(axis=0).tolist(), strict=True):
            if count:
                waits[wait] = waits.get(wait, 0) + count
        opening = left[:, since <= 1].sum(axis=1)
        clear_day[(clear_day == NEVER) & (opening == 0)] = day
        old.append(int(opening.sum()))
        given.append(total)
        waiting.append(left.sum(axis=1))
        indexes.append(jain(places))
        live = int(np.argmax(left.any(axis=0))) if left.any() else left.shape[1]
        queue, since = left[:, live:], since[live:]
    return Simulation(
        scenario=scenario,
        given=np.array(given, dtype=np.int64).reshape(scenario.days, n),
        waiting=np.array(waiting, dtype=np.int64).reshape(scenario.days, n),
        opening_left=np.array(old, dtype=np.int64),
        clear_day=clear_day,
        longest_wait=np.maximum(longest, _longest(queue, scenario.days - since)),
        waits=waits,
        jain_by_day=tuple(index for index in indexes if index is not None),
    )


def served_oldest(queue: Whole, places: Whole) -> Whole:
    """Questions that still wait after each tenant's places went to its oldest questions. Shape: as `queue`."""
    left = np.maximum(np.cumsum(queue, axis=1) - places[:, None], 0)
    return np.diff(left, axis=1, prepend=0)


def jain(places: Allocation) -> float | None:
    """(Σx)² / (n·Σx²) of x = places / ideal, among those whose ideal is above 0; None if there are none.

    Source: Jain, Chiu & Hawe (1984), A quantitative measure of fairness.
    """
    has = np.flatnonzero(places.exact > 0)
    if not has.size:
        return None
    scale, total = places.scale, places.total
    ratios = [int(total[n]) * scale / int(places.exact[n]) for n in has.tolist()]
    # fsum rounds once, so that the figure is the same on every machine.
    return min(1.0, math.fsum(ratios) ** 2 / (len(ratios) * math.fsum(ratio * ratio for ratio in ratios)))


def _longest(counts: Whole, waits: Whole) -> Whole:
    longest: Whole = np.where(counts > 0, waits, 0).max(axis=1, initial=0)
    return longest
