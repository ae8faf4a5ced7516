"""How many of today's places each tenant gets, and why.

A pure function of what waits, the cap and the weights: the night, the plan and every what-if call this same code.
Policy `floor+aged`: a share φ of the cap is divided max-min fairly, so that a small unit is served the same day
whatever the others queue; the rest goes to the oldest day first, so that no backlog waits for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

RULE = "floor+aged/1"
"""Name and version of the rule, kept with the numbers that it gave."""

Shares = dict[str, Fraction]


@dataclass(frozen=True)
class Places:
    """A tenant's places today, in parts."""

    floor: int = 0
    """From the share of the cap that is divided max-min fairly."""
    aged: int = 0
    """From the rest, for the oldest days."""
    size: int = 0
    """By the size of its backlog, under a policy that knows neither floor nor age."""
    override: int = 0
    """Taken off the cap before the policy, for a deadline that somebody answers for."""
    left_over: int = 0
    """0 or 1: a place that the fractions left, by largest remainder."""
    earlier: int = 0
    """What it had already used today beyond its present share, before others came or the cap fell."""

    @property
    def total(self) -> int:
        """Questions that the tenant may ask on this day, those already asked included."""
        return self.floor + self.aged + self.size + self.override + self.left_over + self.earlier


@dataclass(frozen=True)
class Ideal:
    """The exact, fractional solution of the policy, before rounding."""

    floor: Shares
    total: Shares
    beyond: frozenset[str]
    """Tenants whose floor share reaches past the oldest day that the aged places reach."""


def allocate(
    waiting: Mapping[tuple[str, date], int],
    cap: int,
    *,
    day: date,
    used: Mapping[tuple[str, date], int] | None = None,
    weights: Mapping[str, Fraction | int] | None = None,
    phi: float | Fraction = 0.5,
) -> dict[str, Places]:
    """Places for the whole day by tenant, for every tenant that waits or has used some, in the order of names.

    `used` is what was already asked today, by tenant and enqueue day like `waiting`. It counts as demand, so that a
    night that was interrupted is shared as if it had not been.
    Shape: no tenant gets more than it waits for and has used, nor less than it has used; the places add up to
    min(cap, waiting + used), or to what is used if that is more; before anything is used, each differs from the
    ideal by less than one place.
    Source: weighted max-min with a floor and ageing, docs/decisions/007-queue.md.
    """
    taken = _demand(used or {})
    wanted = dict(used or {})
    for key, count in waiting.items():
        wanted[key] = wanted.get(key, 0) + count
    fixed: dict[str, Places] = {}
    while True:
        left = max(0, cap - sum(places.total for places in fixed.values()))
        open_ = {key: count for key, count in wanted.items() if key[0] not in fixed}
        places = _allocate(open_, left, day, weights, phi)
        over = {tenant for tenant, part in places.items() if part.total < taken.get(tenant, 0)}
        if not over:
            return dict(sorted((fixed | places).items()))
        fixed |= {tenant: replace(places[tenant], earlier=taken[tenant] - places[tenant].total) for tenant in over}


def _allocate(
    waiting: Mapping[tuple[str, date], int],
    cap: int,
    day: date,
    weights: Mapping[str, Fraction | int] | None,
    phi: float | Fraction,
) -> dict[str, Places]:
    demand = _demand(waiting)
    if not demand:
        return {}
    exact = ideal(waiting, cap, weights=weights, phi=phi)
    totals = _rounded(exact, _rotated(sorted(demand), day))
    return {
        tenant: Places(
            floor=int(exact.floor[tenant]),
            aged=int(exact.total[tenant]) - int(exact.floor[tenant]),
            left_over=totals[tenant] - int(exact.total[tenant]),
        )
        for tenant in demand
    }


