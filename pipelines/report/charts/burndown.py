"""Draws the plan: how many of today's questions still wait at the end of each day, with a band, until all are answered.

`plan` is what `sachsong queue plan --json` says; the picture knows nothing of how it was computed.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from typing import Any

import duckdb
from markupsafe import Markup, escape

from pipelines.report.charts.svg import NIGHT_LABELS
from pipelines.report.numbers import count, day, short_day
from pipelines.workspace import run_schema, run_tables

Plan = Mapping[str, Any]

LINE, BAND, NEW, CLEAR = "#0B5C93", "#B9D4E8", "#5B6770", "#00795A"
"""The likely course, what is as possible, what waits with new questions, and the day of the last answer."""

HEIGHT, TOP, BOTTOM = 230, 26, 186
"""Pixels: of the chart, down to the highest value, down to zero."""
LEFT, RIGHT = 13.0, 96.0
"""Where the first and the last day stand, in percent of the width."""
WIDTH, HEAD = 760, 62
"""Pixels: of the picture that stands alone, and of its title above the chart."""


def read_plan(connection: duckdb.DuckDBPyConnection) -> Plan | None:
    """The plan that the hop `verify` made after the night's last question; None where it was not run."""
    if not run_tables.has_table(connection, run_schema.PLAN):
        return None
    plan: Plan = json.loads(run_tables.read_table(connection, run_schema.PLAN)["plan"].item())
    return plan


def when(plan: Plan | None) -> dict[str, str]:
    """Tenant → when its questions will be answered, as the page's table says it."""
    if plan is None:
        return {}
    return {row["tenant"]: _when(row["clears_on"], row["latest"], plan["days"]) for row in plan["tenants"]}


def _when(likely: str | None, latest: str | None, days: int) -> str:
    if likely is None:
        return f"sau {days} ngày"
    if latest is None or latest == likely:
        return _date(likely) + ("" if latest else " hoặc muộn hơn")
    return f"{_date(likely)}, muộn nhất {short_day(date.fromisoformat(latest))}"


def chart(plan: Plan) -> Markup:
    """The picture for a page: as wide as its place, styled by the page."""
    return _svg(plan, _drawn(plan, 0), HEIGHT, "100%")


def picture(plan: Plan) -> Markup:
    """The picture as an SVG file that stands alone."""
    style = files("pipelines.report").joinpath("templates/burndown.css").read_text(encoding="utf-8")
    height = HEAD + HEIGHT + 8
    parts = [
        Markup("<style>{}</style>").format(Markup(style)),
        Markup('<rect x="-24" width="{}" height="{}" fill="#fff"/>').format(WIDTH, height),
        _text("0", 26, TITLE, "start", "title"),
        _text("0", 48, f"{summary(plan)} Đường đứt: kể cả yêu cầu mới.", "start", "note"),
        *_drawn(plan, HEAD),
    ]
    inner = _svg(plan, parts, height, str(WIDTH - 48), place=Markup(' x="24" overflow="visible"'))
    return Markup('<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}">{}</svg>\n').format(
        WIDTH, height, inner
    )


TITLE = "Dự kiến hàng chờ giảm dần"


def summary(plan: Plan) -> str:
    """One sentence: how many wait and when the last of them is answered."""
    waiting = count(plan["waiting"])
    if not plan["waiting"]:
        return "Không còn yêu cầu nào chờ."
    if plan["clears_on"] is None:
        return f"{waiting} yêu cầu đang chờ; chưa xong trong {plan['days']} ngày."
    latest = f"muộn nhất {_date(plan['latest'])}" if plan["latest"] else f"có thể quá {plan['days']} ngày"
    return f"{waiting} yêu cầu đang chờ; yêu cầu cuối có trả lời ngày {_date(plan['clears_on'])} ({latest})."


def basis(plan: Plan) -> str:
    """One sentence: the arrivals that the band is drawn from, and the policy where one was ordered."""
    return " ".join(filter(None, (_band(plan), _terms(plan))))


def _terms(plan: Plan) -> str:
    """Nothing where all is as it is by default."""
    said = [f"cách chia «{plan['policy']}»"] if not plan["policy_is_default"] else []
    said += [f"trọng số của «{tenant}» là {weight}" for tenant, weight in plan["weights"].items()]
    return f"Theo lệnh: {', '.join(said)}." if said else ""


def _band(plan: Plan) -> str:
    daily = count(plan["daily"])
    if plan["nights_drawn_from"]:
        return (
            f"Khoảng dự kiến: {plan['futures']} kịch bản rút từ {plan['nights_drawn_from']} đêm đã qua, trung bình "
            f"{daily} yêu cầu mới mỗi ngày."
        )
    return (
        "Chưa đủ số đêm để biết mỗi ngày đến thêm bao nhiêu: giả định từ 0 đến một phần tư hạn mức, trung bình "
        f"{daily} yêu cầu."
    )


