"""Prints the queue (live while somebody asks), a question's position with its reasons, and orders."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipelines.cli.language import say, told_whole
from pipelines.cli.language import told as translated
from pipelines.cli.output_stream import end_with_terminal, is_lost
from pipelines.cli.show.console import OUT, number, show_json, titled_table
from pipelines.cli.show.tenants import tenant_name
from pipelines.report.numbers import day, decimal

if TYPE_CHECKING:
    from pipelines.verify.worker.options import TurnResult

QUESTION_STATES = {
    "waiting": "chờ / waiting",
    "reserved": "giữ lượt / reserved",
    "asked": "đang gửi / asked",
    "answered": "đã trả lời / answered",
    "cancelled": "hủy / cancelled",
}
STOPPED_BY = {
    "empty": "hết hàng chờ / nothing left to ask",
    "cap": "hết hạn mức / cap used up",
    "outage": "đường truyền ngắt / the line was down",
    "past": "đêm đã qua, không gửi / a past night asks nothing",
    "paused": "có lệnh ngừng / paused by order",
    "closed": "hết giờ gửi / out of hours",
    "refused": "cổng xác thực không nhận yêu cầu / the gateway refused the message",
    "taken_over": "tiến trình khác đã nhận việc / taken over by another worker",
}
ORDERS = {
    "cap": "hạn mức / cap",
    "pause": "ngừng gửi / pause",
    "resume": "gửi tiếp / resume",
    "policy": "cách chia / policy",
    "weight": "trọng số / weight",
    "override": "ưu tiên có hạn / deadline",
}
PARTS = {
    "floor": "tối thiểu / floor",
    "aged": "chờ lâu / aged",
    "size": "theo số tồn / size",
    "override": "ưu tiên / order",
    "left_over": "phần lẻ / left over",
    "earlier": "đã dùng / used",
}
"""Parts of a tenant's places, with their names; `queue why` tells them in sentences."""


def show_queue(status: Mapping[str, Any], own_sectors: Path, *, as_json: bool) -> None:
    """Prints the queue, the cap, the workers and each tenant, by the titles of sectors, also of custom ones."""
    if as_json:
        show_json(status)
        return
    states = status["states"]
    for line in _lines(status):
        OUT.print(line, markup=False)
    OUT.print(
        " · ".join(f"{translated(title)} {number(states[name])}" for name, title in QUESTION_STATES.items()),
        markup=False,
    )
    OUT.print(_tenants(status, own_sectors))


def watch(look: Callable[[], Mapping[str, Any]], every_s: float) -> None:
    """Prints the queue without the tenants again and again, until Ctrl-C or nobody looks any more."""
    end_with_terminal()
    with Live(console=OUT, auto_refresh=False) as live:
        while not is_lost(sys.stdout):
            live.update(_live(look()), refresh=True)
            try:
                time.sleep(every_s)
            except KeyboardInterrupt:
                return


def show_place(told: Mapping[str, Any], own_sectors: Path, *, as_json: bool) -> None:
    """A question's state and points; while it waits, what goes before it."""
    if as_json:
        show_json(told)
        return
    OUT.print(
        f"{say('Yêu cầu', 'Question')} {told['request_id']} · {tenant_name(told['tenant'], own_sectors)}", markup=False
    )
    days = {"enqueued_on": "vào hàng / in", "asked_on": "gửi / asked", "charged_on": "tính vào ngày / charged to"}
    when = " · ".join(f"{translated(title)} {_date(told[name])}" for name, title in days.items() if told[name])
    state = translated(QUESTION_STATES[told["state"]]) + (f" ({told['reason']})" if told["reason"] else "")
    OUT.print(f"{state} · {when}", markup=False)
    OUT.print(
        f"{say('Điểm', 'Points')} {told['value']} = {say('khả năng khớp', 'likely')} {told['likely']} + "
        f"{say('cấp thiết', 'urgent')} {told['urgent']} + "
        f"{say('gỡ vướng cho hồ sơ khác', 'unblocks')} {told['unblocks']}",
        markup=False,
    )
    if "place" not in told:
        return
    place, older, dearer, same, left = (
        number(told[name]) for name in ("place", "older", "dearer", "same", "places_left")
    )
    OUT.print(
        say(
            f"Đứng thứ {place} trong đơn vị: {older} yêu cầu chờ lâu hơn, {dearer} cùng ngày nhiều điểm hơn, "
            f"{same} cùng điểm có mã đứng trước.",
            f"Place {place} within the tenant: {older} have waited longer, {dearer} of the same day have more points, "
            f"{same} with as many points have an earlier request.",
        ),
        markup=False,
    )
    comes = "sẽ được gửi hôm nay / it is asked today" if told["comes_today"] else "chờ ngày khác / it waits for another"
    has_left = say(f"Đơn vị còn {left} lượt hôm nay", f"The tenant has {left} places left today")
    OUT.print(f"{has_left}: {translated(comes)}.", markup=False)


def show_order(kept: Mapping[str, Any], *, as_json: bool) -> None:
    """Prints the order as it was stored, and what it costs the others."""
    if as_json:
        show_json(kept)
        return
    what = " ".join(
        [translated(ORDERS[kept["kind"]]), *(_detail(name, value) for name, value in kept["detail"].items())]
    )
    if "proposal" in kept:
        waits = say("Chờ người thứ hai phê duyệt", "Waits for a second person")
        OUT.print(f"{waits}: sachsong rules approve {kept['proposal']} --by …", markup=False)
    mark = "…" if "proposal" in kept else "✓"
    OUT.print(f"{mark} {what} · {kept['given_by']} · {_moment(kept['given_at'])} · {kept['reason']}", markup=False)
    for sentence in kept["costs"]:
        OUT.print(f"• {say(sentence['vi'], sentence['en'])}", markup=False)
    if kept["kind"] in ("policy", "weight"):
        asked = say("Xem ai được, ai thiệt", "Who gains, who loses")
        OUT.print(f"{asked}: sachsong queue simulate", style="dim", markup=False)


