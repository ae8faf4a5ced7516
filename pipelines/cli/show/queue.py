"""What a person sees of the queue: where it stands, live while somebody asks; why a question has its place; orders."""

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

from pipelines.cli.output_stream import end_with_terminal, is_lost
from pipelines.cli.show.console import OUT, number, show_json, titled_table
from pipelines.quota.tenant_names import called
from pipelines.report.numbers import day, decimal

if TYPE_CHECKING:
    from pipelines.verify.worker.options import Ended

QUESTION_STATES = {
    "waiting": "chờ / waiting",
    "reserved": "giữ chỗ / reserved",
    "asked": "đang hỏi / asked",
    "answered": "đã trả lời / answered",
    "cancelled": "hủy / cancelled",
}
STOPPED_BY = {
    "empty": "hết hàng chờ / nothing left to ask",
    "cap": "hết hạn mức / cap used up",
    "outage": "đường truyền ngắt / the line was down",
    "past": "đêm đã qua, không hỏi / a past night asks nothing",
    "paused": "có lệnh ngừng / paused by order",
    "closed": "hết giờ hỏi / out of hours",
    "refused": "cổng không nhận thư / the gateway refused the message",
    "taken_over": "tiến trình khác đã nhận việc / taken over by another worker",
}
ORDERS = {
    "cap": "hạn mức / cap",
    "pause": "ngừng hỏi / pause",
    "resume": "hỏi tiếp / resume",
    "policy": "cách chia / policy",
    "weight": "trọng số / weight",
    "override": "ưu tiên có hạn / deadline",
}
PARTS = {
    "floor": "sàn",
    "aged": "lâu",
    "size": "cỡ",
    "override": "lệnh",
    "left_over": "lẻ",
    "earlier": "đã dùng",
}
"""Of a tenant's places; `queue why` tells them in sentences."""


def show_queue(status: Mapping[str, Any], own_sectors: Path, *, as_json: bool) -> None:
    """The queue, the cap, who asks, and each tenant, by the titles of sectors, also of those of one's own."""
    if as_json:
        show_json(status)
        return
    states = status["states"]
    for line in _lines(status):
        OUT.print(line, markup=False)
    OUT.print(" · ".join(f"{title} {number(states[name])}" for name, title in QUESTION_STATES.items()), markup=False)
    OUT.print(_tenants(status, own_sectors))


def watch(look: Callable[[], Mapping[str, Any]], every_s: float) -> None:
    """The same without the tenants, again and again, until Ctrl-C or nobody looks any more."""
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
    from pipelines.sectors import custom

    OUT.print(
        f"Câu hỏi / question {told['request_id']} · {called(told['tenant'], custom.titles(own_sectors))}", markup=False
    )
    days = {"enqueued_on": "vào hàng / in", "asked_on": "hỏi / asked", "charged_on": "tính vào ngày / charged to"}
    when = " · ".join(f"{title} {_date(told[name])}" for name, title in days.items() if told[name])
    state = QUESTION_STATES[told["state"]] + (f" ({told['reason']})" if told["reason"] else "")
    OUT.print(f"{state} · {when}", markup=False)
    OUT.print(
        f"Điểm / points {told['value']} = khả năng khớp / likely {told['likely']} + người đang đợi / urgent "
        f"{told['urgent']} + gỡ cho hồ sơ khác / unblocks {told['unblocks']}",
        markup=False,
    )
    if "place" not in told:
        return
    OUT.print(
        f"Đứng thứ / place {number(told['place'])} trong đơn vị: {number(told['older'])} câu chờ lâu hơn / older, "
        f"{number(told['dearer'])} câu cùng ngày nhiều điểm hơn / more points, {number(told['same'])} câu cùng điểm "
        "có mã trước / same points.",
        markup=False,
    )
    comes = "sẽ được hỏi hôm nay / is asked today" if told["comes_today"] else "chờ ngày khác / waits for another day"
    OUT.print(f"Đơn vị còn / tenant has left {number(told['places_left'])} chỗ hôm nay: {comes}.", markup=False)


