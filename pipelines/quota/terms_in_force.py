"""Reads the terms by which places are shared, as ordered: cap, policy, weights, deadlines; now or at a plan's time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from pipelines.quota import orders
from pipelines.quota.allocation import DEFAULT, USUAL, Override

Order = Mapping[str, Any]
"""A row of the table orders."""
_SAID = ("given_by", "given_at", "reason")


@dataclass(frozen=True)
class Terms:
    """The terms that hold after the orders up to one of them."""

    number: int
    """Number of the last of these orders; 0 if there was none."""
    last: Mapping[tuple[str, str], Order]
    """Kind and tenant (none for a policy) → the order that holds."""

    def cap(self, default: int) -> int:
        """The cap that was ordered last; `default` if none ever was."""
        order = self.order(orders.CAP)
        return int(order["detail"]["cap"]) if order else default

    @property
    def policy(self) -> str:
        """Name of the policy, one of allocation.POLICIES."""
        order = self.order(orders.POLICY)
        return str(order["detail"]["policy"]) if order else DEFAULT

    @property
    def weights(self) -> dict[str, Fraction]:
        """Weights by tenant, except the usual one."""
        said = {tenant: Fraction(order["detail"]["weight"]) for tenant, order in self._of(orders.WEIGHT).items()}
        return {tenant: weight for tenant, weight in said.items() if weight != USUAL}

    @property
    def overrides(self) -> list[Override]:
        """The deadlines that go before the policy: each tenant's last one. Those whose day is over are among them."""
        return [
            Override(
                tenant=tenant,
                deadline=date.fromisoformat(order["detail"]["deadline"]),
                limit=Fraction(order["detail"]["limit"]),
                by=order["given_by"],
                reason=order["reason"],
            )
            for tenant, order in self._of(orders.OVERRIDE).items()
        ]

    def order(self, kind: str, tenant: str = "") -> Order | None:
        """The order of this kind that holds; None if none was ever given."""
        return self.last.get((kind, tenant))

    def ready_for_json(self) -> dict[str, Any]:
        """The terms ready for JSON: `policy`, `policy_order` (who, when, why; null if it is the default unordered),
        `weights`.
        """
        ordered = self.order(orders.POLICY)
        return {
            "policy": self.policy,
            "policy_order": signature(ordered) if ordered else None,
            "weights": [
                {"tenant": tenant, "weight": str(weight), **signature(self.last[orders.WEIGHT, tenant])}
                for tenant, weight in self.weights.items()
            ],
        }

    def _of(self, kind: str) -> dict[str, Order]:
        return {tenant: order for (each, tenant), order in sorted(self.last.items()) if each == kind}


def in_force(connection: Connection, up_to: int | None = None) -> Terms:
    """The terms that hold, or that held when the order `up_to` was the last one."""
    # One statement, so that the number is that of the last order among just these.
    rows = orders.orders_of(connection, *orders.SHARING)
    known = [row for row in rows if up_to is None or row["order"] <= up_to]
    return Terms(
        number=known[-1]["order"] if known else 0,
        last={(row["kind"], row["detail"].get("tenant", "")): row for row in known},
    )


def signature(order: Order) -> dict[str, str]:
    """The author, the time and the reason of an order."""
    return {name: order[name] for name in _SAID}
