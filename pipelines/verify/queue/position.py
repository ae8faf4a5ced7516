"""Explains a question's position in the queue: what goes before it in its tenant, and its points part by part."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.verify import priority
from pipelines.workspace.state import opened, reading, require_workspace
from pipelines.workspace.state_tables import WAITING, questions, tenant_days

_TOLD = (
    *("request_id", "sector", "tenant", "state", "reason", "result", "value", *priority.PARTS),
    *("enqueued_on", "reserved_on", "asked_on", "charged_on", "cancelled_on", "lease_token"),
)


def explain_position(settings: Settings, request_id: str) -> dict[str, Any]:
    """The state and position of the question with this request code, ready for JSON, without personal data.

    Its `state` and days, its points (`value` = `likely` + `urgent` + `unblocks`); while it waits also `place` in its
    tenant, counted from 1, of those before it `older` (enqueued on an earlier day), `dearer` (same day, more points)
    and `same` (same points, the request code decides); `places_left` of the tenant on the day, and `comes_today`.
    Errors: BadInput if nobody asks such a question.
    """
    require_workspace(settings)
    with opened(settings) as engine, reading(engine) as connection:
        wanted = select(*(questions.c[name] for name in _TOLD)).where(questions.c.request_id == request_id)
        row = connection.execute(wanted).mappings().one_or_none()
        if row is None:
            raise BadInput(
                "no_question",
                f"Không có yêu cầu xác thực «{request_id}» trong hàng chờ; lấy mã từ verifications.parquet "
                "/ no such question.",
            )
        told = dict(row)
        return told | (_place(connection, settings, told) if told["state"] == "waiting" else {})


def _place(connection: Connection, settings: Settings, told: dict[str, Any]) -> dict[str, Any]:
    day, value = questions.c.enqueued_on, questions.c.value
    since, points = told["enqueued_on"], told["value"]
    older = day < since
    dearer = (day == since) & (value > points)
    same = (day == since) & (value == points) & (questions.c.request_id < told["request_id"])
    before = {"older": _count(connection, told, older), "dearer": _count(connection, told, dearer)}
    before["same"] = _count(connection, told, same)
    today = (tenant_days.c.day == settings.night.isoformat(), tenant_days.c.tenant == told["tenant"])
    left = connection.execute(select(tenant_days.c.places - tenant_days.c.reserved).where(*today)).scalar()
    place = sum(before.values()) + 1
    return {"place": place, **before, "places_left": max(0, left or 0), "comes_today": place <= (left or 0)}


def _count(connection: Connection, told: dict[str, Any], which: ColumnElement[bool]) -> int:
    among = select(func.count()).select_from(questions).where(WAITING, questions.c.tenant == told["tenant"], which)
    return int(connection.execute(among).scalar_one())