def ideal(
    waiting: Mapping[tuple[str, date], int],
    cap: int,
    *,
    weights: Mapping[str, Fraction | int] | None = None,
    phi: float | Fraction = 0.5,
) -> Ideal:
    """The fractional places: the floor by max-min, then the oldest enqueue day first, max-min inside one day."""
    demand = _demand(waiting)
    weight = {tenant: Fraction((weights or {}).get(tenant, 1)) for tenant in demand}
    if any(value <= 0 for value in weight.values()):
        raise ValueError("a tenant's weight must be above 0")
    floor = waterfill(demand, _exact(phi) * cap, weight)
    total = dict(floor)
    left = min(cap, sum(demand.values())) - sum(floor.values())
    up_to: dict[str, int] = dict.fromkeys(demand, 0)
    for enqueued in sorted({enqueued for _, enqueued in waiting}):
        for tenant in demand:
            up_to[tenant] += waiting.get((tenant, enqueued), 0)
        if left <= 0:
            break
        unserved = {tenant: up_to[tenant] - total[tenant] for tenant in demand if up_to[tenant] > total[tenant]}
        aged = waterfill(unserved, left, weight)
        for tenant, places in aged.items():
            total[tenant] += places
        left -= sum(aged.values())
        beyond = frozenset(tenant for tenant in demand if tenant not in unserved)
        if left <= 0:
            return Ideal(floor, total, beyond)
    return Ideal(floor, total, frozenset())


def waterfill(demand: Mapping[str, int | Fraction], budget: int | Fraction, weight: Mapping[str, Fraction]) -> Shares:
    """Weighted max-min shares: min(demand, λ·weight), λ the smallest that uses up the budget or all demand."""
    shares: Shares = {}
    left = Fraction(budget)
    weight_left = sum((weight[tenant] for tenant in demand), Fraction(0))
    by_level = sorted(demand, key=lambda tenant: (demand[tenant] / weight[tenant], tenant))
    for position, tenant in enumerate(by_level):
        if demand[tenant] * weight_left > left * weight[tenant]:
            level = left / weight_left
            shares.update({rest: level * weight[rest] for rest in by_level[position:]})
            break
        shares[tenant] = Fraction(demand[tenant])
        left -= shares[tenant]
        weight_left -= weight[tenant]
    return shares


def _rounded(exact: Ideal, order: Mapping[str, int]) -> dict[str, int]:
    """Whole places with the same sum: each share rounded down, the left-over places by largest remainder.

    Tenants that the aged places reach are rounded as a group of their own that loses nothing to the others:
    otherwise rounding could take a place from the oldest records, and the waiting bound would not hold.
    """
    total = int(sum(exact.total.values()))
    beyond = [tenant for tenant in exact.total if tenant in exact.beyond]
    aged = [tenant for tenant in exact.total if tenant not in exact.beyond]
    for_beyond = int(sum((exact.total[tenant] for tenant in beyond), Fraction(0)))
    return _largest_remainder(exact.total, beyond, for_beyond, order) | _largest_remainder(
        exact.total, aged, total - for_beyond, order
    )


def _largest_remainder(shares: Shares, tenants: list[str], total: int, order: Mapping[str, int]) -> dict[str, int]:
    places = {tenant: int(shares[tenant]) for tenant in tenants}
    left_over = total - sum(places.values())
    first = sorted(tenants, key=lambda tenant: (places[tenant] - shares[tenant], order[tenant]))
    for tenant in first[:left_over]:
        places[tenant] += 1
    return places


def _rotated(tenants: list[str], day: date) -> dict[str, int]:
    """Each tenant's turn for a left-over place: the list of names, begun one further each day."""
    start = day.toordinal() % len(tenants)
    return {tenant: position for position, tenant in enumerate(tenants[start:] + tenants[:start])}


def _demand(waiting: Mapping[tuple[str, date], int]) -> dict[str, int]:
    demand: dict[str, int] = {}
    for (tenant, _), count in waiting.items():
        if count < 0:
            raise ValueError("a tenant cannot have less than nothing waiting")
        demand[tenant] = demand.get(tenant, 0) + count
    return {tenant: count for tenant, count in demand.items() if count}


def _exact(phi: float | Fraction) -> Fraction:
    """φ as it is written: 0.3 is three tenths, not the binary number just below it."""
    value = phi if isinstance(phi, Fraction) else Fraction(str(phi))
    if not 0 <= value <= 1:
        raise ValueError("phi is a share between 0 and 1")
    return value
