"""Allocates a day's places by tenant, in parts: the policy, what is already used, overrides, rounded to whole
places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction

import numpy as np

from pipelines.quota.allocation.max_min import Whole
from pipelines.quota.allocation.override import Override, owed
from pipelines.quota.allocation.policies import DEFAULT, PHI, POLICIES, Case, Ideal
from pipelines.quota.allocation.rounding import rounded, turns
from pipelines.quota.allocation.weights import whole_weights

Waiting = Mapping[tuple[str, date], int]
"""Number of waiting questions by tenant and enqueue day."""
Weights = Mapping[str, Fraction | int]

_VERSION = 2


def rule(policy: str = DEFAULT) -> str:
    """Name and version of the rule, stored with the numbers that it gave."""
    return f"{policy}/{_VERSION}"


@dataclass(frozen=True)
class Places:
    """A tenant's places today, in parts."""

    floor: int = 0
    """Places from the share that is divided max-min fairly."""
    aged: int = 0
    """Places for the oldest days."""
    size: int = 0
    """Places by the size of its backlog, under a policy that knows neither floor nor age."""
    override: int = 0
    """Places taken off the cap before the policy, for a deadline that somebody answers for."""
    left_over: int = 0
    """One place or none: what the fractions left, by largest remainder."""
    earlier: int = 0
    """Places that it had used today beyond its present share, before others came or the cap fell."""

    @property
    def total(self) -> int:
        """All places of the tenant on this day, those already used included."""
        return self.floor + self.aged + self.size + self.override + self.left_over + self.earlier


PARTS = tuple(field.name for field in fields(Places))


@dataclass(frozen=True)
class Allocation:
    """A day's places as arrays, each in the order of the given tenants."""

    parts: Mapping[str, Whole]
    """One array for each of PARTS."""
    exact: Whole
    """Numerators of the exact, fractional places over `scale`; overrides included, `earlier` not."""
    scale: int

    @property
    def total(self) -> Whole:
        """Places by tenant."""
        return sum((self.parts[part] for part in PARTS), np.zeros_like(self.exact, dtype=np.int64))


def allocate(
    waiting: Waiting,
    cap: int,
    *,
    day: date,
    used: Waiting | None = None,
    weights: Weights | None = None,
    policy: str = DEFAULT,
    phi: float | Fraction = PHI,
    overrides: Sequence[Override] = (),
) -> dict[str, Places]:
    """Places for the whole day by tenant, for every tenant that waits or has used some, in the order of names.

    `used` is what was already asked today, by tenant and enqueue day like `waiting`. It counts as demand, so that a
    night that was interrupted is shared as if it had not been, and places that nobody can use flow on to others.
    Shape: no tenant gets more than it waits for and has used, nor less than it has used; the places add up to
    min(cap, waiting + used), or to what is used if that is more; before anything is used, each differs from the
    ideal by less than one place.
    Source: weighted max-min with a floor and ageing, docs/decisions/007-queue.md.
    """
    tenants, counts, taken = _table(waiting, used or {})
    given = share_out(
        tenants,
        counts,
        cap,
        day=day,
        taken=taken,
        weight=whole_weights([(weights or {}).get(tenant, 1) for tenant in tenants]),
        policy=policy,
        phi=phi,
        overrides=overrides,
    )
    rows = zip(*(given.parts[part].tolist() for part in PARTS), strict=True)
    return {tenant: Places(*row) for tenant, row in zip(tenants, rows, strict=True)}


def ideal(
    waiting: Waiting,
    cap: int,
    *,
    day: date,
    weights: Weights | None = None,
    policy: str = DEFAULT,
    phi: float | Fraction = PHI,
    overrides: Sequence[Override] = (),
) -> dict[str, Fraction]:
    """The fractional places that `allocate` rounds, by tenant."""
    tenants, counts, taken = _table(waiting, {})
    weight = whole_weights([(weights or {}).get(tenant, 1) for tenant in tenants])
    given = share_out(
        tenants, counts, cap, day=day, taken=taken, weight=weight, policy=policy, phi=phi, overrides=overrides
    )
    return {tenant: Fraction(int(n), given.scale) for tenant, n in zip(tenants, given.exact, strict=True)}