def _drawn(plan: Plan, top: int) -> list[Markup]:
    points = plan["burn_down"]
    peak = _peak(points)
    parts = []
    for step in range(5):
        y = top + BOTTOM - (BOTTOM - TOP) * step / 4
        parts.append(Markup('<line x1="{}%" x2="100%" y1="{}" y2="{}" class="grid"/>').format(LEFT, y, y))
        parts.append(_text(f"{LEFT - 1.5}%", y + 4, count(peak * step // 4), "end", "tick"))
    parts.append(_area(points, peak, top))
    parts += _labels(points, top + BOTTOM + 20)
    if plan["clears_on"]:
        parts += _mark(plan["clears_on"], points, top)
    return parts


def _area(points: Sequence[Mapping[str, Any]], peak: int, top: int) -> Markup:
    """Band and line. In a box of its own, whose units are days and questions: only the strokes keep their width."""
    last = max(1, len(points) - 1)
    high = [(n, peak - each["high"]) for n, each in enumerate(points)]
    low = [(n, peak - each["low"]) for n, each in enumerate(points)]
    line = [(n, peak - each["middle"]) for n, each in enumerate(points)]
    new = [(n, peak - each["with_new"]) for n, each in enumerate(points)]
    return Markup(
        '<svg x="{x}%" y="{y}" width="{w}%" height="{h}" viewBox="0 0 {days} {peak}" preserveAspectRatio="none" '
        'overflow="visible"><polygon points="{band}" fill="{fill}"/><polyline points="{new}" fill="none" '
        'stroke="{grey}" stroke-width="1.5" stroke-dasharray="6 5" vector-effect="non-scaling-stroke"/>'
        '<polyline points="{line}" fill="none" stroke="{stroke}" stroke-width="2.5" '
        'vector-effect="non-scaling-stroke"/></svg>'
    ).format(
        x=LEFT, y=top + TOP, w=RIGHT - LEFT, h=BOTTOM - TOP, days=last, peak=peak,
        band=_points([*high, *reversed(low)]), line=_points(line), new=_points(new), fill=BAND, stroke=LINE, grey=NEW,
    )  # fmt: skip


def _mark(clears_on: str, points: Sequence[Mapping[str, Any]], top: int) -> list[Markup]:
    at = next((n for n, each in enumerate(points) if n and each["date"] == clears_on), None)
    if at is None:
        return []
    x, anchor = _across(at, len(points)), "end" if 2 * at >= len(points) else "start"
    title = f"Hết phần đang chờ: {_date(clears_on)}"
    return [
        Markup(
            '<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{y1}" y2="{y2}" stroke="{c}" stroke-width="1.5" '
            'stroke-dasharray="4 4"/><circle cx="{x:.2f}%" cy="{y2}" r="4" fill="{c}" class="dot"/>'
        ).format(x=x, y1=top + TOP - 6, y2=top + BOTTOM, c=CLEAR),
        _text(f"{x:.2f}%", top + TOP - 12, title, anchor, "value", CLEAR),
    ]


def _labels(points: Sequence[Mapping[str, Any]], y: float) -> list[Markup]:
    every = -(-len(points) // NIGHT_LABELS)
    shown = [(n, each) for n, each in enumerate(points) if n % every == 0]
    return [
        _text(
            f"{_across(n, len(points)):.2f}%",
            y,
            short_day(date.fromisoformat(each["date"])) if n else "nay",
            "middle",
            "tick",
        )
        for n, each in shown
    ]


def _across(index: int, points: int) -> float:
    return LEFT + (RIGHT - LEFT) * index / max(1, points - 1)


def _peak(points: Sequence[Mapping[str, Any]]) -> int:
    """The next 4, 8 or 20 times a power of ten, so that the quarters of the scale are whole numbers."""
    highest, size = max(max(each["high"], each["with_new"]) for each in points), 4
    while size < highest:
        size = size * 5 // 2 if str(size)[0] == "8" else size * 2
    return size


def _points(points: Sequence[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _date(text: str) -> str:
    return day(date.fromisoformat(text))


def _text(x: str, y: float, text: str, anchor: str, kind: str, ink: str = "") -> Markup:
    fill = Markup(' fill="{}"').format(ink) if ink else Markup("")
    return Markup('<text x="{}" y="{:.1f}" text-anchor="{}" class="{}"{}>{}</text>').format(
        x, y, anchor, kind, fill, escape(text)
    )


def _svg(plan: Plan, parts: Sequence[Markup], height: int, width: str, place: Markup | None = None) -> Markup:
    said = "; ".join(
        f"{short_day(date.fromisoformat(each['date']))} {count(each['middle'])} ({count(each['low'])}–"
        f"{count(each['high'])})"
        for each in plan["burn_down"][1:]
    )
    return Markup(
        '<svg class="chart" role="img"{x} width="{width}" height="{height}" '
        'aria-labelledby="burndown-title burndown-desc"><title id="burndown-title">{title}</title>'
        '<desc id="burndown-desc">{summary} {said}</desc>{body}</svg>'
    ).format(
        x=place or Markup(""),
        width=width,
        height=height,
        title=TITLE,
        summary=summary(plan),
        said=said,
        body=Markup("").join(parts),
    )
