"""Prints the plan and what-ifs: the days, the tenants, and what another policy costs whom."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.cli.language import say
from pipelines.cli.language import told as translated
from pipelines.cli.show.console import OUT, number, show_json, titled_table
from pipelines.cli.show.tenants import tenant_name
from pipelines.report.numbers import day, decimal

SHOWN = 20
"""Most tenants and days of a table; --json has all."""

NOTHING = "—"
"""Sign for a day without a figure."""

GROUPS = {
    "quiet": "Đơn vị nhỏ (trong mức tối thiểu) / quiet",
    "middle": "Đơn vị vừa / middle",
    "large": "Tồn nhiều nhất / large backlogs",
}


def show_simulation(told: Mapping[str, Any], own_sectors: Path, *, as_json: bool) -> None:
    """Prints each tenant's fate, day by day until the backlog has cleared."""
    if as_json:
        show_json(told)
        return
    span, today = len(told["days"]), say("Như hiện nay", "As it is today")
    heading = say("Giả định", "What if") if "unchanged" in told else today
    OUT.print(
        f"{heading}: {_terms(told)} · {_waits(told, span)} "
        f"({told['quiet_tenants']} {say('đơn vị', 'tenants')}) · Jain {decimal(told['jain'], '.6f')}",
        markup=False,
    )
    if "unchanged" in told:
        now = told["unchanged"]
        OUT.print(f"{today}: {_terms(now)} · {_waits(now, span)}", markup=False)
    OUT.print(_basis_of_now(told["in_force"], told["file"]), markup=False)
    if told["start"]:
        OUT.print(f"{say('Ngày 1 là', 'Day 1 is')} {_date(told['start'])}.", markup=False)
        if not any(each["arrived"] for each in told["days"]):
            OUT.print(
                say(
                    "Các đêm đã qua chưa cho biết mỗi ngày đến thêm bao nhiêu: coi như không có yêu cầu mới; đơn "
                    "vị nào gửi thêm thì chưa tính ở đây.",
                    "No new questions are known from past nights, so none are assumed.",
                ),
                markup=False,
            )
    _show_days(told["days"], told["backlog_clear_day"])
    given = {name: sum(each["allocations"][name] for each in told["days"]) for name in told["clear_day"]}
    largest = sorted(given, key=lambda name: (-given[name], name))
    table = titled_table(
        "Từng đơn vị / tenants", "Đơn vị / tenant", "Gửi được / asked", "Hết tồn đọng ngày thứ / clear on day"
    )
    for name in largest[:SHOWN]:
        table.add_row(tenant_name(name, own_sectors), number(given[name]), _day(told["clear_day"][name], span))
    OUT.print(table)
    _rest(len(largest))
    if "compared" in told:
        _show_compared(told["compared"], span)


def _show_days(days: Sequence[Mapping[str, Any]], clear_day: int | None) -> None:
    table = titled_table(
        "Từng ngày / days", "Ngày / day", "Hạn mức / cap", "Mới đến / arrived", "Đã gửi / charged", "Còn chờ / waiting"
    )
    for each in days[: max(SHOWN, clear_day or 0)]:
        table.add_row(*(number(each[name]) for name in ("day", "cap", "arrived", "charged", "waiting")))
    OUT.print(table)


def _show_compared(rows: Sequence[Mapping[str, Any]], span: int) -> None:
    table = titled_table(
        "So với cách chia mặc định hoặc đang dùng: ai được, ai thiệt / beside the default policy or the one in force",
        "Nhóm / group", "Cách chia / policy", "Đơn vị / tenants", "Hết tồn đọng ngày thứ (trung bình) / mean clear day",
        "Chưa hết / uncleared", "Chờ lâu nhất (ngày) / longest wait",
    )  # fmt: skip
    table.columns[1].no_wrap = True
    for group, title in GROUPS.items():
        for row in rows:
            if row["group"] == group and row["tenants"]:
                mean, uncleared = row["mean_clear_day"], row["uncleared"]
                nobody = f"> {span}" if uncleared else NOTHING
                table.add_row(
                    translated(title),
                    row["policy"],
                    number(row["tenants"]),
                    nobody if mean is None else decimal(mean, ".2f"),
                    number(uncleared),
                    number(row["max_wait"]),
                )
    OUT.print(table)