def _detail(name: str, value: Any) -> str:
    if name == "deadline":
        return _date(value)
    if name == "limit":
        return f"{decimal(float(100 * Fraction(value)))} %"
    return number(value) if isinstance(value, int) else str(value)


def _date(text: str) -> str:
    return day(date.fromisoformat(text))


def _moment(text: str) -> str:
    """A time of the queue's, which is Việt Nam's."""
    return f"{_date(text[:10])} {text[11:19]}"


def show_ended(ended: "TurnResult", *, as_json: bool) -> None:
    """Prints what a worker did, and why it stopped."""
    if as_json:
        show_json(asdict(ended))
        return
    OUT.print(
        f"{say('Đã gửi', 'Asked')} {number(ended.asked)}, {say('đã trả lời', 'settled')} {number(ended.settled)}: "
        f"{translated(STOPPED_BY[ended.stopped_by])}" + (f" · {told_whole(ended.error)}" if ended.error else ""),
        markup=False,
    )


def _lines(line: Mapping[str, Any]) -> list[str]:
    told = [
        f"{say('Ngày', 'Day')} {_date(line['day'])} · {say('hạn mức', 'cap')} {number(line['cap'])} · "
        f"{say('đã dùng', 'used')} {number(line['used'])} · {say('còn', 'left')} {number(line['left'])}"
        + (f" · {say('chờ cơ quan quản lý trả lời', 'pending')} {number(line['pending'])}" if line["pending"] else "")
    ]
    if line["paused"]:
        order = line["paused"]
        told.append(f"{say('ĐANG NGỪNG', 'PAUSED')}: {_ordered(order)}")
    told += _terms(line)
    for worker in line["workers"]:
        told.append(
            f"{say('Đang gửi', 'Asking')}: {worker['worker']} · {say('từ', 'since')} {worker['begun_at'][11:19]} · "
            f"{say('đã xong', 'settled')} {number(worker['settled'])} · {_rate(worker['rate_per_s'])}"
        )
    last = line["last_turn"]
    if line["workers"]:
        left = (
            f" · {say('còn khoảng', 'done in about')} {_duration(line['eta_s'])}" if line["eta_s"] is not None else ""
        )
        told.append(f"{say('Tốc độ', 'Rate')} {_rate(line['rate_per_s'])}{left}")
    elif last:
        why = translated(STOPPED_BY.get(last["stopped_by"], "bị ngắt / cut off"))
        told.append(f"{say('Đợt gửi gần nhất', 'Last turn')} {_date(last['day'])} {last['seen_at'][11:19]}: {why}")
    if line["last_error"]:
        told.append(f"{say('Lỗi gần nhất', 'Last error')}: {told_whole(line['last_error'])}")
    return told


def _terms(line: Mapping[str, Any]) -> list[str]:
    """Only what was ordered: the default needs no line."""
    told = []
    if order := line["policy_order"]:
        told.append(f"{say('Cách chia', 'Policy')} {line['policy']}: {_ordered(order)}")
    for each in line["weights"]:
        told.append(f"{say('Trọng số', 'Weight')} {each['tenant']} = {each['weight']}: {_ordered(each)}")
    return told


def _ordered(order: Mapping[str, Any]) -> str:
    return f"{order['given_by']}, {_moment(order['given_at'])}: {order['reason']}"


def _rate(per_s: float) -> str:
    return f"{decimal(per_s)} {say('yêu cầu/giây', 'questions/s')}"


def _live(line: Mapping[str, Any]) -> Group:
    waiting, in_flight = number(line["waiting"]), number(line["in_flight"])
    counts = say(f"Chờ {waiting} · đang gửi {in_flight}", f"Waiting {waiting} · in flight {in_flight}")
    bar = ProgressBar(total=max(line["cap"], 1), completed=line["charged"], width=60)
    return Group(*(Text(told) for told in (*_lines(line), counts)), bar)


def _tenants(status: Mapping[str, Any], own_sectors: Path) -> Table:
    table = titled_table(
        "Từng đơn vị / tenants",
        "Đơn vị / tenant",
        "Chờ / waiting",
        "Chờ từ / since",
        "Đã trả lời / answered",
        "Gửi hôm nay / asked today",
        "Được cấp (từng phần) / given (by part)",
    )
    for row in status["tenants"]:
        parts = " + ".join(f"{translated(title)} {number(row[part])}" for part, title in PARTS.items() if row[part])
        table.add_row(
            tenant_name(row["tenant"], own_sectors),
            number(row["waiting"] or 0),
            _date(row["waiting_since"]) if row["waiting_since"] else "",
            *(number(row[name] or 0) for name in ("answered", "charged_today")),
            number(row["allocated_today"]) + (f" ({parts})" if parts else ""),
        )
    return table


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    hour, minute, second = say("giờ", "h"), say("phút", "min"), say("giây", "s")
    if hours:
        return f"{hours} {hour} {minutes} {minute}"
    return f"{minutes} {minute} {rest} {second}" if minutes else f"{rest} {second}"
