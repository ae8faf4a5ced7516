"""The policies once more, one tenant and one fraction after the other: slow, plain, the oracle of the tests."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

Waiting = Mapping[tuple[str, date], int]
Shares = dict[str, Fraction]


def waterfill(demand: Mapping[str, int | Fraction], budget: int | Fraction, weight: Mapping[str, Fraction]) -> Shares:
    """Pour the same level into all, stop each at its demand, and pour what is left again."""
    shares: Shares = dict.fromkeys(demand, Fraction(0))
    open_, left = {tenant for tenant in demand if demand[tenant]}, Fraction(budget)
    while open_ and left:
        level = left / sum(weight[tenant] for tenant in open_)
        full = {tenant for tenant in open_ if demand[tenant] - shares[tenant] <= level * weight[tenant]}
        for tenant in full or open_:
            more = demand[tenant] - shares[tenant] if full else level * weight[tenant]
            shares[tenant] += more
            left -= more
        if not full:
            break
        open_ -= full
    return shares


def demand_of(waiting: Waiting) -> dict[str, int]:
    demand: dict[str, int] = {}
    for (tenant, _), count in waiting.items():
        demand[tenant] = demand.get(tenant, 0) + count
    return {tenant: count for tenant, count in demand.items() if count}


def floor_and_aged(waiting: Waiting, cap: int, weight: Mapping[str, Fraction], phi: Fraction) -> Shares:
    """The floor, then day after day what is left among those whom the day finds short."""
    demand = demand_of(waiting)
    total = waterfill(demand, phi * cap, weight)
    left = min(cap, sum(demand.values())) - sum(total.values())
    up_to: dict[str, int] = dict.fromkeys(demand, 0)
    for day in sorted({day for _, day in waiting}):
        for tenant in demand:
            up_to[tenant] += waiting.get((tenant, day), 0)
        short = {tenant: max(Fraction(0), up_to[tenant] - total[tenant]) for tenant in demand}
        for tenant, more in waterfill(short, left, weight).items():
            total[tenant] += more
            left -= more
    return total


def shares(waiting: Waiting, cap: int, policy: str, weight: Mapping[str, Fraction], phi: Fraction) -> Shares:
    """What each policy gives, in fractions; for the order of equals in largest-first see the tests."""
    demand = demand_of(waiting)
    if policy == "floor+aged":
        return floor_and_aged(waiting, cap, weight, phi)
    if policy == "max-min":
        return waterfill(demand, cap, weight)
    if policy == "proportional":
        return waterfill(demand, cap, {tenant: weight[tenant] * demand[tenant] for tenant in demand})
    total: Shares = dict.fromkeys(demand, Fraction(0))
    if policy == "fifo":
        steps = [(tenant, waiting[tenant, day]) for day, tenant in sorted((day, tenant) for tenant, day in waiting)]
    else:
        steps = sorted(demand.items(), key=lambda each: -each[1] * weight[each[0]])
    for tenant, count in steps:
        given = min(count, cap)
        cap -= given
        if given:
            total[tenant] += given
    return total