def share_out(
    tenants: Sequence[str],
    counts: Whole,
    cap: int,
    *,
    day: date,
    weight: Whole,
    taken: Whole | None = None,
    policy: str = DEFAULT,
    phi: float | Fraction = PHI,
    overrides: Sequence[Override] = (),
) -> Allocation:
    """The allocation of `allocate` on arrays: the one code that the night, the plan and the what-ifs share.

    Shape: `tenants` sorted; `counts` one row a tenant and one column an enqueue day, the oldest first, what is
    already used included; `taken` what each has used; `weight` as whole_weights gives it.
    Errors: ValueError for an unknown policy, or a number that cannot be.
    """
    if policy not in POLICIES:
        raise ValueError(f"policy is one of {', '.join(POLICIES)}")
    if cap < 0 or (counts.size and counts.min() < 0):
        raise ValueError("neither a cap nor what waits can be below 0")
    share, used = _exact(phi), np.zeros(len(tenants), np.int64) if taken is None else taken
    parts: dict[str, Whole] = {part: np.zeros(len(tenants), np.int64) for part in PARTS}
    is_open = counts.any(axis=1)
    fixed = np.zeros(len(tenants), np.int64)
    # Once, for all: what a tenant keeps of it is not given to another one.
    first = owed(overrides, dict(zip(tenants, _sums(counts), strict=True)), cap, day)
    while True:
        rows = np.flatnonzero(is_open)
        left = max(0, cap - int(fixed.sum()))
        open_ = {tenants[n]: first[tenants[n]] for n in rows.tolist() if tenants[n] in first}
        found = _shared(_Asked(tenants, counts, rows, weight, share), left, day, policy, _within(open_, left))
        total = sum((found.parts[part] for part in PARTS), np.zeros(len(tenants), np.int64))
        over = is_open & (total < used)
        for part in PARTS:
            parts[part] = np.where(is_open, found.parts[part], parts[part])
        if not over.any():
            return Allocation(parts, found.exact, found.scale)
        # Who has used more than its present share keeps that, and the others divide the rest anew.
        parts["earlier"] = np.where(over, used - total, parts["earlier"])
        fixed = np.where(over, used, fixed)
        is_open = is_open & ~over


@dataclass(frozen=True)
class _Asked:
    tenants: Sequence[str]
    counts: Whole
    rows: Whole
    """The tenants among whom the places are divided."""
    weight: Whole
    phi: Fraction


def _shared(asked: _Asked, cap: int, day: date, policy: str, first: Mapping[str, int]) -> Allocation:
    """Overrides off the top, the rest by the policy, in arrays for all tenants."""
    names = [asked.tenants[n] for n in asked.rows.tolist()]
    override = np.array([first.get(name, 0) for name in names], dtype=np.int64)
    counts = _without(asked.counts[asked.rows], override)
    waits = np.flatnonzero(counts.any(axis=1))
    parts: dict[str, Whole] = {part: np.zeros(len(asked.tenants), np.int64) for part in PARTS}
    parts["override"][asked.rows] = override
    exact = np.zeros(len(asked.tenants), dtype=object)
    exact[asked.rows] = override
    if not waits.size:
        return Allocation(parts, exact, 1)
    rows, turn = asked.rows[waits], turns(waits.size, day.toordinal())
    weight = _narrow(asked.weight[rows])
    solved = POLICIES[policy](Case(counts[waits], cap - int(override.sum()), weight, turn, asked.phi).widened())
    _fill(parts, rows, solved, turn)
    exact = exact * solved.scale
    exact[rows] += solved.total
    return Allocation(parts, exact, solved.scale)


def _fill(parts: dict[str, Whole], rows: Whole, solved: Ideal, turn: Whole) -> None:
    down = (solved.total // solved.scale).astype(np.int64)
    floor = (solved.floor // solved.scale).astype(np.int64)
    parts["floor"][rows] = floor
    parts[solved.rest][rows] = down - floor
    parts["left_over"][rows] = rounded(solved, turn) - down


def _without(counts: Whole, taken: Whole) -> Whole:
    """What waits after the oldest `taken` of each tenant."""
    left = np.maximum(np.cumsum(counts, axis=1) - taken[:, None], 0)
    return np.diff(left, axis=1, prepend=0)


def _within(places: Mapping[str, int], left: int) -> dict[str, int]:
    """The overrides that still fit, if the cap fell below what was used."""
    fitting = {}
    for tenant, count in places.items():
        fitting[tenant] = min(count, left)
        left -= fitting[tenant]
    return fitting


def _narrow(weight: Whole) -> Whole:
    small = max(int(each) for each in weight) < 2**31
    return weight.astype(np.int64) if small else weight


def _sums(counts: Whole) -> list[int]:
    summed: list[int] = counts.sum(axis=1).tolist()
    return summed


def _table(waiting: Waiting, used: Waiting) -> tuple[list[str], Whole, Whole]:
    """Tenants by name, what waits or was used by enqueue day, and what was used."""
    for count in (*waiting.values(), *used.values()):
        if count < 0:
            raise ValueError("neither a cap nor what waits can be below 0")
    wanted = {key for each in (waiting, used) for key, count in each.items() if count}
    tenants = sorted({tenant for tenant, _ in wanted})
    days = sorted({day for _, day in wanted})
    row, column = {name: n for n, name in enumerate(tenants)}, {day: n for n, day in enumerate(days)}
    counts = np.zeros((len(tenants), len(days)), np.int64)
    taken = np.zeros(len(tenants), np.int64)
    for tenant, day in wanted:
        there = (tenant, day)
        counts[row[tenant], column[day]] = waiting.get(there, 0) + used.get(there, 0)
        taken[row[tenant]] += used.get(there, 0)
    return tenants, counts, taken


def _exact(phi: float | Fraction) -> Fraction:
    """φ as it is written: 0.3 is three tenths, not the binary number just below it."""
    value = phi if isinstance(phi, Fraction) else Fraction(str(phi))
    if not 0 <= value <= 1:
        raise ValueError("phi is a share between 0 and 1")
    return value
