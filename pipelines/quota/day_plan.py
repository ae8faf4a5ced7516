"""Stores a day's planned places with all that they were computed from, so that anybody can compute them again."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, func, insert, select

from pipelines.quota import allocation, orders
from pipelines.quota.allocation import PARTS, POLICIES, USUAL, Places
from pipelines.quota.allocation.allocate import Waiting
from pipelines.quota.terms_in_force import Terms, in_force
from pipelines.workspace.state_tables import allocations, plans

Row = Mapping[str, Any]
"""A tenant's places in a plan, with their inputs."""


def keep(
    connection: Connection,
    turn: int,
    day: str,
    cap: int,
    terms: Terms,
    waiting: Waiting,
    used: Waiting,
    places: Mapping[str, Places],
) -> int:
    """Number of the plan, which is stored and is the day's last one from now on."""
    row = {"turn": turn, "day": day, "rule": allocation.rule(terms.policy), "cap": cap, "order": terms.number}
    key = connection.execute(insert(plans), row).inserted_primary_key
    assert key is not None
    number, weights = int(key[0]), terms.weights
    waited, asked = _by_day(waiting), _by_day(used)
    given = [
        {
            "plan": number,
            "tenant": tenant,
            "weight": str(weights.get(tenant, USUAL)),
            "waiting": waited.get(tenant, {}),
            "used": asked.get(tenant, {}),
            **vars(part),
        }
        for tenant, part in places.items()
    ]
    if given:
        connection.execute(insert(allocations), given)
    return number


def last(connection: Connection, day: str) -> int | None:
    """Number of the day's plan in force; None before the first."""
    number = connection.execute(select(func.max(plans.c.plan)).where(plans.c.day == day)).scalar()
    return int(number) if number is not None else None


def is_in_force(connection: Connection, day: str, plan: int) -> bool:
    """Whether this is the day's plan in force and includes the last order."""
    known = connection.execute(select(plans.c.order).where(plans.c.plan == plan)).scalar()
    return known == orders.number(connection) and last(connection, day) == plan


def places_of(connection: Connection, plan: int) -> list[Row]:
    """Each tenant's places in their parts, with the plan's `turn`, `day`, `rule`, `cap`, `order`; by tenant."""
    wanted = select(allocations, plans.c.turn, plans.c.day, plans.c.rule, plans.c.cap, plans.c.order).join(
        plans, plans.c.plan == allocations.c.plan
    )
    found = connection.execute(wanted.where(plans.c.plan == plan).order_by(allocations.c.tenant)).mappings()
    return [dict(row) for row in found]


def places(row: Row) -> Places:
    """The places of one row, in their parts."""
    return Places(**{part: int(row[part]) for part in PARTS})


def policy(row: Row) -> str:
    """The policy of a row's plan."""
    return str(row["rule"]).rpartition("/")[0]


def wanted(row: Row) -> int:
    """Questions that waited for the tenant, and those it had asked on that day."""
    return sum(int(count) for what in ("waiting", "used") for count in row[what].values())


def computed_again(connection: Connection, rows: list[Row]) -> dict[str, Places] | None:
    """A plan's places computed again from the rows of `places_of`; None if another version of the rule made it."""
    if not rows:
        return {}
    name = policy(rows[0])
    if name not in POLICIES or allocation.rule(name) != rows[0]["rule"]:
        return None
    return allocation.allocate(
        _counts(rows, "waiting"),
        int(rows[0]["cap"]),
        day=date.fromisoformat(rows[0]["day"]),
        used=_counts(rows, "used"),
        weights={row["tenant"]: Fraction(row["weight"]) for row in rows},
        policy=name,
        overrides=in_force(connection, up_to=rows[0]["order"]).overrides,
    )


def _by_day(counts: Waiting) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (tenant, since), count in sorted(counts.items()):
        if count:
            found.setdefault(tenant, {})[since.isoformat()] = count
    return found


def _counts(rows: list[Row], what: str) -> Waiting:
    return {(row["tenant"], date.fromisoformat(since)): n for row in rows for since, n in row[what].items()}
