"""Defines overrides: deadlines that go before the policy, with who answers for them and what they may cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

MOST = Fraction(1, 5)
"""Largest share of a day's cap for all overrides together."""


@dataclass(frozen=True)
class Override:
    """One tenant's deadline. It is void after its day."""

    tenant: str
    deadline: date
    limit: Fraction
    """Largest share of the cap on each day."""
    by: str
    """Name of the person who answers for it."""
    reason: str

    def __post_init__(self) -> None:
        if not 0 < self.limit <= MOST:
            raise ValueError(f"an override takes more than 0 and at most {MOST} of the cap")
        if not self.by.strip() or not self.reason.strip():
            raise ValueError("an override needs a reason and somebody who answers for it")


def owed(overrides: Sequence[Override], demand: Mapping[str, int], cap: int, day: date) -> dict[str, int]:
    """Places that come off the cap first: each tenant's daily need to meet its deadline, within the limits.

    The earliest deadline first, then the name. What all get together is at most `MOST` of the cap.
    """
    left = int(MOST * cap)
    places: dict[str, int] = {}
    in_force = (each for each in overrides if each.deadline >= day and demand.get(each.tenant))
    for each in sorted(in_force, key=lambda override: (override.deadline, override.tenant, -override.limit)):
        if each.tenant in places:
            continue
        days = (each.deadline - day).days + 1
        a_day = -(-demand[each.tenant] // days)
        places[each.tenant] = min(a_day, int(each.limit * cap), left)
        left -= places[each.tenant]
    return places
