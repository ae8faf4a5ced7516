"""Chooses the charts of the page, with their titles and their texts for a reader who cannot see them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from markupsafe import Markup

from pipelines.report import labels
from pipelines.report.charts import svg
from pipelines.report.charts.svg import Bar, Line, Segment
from pipelines.report.figures import Figures
from pipelines.report.numbers import count, percent, short_day

VERIFIED, TO_MEND, NEUTRAL = "#00795A", "#B84A00", "#0B5C93"
"""Darker than the bars' colours: thin lines and text need a contrast of 4.5 on white."""

GOOD, FAIR = 0.98, 0.90
"""Where a meter's colour changes; the number stands beside it, so colour is never alone."""

SHOWN_NIGHTS = 30


def statuses(by_sector: pl.DataFrame, titles: Mapping[str, str]) -> Markup:
    """One stacked bar for each sector of `titles` (by name), in their order, by group of status."""
    grouped = by_sector.with_columns(labels.titles_of(by_sector["status"], labels.group_of_status).alias("group"))
    totals = grouped.group_by("sector", "group").agg(pl.col("records").sum())
    counts = {(row["sector"], row["group"]): row["records"] for row in totals.to_dicts()}
    rows = [
        (
            title,
            [Segment(g.title_vi, counts.get((sector, g.code), 0), g.colour, g.ink) for g in labels.groups()],
        )
        for sector, title in titles.items()
    ]
    said = "; ".join(_said(title, segments) for title, segments in rows)
    return svg.stacked_bars("statuses", "Tình trạng hồ sơ theo ngành", said, rows)


def provinces(most: pl.DataFrame) -> Markup:
    """The provinces with most records to mend."""
    bars = [
        Bar(
            row["province"] or "Không rõ tỉnh",
            row["needs_work"],
            f"{count(row['needs_work'])} / {count(row['records'])} ({percent(row['share'])})",
        )
        for row in most.to_dicts()
    ]
    said = "; ".join(f"{bar.title}: {bar.note}" for bar in bars)
    return svg.ranked_bars("provinces", "Tỉnh/thành phố có nhiều hồ sơ cần xử lý nhất", said, bars, NEUTRAL)


def trend(night: date, tonight: Figures, past: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Two line charts over the nights up to this one: shares of records, and questions.

    Nights after this one are left out, so that an old report written again is the same.
    """
    shown = _nights(night, tonight, past)
    days = [short_day(day) for day, _ in shown]
    rows = [figures for _, figures in shown]
    return {
        "nights": len(shown),
        "shares": _lines(
            "trend-shares",
            "Tỷ lệ hồ sơ đã xác thực và cần xử lý qua các đêm",
            days,
            [
                Line("Đã xác thực đúng", [_share(row, _verified(row)) for row in rows], VERIFIED),
                Line("Cần xử lý", [_share(row, row.get("needs_work")) for row in rows], TO_MEND, "6 5"),
            ],
            shares=True,
        ),
        "questions": _lines(
            "trend-questions",
            "Số yêu cầu xác thực đã gửi và còn chờ qua các đêm",
            days,
            [
                Line("Đã gửi trong đêm", [row.get("asked") for row in rows], NEUTRAL),
                Line("Còn chờ", [row.get("waiting") for row in rows], TO_MEND, "6 5"),
            ],
            shares=False,
        ),
    }


def trend_by_sector(
    night: date, tonight: Figures, past: Sequence[Mapping[str, Any]], titles: Mapping[str, str]
) -> list[tuple[str, Markup]]:
    """For each sector of `titles` its title and a line chart: shares of its records over the nights up to this one."""
    shown = _nights(night, tonight, past)
    days = [short_day(day) for day, _ in shown]
    charts = []
    for sector, title in titles.items():
        rows = [figures.get("sectors", {}).get(sector, {}) for _, figures in shown]
        lines = [
            Line("Đã xác thực đúng", [_share(row, row.get("verified")) for row in rows], VERIFIED),
            Line("Cần xử lý", [_share(row, row.get("needs_work")) for row in rows], TO_MEND, "6 5"),
        ]
        name = f"{title}: tỷ lệ hồ sơ đã xác thực và cần xử lý qua các đêm"
        charts.append((title, _lines(f"trend-{sector}", name, days, lines, shares=True)))
    return charts


def _nights(night: date, tonight: Figures, past: Sequence[Mapping[str, Any]]) -> list[tuple[date, Mapping[str, Any]]]:
    """The figures of the nights up to this one, oldest first, no more than are shown."""
    earlier = [
        (date.fromisoformat(each["night"]), each["figures"]) for each in past if each["night"] < night.isoformat()
    ]
    return [*earlier, (night, tonight)][-SHOWN_NIGHTS:]


def meter(share: float) -> Markup:
    """A small bar, coloured by how good the share is."""
    colour = VERIFIED if share >= GOOD else "#E69F00" if share >= FAIR else "#D55E00"
    return svg.meter(share, colour)


def _lines(name: str, title: str, days: Sequence[str], lines: Sequence[Line], *, shares: bool) -> Markup:
    said = "; ".join(
        f"{line.title}: " + ", ".join(_point(day, value, shares) for day, value in zip(days, line.values, strict=True))
        for line in lines
    )
    return svg.line_chart(name, title, said, days, lines, shares=shares)


def _point(day: str, value: float | None, shares: bool) -> str:
    if value is None:
        return f"{day} không đo"
    return f"{day} {percent(value) if shares else count(round(value))}"


def _verified(figures: Mapping[str, Any]) -> int:
    return int(figures.get("by_status", {}).get("verified", 0))


def _share(figures: Mapping[str, Any], part: int | None) -> float | None:
    records = figures.get("records")
    return part / records if records and part is not None else None


def _said(title: str, segments: Sequence[Segment]) -> str:
    parts = ", ".join(f"{segment.title} {count(segment.value)}" for segment in segments if segment.value)
    return f"{title}: {parts}"
