"""Draws small SVG charts that need no script, no network and no fixed width.

Across, everything is in percent of the width and down in pixels, so that text keeps its size on a phone and on
paper. Each chart has a title and a description for screen readers; the page puts the numbers in a table beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from pipelines.report.numbers import count, percent

SEGMENT_LABEL_AT = 0.09
"""Least share of a segment with a label; on a smaller one the text would not fit on a phone."""

BAR = 26
ROW = 58


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar."""

    title: str
    value: int
    colour: str
    ink: str


@dataclass(frozen=True)
class Bar:
    """One ranked bar: `value` sets the length, `note` is what stands at its end."""

    title: str
    value: int
    note: str


@dataclass(frozen=True)
class Line:
    """One measure over the nights; `values` has one place for each night, None where it was not measured."""

    title: str
    values: Sequence[float | None]
    colour: str
    dash: str = ""


def stacked_bars(name: str, title: str, description: str, rows: Sequence[tuple[str, Sequence[Segment]]]) -> Markup:
    """One bar of full width for each row, cut into the shares of its segments."""
    parts = []
    for index, (label, segments) in enumerate(rows):
        top = index * ROW
        total = sum(segment.value for segment in segments)
        parts.append(_text("0", top + 16, label, "start", "label"))
        parts.append(_text("100%", top + 16, f"{count(total)} hồ sơ", "end", "note"))
        parts += _segments(segments, total, top + 24)
    return _svg(name, title, description, ROW * len(rows), parts)


def ranked_bars(name: str, title: str, description: str, bars: Sequence[Bar], colour: str) -> Markup:
    """One bar for each row, the longest as wide as the chart."""
    longest = max((bar.value for bar in bars), default=0) or 1
    parts = []
    for index, bar in enumerate(bars):
        top = index * 40
        parts.append(_text("0", top + 14, bar.title, "start", "label"))
        parts.append(_text("100%", top + 14, bar.note, "end", "note"))
        parts.append(_rect(0, top + 21, bar.value / longest, 9, colour, f"{bar.title}: {bar.note}"))
    return _svg(name, title, description, 40 * len(bars), parts)


def meter(share: float, colour: str) -> Markup:
    """A small bar for a share of 0–1, to stand in a table cell beside its number; hidden from screen readers."""
    return Markup(
        '<svg class="meter" width="100%" height="6" aria-hidden="true" focusable="false">'
        '<rect width="100%" height="6" rx="3" fill="#E3E8ED"/>'
        '<rect width="{width}%" height="6" rx="3" fill="{colour}"/></svg>'
    ).format(width=f"{100 * share:.2f}", colour=colour)


def line_chart(
    name: str, title: str, description: str, nights: Sequence[str], lines: Sequence[Line], *, shares: bool
) -> Markup:
    """One line a measure over the nights, left to right, from zero; the last value is written at its point.

    Units: values are shares 0–1 if `shares`, else counts.
    """
    height, top, bottom = 210, 18, 176
    peak = 1.0 if shares else _round_up(max((v for line in lines for v in line.values if v is not None), default=1))
    parts = []
    for step in range(5):
        y = bottom - (bottom - top) * step / 4
        scale = percent(step / 4, 0) if shares else count(round(peak * step / 4))
        parts.append(Markup('<line x1="{}%" x2="100%" y1="{}" y2="{}" class="grid"/>').format(LEFT, y, y))
        parts.append(_text(f"{LEFT - 1.5}%", y + 4, scale, "end", "tick"))
    parts += _night_labels(nights, bottom + 20)
    for line in lines:
        parts += _line(line, peak, top, bottom, shares)
    parts += _last_values(lines, peak, top, bottom, shares)
    return _svg(name, title, description, height, parts)


LEFT = 13.0
RIGHT = 91.0
"""Position of the last night, in percent of the width; LEFT is that of the first."""

NIGHT_LABELS = 6

DOTTED_NIGHTS = 10
"""Most nights with a dot each; with more, only the last value has one: a row of dots would hide the line."""


LABEL_HEIGHT = 14.0
"""Pixels between the last values of two lines."""