def show_plan(told: Mapping[str, Any], own_sectors: Path, *, as_json: bool) -> None:
    """Prints when the last question of each tenant is answered, the largest backlog first."""
    if as_json:
        show_json(told)
        return
    from pipelines.report.charts import burndown

    OUT.print(
        f"{say('Từ', 'From')} {_date(told['start'])} · {say('hạn mức', 'cap')} {number(told['cap'])} · "
        f"{say('đang chờ', 'waiting')} {number(told['waiting'])} · "
        f"{say('hết tồn đọng', 'clear')} {_date(told['clears_on'])} ({_date(told['earliest'])} – "
        f"{_date(told['latest'])}) · {say('cách chia', 'policy')} {told['policy']}"
        + "".join(f" · {say('trọng số', 'weight')} {tenant} {weight}" for tenant, weight in told["weights"].items()),
        markup=False,
    )
    OUT.print(say(burndown.basis(told), _basis_en(told)), markup=False)
    if not told["tenants"]:
        return
    table = titled_table(
        "Khi nào hết tồn đọng / when each tenant is done",
        "Đơn vị / tenant", "Đang chờ / waiting", "Sớm nhất / earliest", "Dự kiến / likely", "Muộn nhất / latest",
    )  # fmt: skip
    for row in told["tenants"][:SHOWN]:
        dates = (_date(row[name]) for name in ("earliest", "clears_on", "latest"))
        table.add_row(tenant_name(row["tenant"], own_sectors), number(row["waiting"]), *dates)
    OUT.print(table)
    _rest(len(told["tenants"]))


def show_why(told: Mapping[str, Any], *, as_json: bool) -> None:
    """Prints the sentences, one a line."""
    if as_json:
        show_json(told)
        return
    for sentence in told["sentences"]:
        OUT.print(f"• {say(sentence['vi'], sentence['en'])}", markup=False)


def _terms(told: Mapping[str, Any]) -> str:
    """Policy and cap, as both lines of a what-if begin."""
    least, most, closed = (told["cap"][name] for name in ("least", "most", "closed"))
    span = number(most) if least == most else f"{number(least)}–{number(most)}"
    shut = say(f", {number(closed)} ngày không gửi được", f", {number(closed)} days without") if closed else ""
    return say(
        f"cách chia {told['policy']}, hạn mức {span} mỗi ngày{shut}",
        f"policy {told['policy']}, cap {span} a day{shut}",
    )


def _basis_of_now(in_force: Mapping[str, Any], file: str | None) -> str:
    """Where «as it is today» comes from."""
    source = {
        "order": say("theo lệnh đang có hiệu lực", "by the order in force"),
        "night": say("như đêm gần nhất", "as on the last night"),
        "settings": say("mặc định, chưa có lệnh nào và chưa chạy đêm nào", "the default: no order and no night yet"),
    }[in_force["cap_from"]]
    cap = number(in_force["cap"])
    if file is None:
        return say(
            f"Hiện nay là hàng chờ thật, hạn mức {cap} ({source}).", f"Today is the real queue, cap {cap} ({source})."
        )
    return say(
        f"Hiện nay là các đơn vị và trọng số của tệp «{file}», hạn mức {cap} ({source}).",
        f"Today is the tenants and weights of the file «{file}», cap {cap} ({source}).",
    )


def _waits(told: Mapping[str, Any], span: int) -> str:
    day, longest, quiet = _day(told["backlog_clear_day"], span), told["max_wait"], told["quiet_max_wait"]
    return say(
        f"hết tồn đọng vào ngày thứ {day} · chờ lâu nhất {longest} ngày · đơn vị nhỏ chờ {quiet}",
        f"backlog clear on day {day} · longest wait {longest} days · quiet tenants wait {quiet}",
    )


def _basis_en(told: Mapping[str, Any]) -> str:
    if told["nights_drawn_from"]:
        return f"The band: {told['futures']} futures drawn from {told['nights_drawn_from']} past nights."
    return "Too few past nights: new questions are assumed to be from none to a quarter of the cap."


def _rest(tenants: int) -> None:
    if tenants > SHOWN:
        more = tenants - SHOWN
        OUT.print(say(f"… và {more} đơn vị khác, xem --json.", f"… and {more} more, see --json."), markup=False)


def _day(value: int | None, span: int) -> str:
    return f"> {span}" if value is None else number(value) if value else NOTHING


def _date(text: str | None) -> str:
    return day(date.fromisoformat(text)) if text else NOTHING
