"""Explains a tenant's places of a day, from the stored allocation, in sentences."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.quota import day_plan, orders, terms_in_force
from pipelines.quota.allocation import USUAL
from pipelines.quota.allocation.sentences import Grant, Sentence, why
from pipelines.workspace import state
from pipelines.workspace.state import require_workspace

_NAMED = 8
"""Tenants that a message names."""


def explain_places(settings: Settings, tenant: str) -> dict[str, Any]:
    """The tenant's places on the day `settings.night`, explained, ready for JSON.

    Shape: `day`, `tenant`, `rule`, `cap`, `policy` and `weight` with the orders that they follow from (`policy_order`,
    `weight_order`: who, when, why; null if nobody ordered it), `wanted`, `places`, its `parts`, `computed_again`
    (whether the whole plan comes out the same from what was stored; null if another version of the rule made it), and
    `sentences` with `vi` and `en`.
    Errors: BadInput if there is no workspace, the day has no allocation, or the tenant is not in it.
    """
    require_workspace(settings)
    with state.opened(settings) as engine, state.reading(engine) as connection:
        rows = _rows(connection, settings.night, tenant)
        granted = _granted(connection, rows, tenant)
        again = day_plan.computed_again(connection, list(rows.values()))
    is_same = None if again is None else again == {name: day_plan.places(row) for name, row in rows.items()}
    return {
        "day": granted.day.isoformat(),
        "tenant": tenant,
        "rule": str(rows[tenant]["rule"]),
        "cap": granted.cap,
        "policy": granted.policy,
        "policy_order": granted.policy_order,
        "weight": str(granted.weight),
        "weight_order": granted.weight_order,
        "wanted": granted.wanted,
        "places": granted.places.total,
        "parts": vars(granted.places),
        "computed_again": is_same,
        "sentences": [asdict(sentence) for sentence in (*why(granted), _CHECKED[is_same])],
    }


_CHECKED = {
    True: Sentence(
        "Tính lại cả ngày từ số liệu đã lưu: ra đúng như vậy.",
        "The whole day was computed again from what was stored: the same.",
    ),
    False: Sentence(
        "CẢNH BÁO: tính lại từ số liệu đã lưu thì ra khác; cần kiểm tra cơ sở dữ liệu trạng thái.",
        "WARNING: computed again from what was stored it differs; the state database must be examined.",
    ),
    None: Sentence(
        "Không tính lại được: một phiên bản khác của cách chia đã chia hạn mức ngày này.",
        "Not computed again: another version of the rule shared this day.",
    ),
}


def _rows(connection: Connection, day: date, tenant: str) -> dict[str, day_plan.Row]:
    number = day_plan.last(connection, day.isoformat())
    if number is None:
        raise BadInput(
            "no_places",
            f"Ngày {day:%d/%m/%Y} chưa chia hạn mức; chọn ngày khác bằng --night NĂM-THÁNG-NGÀY hoặc chạy: sachsong "
            "nightly / no places were given on that day.",
        )
    rows = {row["tenant"]: row for row in day_plan.places_of(connection, number)}
    if tenant not in rows:
        known = ", ".join([*sorted(rows)[:_NAMED], "…"] if len(rows) > _NAMED else sorted(rows))
        raise BadInput(
            "no_tenant",
            f"«{tenant}» không có yêu cầu nào chờ trong ngày {day:%d/%m/%Y}; các đơn vị có "
            f"/ tenants of that day: {known}.",
        )
    return rows


def _granted(connection: Connection, rows: Mapping[str, day_plan.Row], tenant: str) -> Grant:
    row = rows[tenant]
    held = terms_in_force.in_force(connection, up_to=row["order"])
    weights = {name: Fraction(each["weight"]) for name, each in rows.items()}
    by_policy, by_weight = held.order(orders.POLICY), held.order(orders.WEIGHT, tenant)
    return Grant(
        tenant=tenant,
        day=date.fromisoformat(row["day"]),
        policy=day_plan.policy(row),
        cap=int(row["cap"]),
        places=day_plan.places(row),
        wanted=day_plan.wanted(row),
        tenants=len(rows),
        all_places=sum(day_plan.places(each).total for each in rows.values()),
        override=next((each for each in held.overrides if each.tenant == tenant), None),
        policy_order=terms_in_force.signature(by_policy) if by_policy else None,
        weight=weights[tenant],
        weight_order=terms_in_force.signature(by_weight) if by_weight else None,
        all_weights=sum(weights.values(), Fraction(0)) if set(weights.values()) != {USUAL} else None,
    )
