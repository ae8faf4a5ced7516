"""Gives a human's order: checks it, stores it, and tells what it costs the others."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.quota import orders, tenants, terms_in_force
from pipelines.quota.allocation import POLICIES, Override, costs, weight_of
from pipelines.quota.allocation.override import MOST
from pipelines.quota.allocation.sentences import Sentence
from pipelines.sectors import custom
from pipelines.workspace import persons, state
from pipelines.workspace.state import require_workspace


@dataclass(frozen=True)
class Signed:
    """The person who gives an order, when and why."""

    by: str
    at: datetime
    reason: str
    role: str | None = None
    """Role of the account that `by` was proven to bear; None if the name was only typed."""


def plain(settings: Settings, kind: str, signed: Signed, detail: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The order of a cap, of a pause or of its end, as it was stored; ready for JSON, as all of these.

    Errors: BadInput if there is no workspace, or nobody or no reason is named.
    """
    with _opened(settings) as connection:
        return _kept(connection, settings, kind, signed, detail or {}, [])


def policy(settings: Settings, name: str, signed: Signed) -> dict[str, Any]:
    """The order of a policy as it was stored, with `costs`: places are shared by it from the next time that they are
    given.

    Errors: BadInput, as above, or if there is no such policy.
    """
    if name not in POLICIES:
        known = ", ".join(POLICIES)
        raise BadInput("bad_policy", f"Không có cách chia «{name}»: chọn {known} / no such policy, choose {known}.")
    with _opened(settings) as connection:
        return _kept(connection, settings, orders.POLICY, signed, {"policy": name}, costs.of_policy(name))


def weight(settings: Settings, tenant: str, text: str, signed: Signed) -> dict[str, Any]:
    """The order of a tenant's weight as it was stored; it holds from the next time that places are given, 1 takes an
    earlier one back.

    Errors: BadInput, as above, or if it is no weight, or nobody can be called so.
    """
    try:
        exact = weight_of(text)
    except ValueError as fault:
        raise BadInput("bad_weight", f"{fault}.") from None
    detail = {"tenant": tenant, "weight": str(exact)}
    with _opened(settings) as connection:
        tenants.require(connection, tenant, custom.titles(settings.sectors_directory))
        told = costs.of_weight(exact, terms_in_force.in_force(connection).policy)
        return _kept(connection, settings, orders.WEIGHT, signed, detail, told)


def deadline(settings: Settings, tenant: str, until: date, limit: Fraction, signed: Signed) -> dict[str, Any]:
    """The order of a tenant's deadline as it was stored: until that day it goes before the policy, with at most this
    share of the cap; a past day ends it.

    Errors: BadInput, as above, or if the limit is not possible, or nobody can be called so.
    """
    try:
        Override(tenant, until, limit, signed.by, signed.reason)
    except ValueError as fault:
        raise BadInput(
            "bad_override",
            f"Cần --by, --reason và --percent lớn hơn 0, nhiều nhất {100 * MOST} / who, why and a limit are needed.",
        ) from fault
    detail = {"tenant": tenant, "deadline": until.isoformat(), "limit": str(limit)}
    with _opened(settings) as connection:
        tenants.require(connection, tenant, custom.titles(settings.sectors_directory))
        return _kept(connection, settings, orders.OVERRIDE, signed, detail, costs.of_deadline())


@contextmanager
def _opened(settings: Settings) -> Iterator[Connection]:
    require_workspace(settings)
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        yield connection


def _kept(
    connection: Connection,
    settings: Settings,
    kind: str,
    signed: Signed,
    detail: Mapping[str, Any],
    told: Sequence[Sentence],
) -> dict[str, Any]:
    noted = {"approval": settings.approval, "role": signed.role}
    words: dict[str, Any] = {"by": signed.by, "at": signed.at, "reason": signed.reason, "noted": noted}
    if settings.approval == "two" and kind in orders.SHARING:
        persons.require_proof(connection, settings, signed.role)
        kept = orders.propose(connection, kind, detail=dict(detail), **words)
    else:
        kept = orders.write(connection, settings.night, kind, detail=dict(detail), **words)
    return {**kept, "costs": [asdict(sentence) for sentence in told]}
