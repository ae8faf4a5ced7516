"""Computes each policy's exact shares, before they are rounded to whole places.

`floor+aged` divides a share φ of the cap max-min fairly, so that a small unit is served the same day whatever the
others queue; the rest goes to the oldest day first, so that no backlog waits for ever. The other policies are there
to be compared with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pipelines.quota.allocation.max_min import Whole, common_multiple, levels, waterfill

DEFAULT = "floor+aged"
PHI = Fraction(1, 2)
"""The share of the cap that is divided max-min fairly."""

_INT64_HOLDS = 2**62


@dataclass(frozen=True)
class Case:
    """Input of a policy. Every tenant in it waits for something."""

    counts: Whole
    """Waiting questions: one row a tenant, one column an enqueue day, the oldest first."""
    cap: int
    weight: Whole
    """Whole numbers in the proportion of the tenants' weights."""
    turn: Whole
    """Order of tenants that decides between equals; it moves on each day."""
    phi: Fraction = PHI

    @property
    def demand(self) -> Whole:
        """Waiting questions by tenant."""
        summed: Whole = self.counts.sum(axis=1)
        return summed

    def widened(self) -> "Case":
        """The same case in Python's integers, where 64 bits could not hold a product that the policies compute."""
        total, weights = int(self.counts.sum()), int(self.weight.sum())
        by_weight = self.phi.denominator * weights * max(weights, common_multiple(self.weight))
        by_size = total * int(self.weight.max())
        if (total + self.cap) * max(by_weight, by_size) < _INT64_HOLDS:
            return self
        return Case(self.counts.astype(object), self.cap, self.weight.astype(object), self.turn, self.phi)


@dataclass(frozen=True)
class Ideal:
    """The exact, fractional solution: numerators over `scale`."""

    total: Whole
    scale: int
    floor: Whole
    """Part of the solution from the share that is divided max-min fairly."""
    rest: str
    """The name of the other part: `aged` for the oldest days, `size` for the size of the backlog."""
    beyond: Whole
    """Tenants whose floor share reaches past the oldest day that the aged places reach."""


def floor_and_aged(case: Case) -> Ideal:
    """The floor by max-min, then the oldest enqueue day first, max-min inside one day."""
    demand, share = case.demand, case.phi
    wanted = demand * share.denominator
    filled = waterfill(wanted, share.numerator * case.cap, case.weight, levels(wanted, case.weight))
    floor, scale = filled.shares, filled.scale * share.denominator
    budget = min(case.cap, int(demand.sum())) * scale
    up_to = np.cumsum(case.counts, axis=1) * scale
    # Whole days are served until one cannot be: only inside that day is there something to divide.
    reached = np.maximum(up_to, floor[:, None]).sum(axis=0)
    last = int(np.argmax(reached >= budget))
    served = np.maximum(up_to[:, last - 1], floor) if last else floor
    unserved = np.maximum(up_to[:, last] - served, 0)
    left = budget - int(served.sum())
    aged = waterfill(unserved, left, case.weight, levels(unserved, case.weight))
    return Ideal(
        total=served * aged.scale + aged.shares,
        scale=scale * aged.scale,
        floor=floor * aged.scale,
        rest="aged",
        beyond=(unserved == 0) & (left > 0),
    )


def max_min(case: Case) -> Ideal:
    """The whole cap by weighted max-min; age does not count."""
    filled = waterfill(case.demand, case.cap, case.weight, levels(case.demand, case.weight))
    return _one_group(filled.shares, filled.scale, rest="aged", floor=filled.shares)


def proportional(case: Case) -> Ideal:
    """Shares by the size of the backlog times its weight: a longer queue gets more."""
    demand = case.demand
    level = common_multiple(case.weight) // case.weight
    filled = waterfill(demand, case.cap, demand * case.weight, level)
    return _one_group(filled.shares, filled.scale, rest="size")


def largest_first(case: Case) -> Ideal:
    """The largest backlog (times its weight) whole, then the next; among equals, whose turn it is."""
    demand = case.demand
    order = np.lexsort((case.turn, -_ranks(demand * case.weight)))
    return _one_group(_in_order(demand, order, case.cap), 1, rest="size")


def fifo(case: Case) -> Ideal:
    """The oldest enqueue day first; inside a day the tenants one after the other in the order of names, as they are
    enqueued. Weights do not count."""
    by_day = case.counts.T.ravel()
    served = _in_order(by_day, np.arange(by_day.size), case.cap)
    return _one_group(served.reshape(case.counts.T.shape).sum(axis=0), 1, rest="aged")


POLICIES: Mapping[str, Callable[[Case], Ideal]] = {
    DEFAULT: floor_and_aged,
    "max-min": max_min,
    "proportional": proportional,
    "largest-first": largest_first,
    "fifo": fifo,
}


def _one_group(total: Whole, scale: int, *, rest: str, floor: Whole | None = None) -> Ideal:
    nothing = np.zeros_like(total)
    return Ideal(total, scale, nothing if floor is None else floor, rest, np.zeros(total.size, dtype=bool))


def _in_order(demand: Whole, order: Whole, cap: int) -> Whole:
    """Each served whole in this order until the cap is used up."""
    wanted = demand[order]
    served = np.empty_like(demand)
    served[order] = np.clip(cap - (np.cumsum(wanted) - wanted), 0, wanted)
    return served


def _ranks(values: Whole) -> Whole:
    """The same order in small integers."""
    return np.unique(values, return_inverse=True)[1]
