"""Why the night's questions were not all asked, and what comes next: said the same on the page, terminal, in JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

import duckdb

from pipelines.config import TIME_ZONE
from pipelines.report import labels
from pipelines.report.numbers import count, day
from pipelines.workspace import run_schema, run_tables

NOT_ASKED = 4
"""Exit code: the night is whole, but the registry could not be asked."""
UNREACHABLE = ("outage", "refused")
"""Reasons of that; the others are somebody's order, or the cap."""


class Asking(TypedDict):
    """How the night's asking ended."""

    cap: int
    """Cap of the day, as it was in force."""
    stopped_by: str
    """As in the table `asking`."""
    since: str | None
    """From when nothing could be asked, an ISO moment; null where all or the cap was asked."""
    error: str | None
    """The gateway's or the order's own words."""
    told_vi: str | None
    """What the officer should know: why, since when, how much, what comes next. Null where all is as usual."""
    told_en: str | None


_WHY: Mapping[str, tuple[str, str]] = {
    "outage": (
        "Không kết nối được với CSDL quốc gia về dân cư{since}",
        "The registry could not be reached{since}",
    ),
    "refused": (
        "Cổng xác thực từ chối mọi yêu cầu của đơn vị{since} ({error})",
        "The gateway refuses our messages{since} ({error})",
    ),
    "paused": (
        "Việc gửi yêu cầu xác thực đang ngừng theo lệnh{since} ({error})",
        "Asking is paused by order{since} ({error})",
    ),
    "past": ("Đêm này đã qua nên không gửi thêm yêu cầu xác thực nào", "This night is past: nothing more was asked"),
    "taken_over": ("Một tiến trình khác đã nhận việc gửi yêu cầu", "Another worker has taken over the asking"),
}
_NEXT: Mapping[str, tuple[str, str]] = {
    "outage": (
        "Không phải làm gì: đêm sau gửi tiếp, không yêu cầu nào bị mất hay gửi hai lần.",
        "Nothing to do: the next night goes on; no question is lost or asked twice.",
    ),
    "refused": (
        "Kiểm tra mã đơn vị, khóa ký và đồng hồ của máy (SACHSONG_GATEWAY_…), rồi chạy lại: sachsong nightly; "
        "nếu không, đêm sau gửi tiếp.",
        "Check the unit, the secret and this machine's clock (SACHSONG_GATEWAY_…), then: sachsong nightly; "
        "else the next night goes on.",
    ),
    "paused": ("Để gửi tiếp: sachsong queue resume.", "To go on: sachsong queue resume."),
    "past": ("Đêm sau gửi tiếp; vẫn muốn gửi cho đêm này: --ask-past.", "The next night goes on; --ask-past asks now."),
    "taken_over": ("Tiến trình đó gửi tiếp: sachsong queue status.", "That worker goes on: sachsong queue status."),
}


def asking(connection: duckdb.DuckDBPyConnection, asked: int, answered: int, waiting: int) -> Asking:
    """How it ended, with these numbers of questions: sent by this night, answered of these, waiting of all."""
    ended = run_tables.read_table(connection, run_schema.ASKING).to_dicts()[0]
    vi, en = _told(ended, tuple(map(count, (asked, answered, waiting)))) if _is_told(ended, waiting) else (None, None)
    return Asking(
        cap=ended["cap"],
        stopped_by=ended["stopped_by"],
        since=ended["since"],
        error=ended["error"],
        told_vi=vi,
        told_en=en,
    )


def _is_told(ended: Mapping[str, Any], waiting: int) -> bool:
    return ended["stopped_by"] in _WHY and (ended["stopped_by"] != "past" or waiting > 0)


def _told(ended: Mapping[str, Any], numbers: tuple[str, ...]) -> tuple[str, str]:
    sent, heard, wait = numbers
    why, after = _WHY[ended["stopped_by"]], _NEXT[ended["stopped_by"]]
    error = labels.halves((ended["error"] or "—").removeprefix("GatewayRefused: "))
    since = ("", "")
    if ended["since"]:
        moment = datetime.fromisoformat(ended["since"]).astimezone(TIME_ZONE)
        since = (f" từ {moment:%H:%M} ngày {day(moment)}", f" since {moment:%H:%M} on {day(moment)}")
    return (
        f"{why[0].format(since=since[0], error=error[0])}. Đêm nay đã gửi {sent} yêu cầu xác thực, {heard} đã có "
        f"trả lời; còn chờ {wait}. {after[0]}",
        f"{why[1].format(since=since[1], error=error[1] or error[0])}. Tonight {sent} questions were sent, {heard} of "
        f"them answered; {wait} wait. {after[1]}",
    )


def exit_code(told: Asking) -> int:
    """NOT_ASKED if the registry could not be asked, else 0."""
    return NOT_ASKED if told["stopped_by"] in UNREACHABLE else 0
