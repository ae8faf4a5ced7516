"""Why a tenant got its places: the stored allocation of a day, told in sentences."""

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection

from pipelines import state
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.verify import orders, queue
from pipelines.verify.share import PARTS, Places
from pipelines.verify.share.words import Granted, why

_NAMED = 8
"""Tenants that a message names."""


def explained(settings: Settings, tenant: str) -> dict[str, Any]:
    """The tenant's places on the day `settings.night`, ready for JSON.

    Shape: `day`, `tenant`, `rule`, `cap`, `wanted`, `places`, its `parts`, and `sentences` with `vi` and `en`.
    Errors: BadInput if there is no workspace, the day has no allocation, or the tenant is not in it.
    """
    if settings.state_url is None and not settings.workspace.is_dir():
        raise BadInput(
            "no_workspace",
            f"Không có thư mục làm việc «{settings.workspace}»; hãy chạy: sachsong nightly / no such workspace.",
        )
    with state.opened(settings) as engine, state.reading(engine) as connection:
        granted, rule = _granted(connection, settings.night, tenant)
    return {
        "day": granted.day.isoformat(),
        "tenant": tenant,
        "rule": rule,
        "cap": granted.cap,
        "wanted": granted.wanted,
        "places": granted.places.total,
        "parts": vars(granted.places),
        "sentences": [asdict(sentence) for sentence in why(granted)],
    }


def _granted(connection: Connection, day: date, tenant: str) -> tuple[Granted, str]:
    plan = queue.plan_in_force(connection, day.isoformat())
    if plan is None:
        raise BadInput(
            "no_places",
            f"Ngày {day:%d/%m/%Y} chưa chia chỗ; chọn ngày khác bằng --night NĂM-THÁNG-NGÀY hoặc chạy: sachsong "
            "nightly / no places were given on that day.",
        )
    rows = {row["tenant"]: row for row in queue.places_of(connection, plan)}
    if tenant not in rows:
        known = ", ".join([*sorted(rows)[:_NAMED], "…"] if len(rows) > _NAMED else sorted(rows))
        raise BadInput(
            "no_tenant",
            f"«{tenant}» không có câu nào chờ trong ngày {day:%d/%m/%Y}; các đơn vị có / tenants of that day: {known}.",
        )
    row = rows[tenant]
    found = Granted(
        tenant=tenant,
        day=day,
        policy=str(row["rule"]).rpartition("/")[0],
        cap=int(row["cap"]),
        places=_places(row),
        wanted=int(row["waiting"]) + int(row["used"]),
        tenants=len(rows),
        all_places=sum(_places(each).total for each in rows.values()),
        override=next((each for each in orders.overrides(connection) if each.tenant == tenant), None),
    )
    return found, str(row["rule"])


def _places(row: Any) -> Places:
    return Places(**{part: int(row[part]) for part in PARTS})