def show_order(kept: Mapping[str, Any], *, as_json: bool) -> None:
    """The order as it was kept, and what it costs the others."""
    if as_json:
        show_json(kept)
        return
    what = " ".join([ORDERS[kept["kind"]], *(_detail(name, value) for name, value in kept["detail"].items())])
    OUT.print(f"✓ {what} · {kept['given_by']} · {_moment(kept['given_at'])} · {kept['reason']}", markup=False)
    for sentence in kept["costs"]:
        OUT.print(f"• {sentence['vi']}", markup=False)
        OUT.print(f"  {sentence['en']}", style="dim", markup=False)
    if kept["kind"] in ("policy", "weight"):
        OUT.print("Xem ai được, ai mất / who gains, who loses: sachsong queue simulate", style="dim", markup=False)


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


def show_ended(ended: "Ended", *, as_json: bool) -> None:
    """What a worker did, and why it stopped."""
    if as_json:
        show_json(asdict(ended))
        return
    OUT.print(
        f"Đã hỏi / asked {number(ended.asked)}, đã trả lời / settled {number(ended.settled)}: "
        f"{STOPPED_BY[ended.stopped_by]}" + (f" · {ended.error}" if ended.error else ""),
        markup=False,
    )


def _lines(line: Mapping[str, Any]) -> list[str]:
    told = [
        f"Ngày / day {_date(line['day'])} · hạn mức / cap {number(line['cap'])} · "
        f"đã dùng / used {number(line['used'])} · còn / left {number(line['left'])}"
        + (f" · chờ cơ quan xét / pending {number(line['pending'])}" if line["pending"] else "")
    ]
    if line["paused"]:
        order = line["paused"]
        told.append(f"ĐANG NGỪNG / paused: {order['given_by']}, {_moment(order['given_at'])}: {order['reason']}")
    told += _terms(line)
    for worker in line["workers"]:
        told.append(
            f"Đang hỏi / asking: {worker['worker']} · từ / since {worker['begun_at'][11:19]} · đã xong / settled "
            f"{number(worker['settled'])} · {decimal(worker['rate_per_s'])} câu/s"
        )
    last = line["last_turn"]
    if line["workers"]:
        left = f" · còn khoảng / about {_duration(line['eta_s'])}" if line["eta_s"] is not None else ""
        told.append(f"Tốc độ / rate {decimal(line['rate_per_s'])} câu/s{left}")
    elif last:
        why = STOPPED_BY.get(last["stopped_by"], "bị ngắt / cut off")
        told.append(f"Lượt gần nhất / last turn {_date(last['day'])} {last['seen_at'][11:19]}: {why}")
    if line["last_error"]:
        told.append(f"Lỗi gần nhất / last error: {line['last_error']}")
    return told


def _terms(line: Mapping[str, Any]) -> list[str]:
    """Only what was ordered: the default needs no line."""
    told = []
    if order := line["policy_order"]:
        told.append(
            f"Cách chia / policy {line['policy']}: {order['given_by']}, {_moment(order['given_at'])}: {order['reason']}"
        )
    for each in line["weights"]:
        told.append(
            f"Trọng số / weight {each['tenant']} = {each['weight']}: {each['given_by']}, {_moment(each['given_at'])}: "
            f"{each['reason']}"
        )
    return told


def _live(line: Mapping[str, Any]) -> Group:
    counts = f"Chờ / waiting {number(line['waiting'])} · đang gửi / in flight {number(line['in_flight'])}"
    bar = ProgressBar(total=max(line["cap"], 1), completed=line["charged"], width=60)
    return Group(*(Text(told) for told in (*_lines(line), counts)), bar)


def _tenants(status: Mapping[str, Any], own_sectors: Path) -> Table:
    from pipelines.sectors import custom

    titles = custom.titles(own_sectors)
    table = titled_table(
        "Từng đơn vị / tenants", "Đơn vị", "Chờ", "Chờ từ", "Đã trả lời", "Hỏi hôm nay", "Được cấp (từng phần)"
    )
    for row in status["tenants"]:
        parts = " + ".join(f"{title} {number(row[part])}" for part, title in PARTS.items() if row[part])
        table.add_row(
            called(row["tenant"], titles),
            number(row["waiting"] or 0),
            _date(row["waiting_since"]) if row["waiting_since"] else "",
            *(number(row[name] or 0) for name in ("answered", "charged_today")),
            number(row["allocated_today"]) + (f" ({parts})" if parts else ""),
        )
    return table


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} giờ {minutes} phút" if hours else f"{minutes} phút {rest} giây" if minutes else f"{rest} giây"
