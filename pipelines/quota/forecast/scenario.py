"""Defines a simulation's start: who waits since when, what arrives, how many places each day has, which policy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property

import numpy as np

from pipelines.errors import BadInput
from pipelines.quota.allocation.max_min import Whole
from pipelines.quota.allocation.override import Override
from pipelines.quota.allocation.policies import DEFAULT, PHI
from pipelines.quota.allocation.weights import USUAL, whole_weights

DAY_ONE = date(2001, 1, 1)
"""Date of day 1 in a scenario without a date: turns for left-over places begin the same whenever it is run."""


@dataclass(frozen=True)
class Tenant:
    """A tenant of a what-if, as a file or an option states it."""

    name: str
    backlog: int
    """Questions that wait on day 1, all of them enqueued on that day."""
    daily: int
    """Questions that arrive at the start of each later day."""
    weight: Fraction = Fraction(1)


@dataclass(frozen=True)
class Scenario:
    """A queue on day 1 and the days to come, counted from 1. A closed day has a cap of 0."""

    tenants: tuple[str, ...]
    """Names of the tenants, sorted."""
    opening: Whole
    """Questions that wait on day 1: one row a tenant, one column for each of `since`."""
    since: tuple[int, ...]
    """The day on which each column of `opening` was enqueued, ascending: 1 is day 1, 0 the day before it."""
    arrivals: Whole
    """One row a day, one column a tenant; the first row is nothing."""
    caps: tuple[int, ...]
    """Places of each day."""
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    """Weights by tenant, except the usual one; also of tenants that are not in the scenario."""
    start: date = DAY_ONE
    """The date of day 1."""
    taken: Whole | None = None
    """Questions that each tenant has already asked on day 1; they are in `opening`."""
    policy: str = DEFAULT
    phi: Fraction = PHI
    overrides: tuple[Override, ...] = ()

    @cached_property
    def weight(self) -> Whole:
        """Weights of the tenants, as `allocation.weights.whole_weights` gives them."""
        return whole_weights([self.weights.get(tenant, USUAL) for tenant in self.tenants])

    @property
    def days(self) -> int:
        """Number of days that are simulated."""
        return len(self.caps)

    def under(self, policy: str) -> "Scenario":
        """The same scenario under another policy."""
        return replace(self, policy=policy)

    def quiet(self) -> Whole:
        """Whether each tenant always asks for no more than its share of the floor, so that it should never wait."""
        smallest = min((cap for cap in self.caps if cap), default=0)
        most = np.maximum(self.opening.sum(axis=1), self.arrivals.max(axis=0, initial=0))
        floor = self.phi.numerator * smallest * self.weight
        is_quiet: Whole = (most * self.phi.denominator * int(self.weight.sum()) <= floor).astype(bool)
        return is_quiet


def scenario_of(tenants: Iterable[Tenant], caps: Sequence[int], policy: str = DEFAULT) -> Scenario:
    """A scenario of tenants that all begin on day 1."""
    ordered = sorted(tenants, key=lambda tenant: tenant.name)
    daily = np.array([tenant.daily for tenant in ordered], dtype=np.int64)
    return Scenario(
        tenants=tuple(tenant.name for tenant in ordered),
        opening=np.array([[tenant.backlog] for tenant in ordered], dtype=np.int64).reshape(len(ordered), 1),
        since=(1,),
        arrivals=steady(daily, len(caps)),
        caps=tuple(caps),
        weights={tenant.name: tenant.weight for tenant in ordered},
        policy=policy,
    )


def add_tenants(scenario: Scenario, newcomers: Sequence[Tenant]) -> Scenario:
    """The scenario with more tenants, whose backlog comes in on day 1. A weight that the scenario knows of one goes
    first.

    Errors: BadInput if a name is there already.
    """
    if not newcomers:
        return scenario
    names = (*scenario.tenants, *(tenant.name for tenant in newcomers))
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise BadInput("bad_join", f"--join: «{', '.join(double)}» đã có; đặt tên khác / there already, rename it.")
    order = np.array(sorted(range(len(names)), key=lambda n: names[n]))
    fresh = np.zeros((len(newcomers), len(scenario.since)), np.int64)
    opening, since = np.vstack([scenario.opening, fresh]), scenario.since
    if not since or since[-1] != 1:
        opening, since = np.hstack([opening, np.zeros((len(names), 1), np.int64)]), (*since, 1)
    opening[len(scenario.tenants) :, -1] = [tenant.backlog for tenant in newcomers]
    daily = steady(np.array([tenant.daily for tenant in newcomers], dtype=np.int64), scenario.days)
    none_taken = np.zeros(len(newcomers), np.int64)
    return replace(
        scenario,
        tenants=tuple(names[n] for n in order),
        opening=opening[order],
        since=since,
        arrivals=np.hstack([scenario.arrivals, daily])[:, order],
        taken=None if scenario.taken is None else np.concatenate([scenario.taken, none_taken])[order],
        weights={tenant.name: tenant.weight for tenant in newcomers} | dict(scenario.weights),
    )


def steady(daily: Whole, days: int) -> Whole:
    """The same arrivals on each day after the first."""
    arrivals = np.tile(daily, (days, 1))
    arrivals[:1] = 0
    return arrivals


def caps_of(cap: int, days: int, closed: Iterable[int] = (), changes: Mapping[int, int] | None = None) -> list[int]:
    """Places of each day: a change holds from its day on; on a closed day there are none."""
    off, caps = set(closed), []
    for day in range(1, days + 1):
        cap = (changes or {}).get(day, cap)
        caps.append(0 if day in off else cap)
    return caps