def _line(line: Line, peak: float, top: int, bottom: int, shares: bool) -> list[Markup]:
    points = [
        (_across(index, len(line.values)), bottom - (bottom - top) * value / peak, value)
        for index, value in enumerate(line.values)
        if value is not None
    ]
    parts = [
        Markup(
            '<line x1="{:.2f}%" y1="{:.1f}" x2="{:.2f}%" y2="{:.1f}" stroke="{}" stroke-width="2.5" '
            'stroke-linecap="round" stroke-dasharray="{}"/>'
        ).format(x1, y1, x2, y2, line.colour, line.dash)
        for (x1, y1, _), (x2, y2, _) in pairwise(points)
    ]
    dots = points if len(points) <= DOTTED_NIGHTS else points[-1:]
    for x, y, value in dots:
        shown = percent(value) if shares else count(round(value))
        parts.append(
            Markup(
                '<circle cx="{:.2f}%" cy="{:.1f}" r="4" fill="{}" class="dot"><title>{}: {}</title></circle>'
            ).format(x, y, line.colour, line.title, shown)
        )
    return parts


def _last_values(lines: Sequence[Line], peak: float, top: int, bottom: int, shares: bool) -> list[Markup]:
    """Each line's last value beside its point, one below the other where the points are close."""
    ends = [
        (bottom - (bottom - top) * value / peak, value, line.colour)
        for line in lines
        for value in [value for value in line.values if value is not None][-1:]
    ]
    parts, above = [], 11.0 - LABEL_HEIGHT
    for y, value, colour in sorted(ends):
        above = max(y - 9, above + LABEL_HEIGHT)
        shown = percent(value) if shares else count(round(value))
        parts.append(_text("100%", above, shown, "end", "value", colour))
    return parts


def _night_labels(nights: Sequence[str], y: float) -> list[Markup]:
    every = -(-len(nights) // NIGHT_LABELS)
    last = len(nights) - 1
    return [
        _text(f"{_across(index, len(nights)):.2f}%", y, night, "middle", "tick")
        for index, night in enumerate(nights)
        if (last - index) % every == 0
    ]


def _across(index: int, nights: int) -> float:
    return RIGHT if nights == 1 else LEFT + 4 + (RIGHT - LEFT - 4) * index / (nights - 1)


def _segments(segments: Sequence[Segment], total: int, top: int) -> list[Markup]:
    parts, left = [], 0.0
    for segment in segments:
        share = segment.value / total if total else 0.0
        if segment.value:
            hint = f"{segment.title}: {count(segment.value)} ({percent(share)})"
            parts.append(_rect(left, top, share, BAR, segment.colour, hint, "segment"))
        if share >= SEGMENT_LABEL_AT:
            middle = f"{100 * (left + share / 2):.2f}%"
            parts.append(_text(middle, top + 18, percent(share, 0), "middle", "inside", segment.ink))
        left += share
    return parts


def _round_up(value: float) -> float:
    """The next 2, 4 or 8 times a power of ten (from 4), so that the quarters of the scale are whole numbers."""
    size = 4.0
    while size < value:
        size *= 2.5 if str(int(size))[0] == "8" else 2
    return size


def _rect(left: float, top: float, share: float, height: int, colour: str, hint: str, kind: str = "bar") -> Markup:
    title = Markup("<title>{}</title>").format(hint) if hint else Markup("")
    return Markup('<rect class="{}" x="{:.3f}%" y="{}" width="{:.3f}%" height="{}" fill="{}">{}</rect>').format(
        kind, 100 * left, top, 100 * share, height, colour, title
    )


def _text(x: str, y: float, text: str, anchor: str, kind: str, ink: str = "") -> Markup:
    fill = Markup(' fill="{}"').format(ink) if ink else Markup("")
    return Markup('<text x="{}" y="{:.1f}" text-anchor="{}" class="{}"{}>{}</text>').format(
        x, y, anchor, kind, fill, text
    )


def _svg(name: str, title: str, description: str, height: int, parts: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="chart" role="img" width="100%" height="{height}" aria-labelledby="{name}-title {name}-desc">'
        '<title id="{name}-title">{title}</title><desc id="{name}-desc">{description}</desc>{body}</svg>'
    ).format(name=escape(name), height=height, title=title, description=description, body=Markup("").join(parts))
