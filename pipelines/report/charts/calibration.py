"""Draws `probability` beside how often it was right, as an SVG file that stands alone.

Left the tenths of the scale against the diagonal, right its top tenth by nines (90 % · 99 % · 99,9 %), where most
records lie; below a table with the numbers. A point above the diagonal is cautious, one below over-confident.
"""

import math
from collections.abc import Callable, Sequence
from importlib.resources import files

from markupsafe import Markup, escape

from matching.evaluation.calibration import Calibration, Part
from pipelines.report.numbers import count, decimal, percent

KEEPS, BREAKS, QUIET = "#00795A", "#B84A00", "#5B6770"
"""Colours of a part that keeps its word, one that does not, and of what is only counted."""

WIDTH, TOP, SIDE = 960, 96, 340
"""Pixels: of the picture, down to the panels, of a panel."""
LEFT, RIGHT = 76, 552
"""Where the two panels begin."""
ROW = 22
MOST_NINES = 5.0
"""End of the right panel: one error in 100,000."""
COLUMNS = (
    (40, "start", "Khoảng / from – to"),
    (300, "end", "Đề xuất / proposals"),
    (420, "end", "Dự báo / stated"),
    (540, "end", "Đúng / observed"),
    (720, "end", "95%"),
    (850, "end", "Lệch / points"),
)

TENTH_TICKS = (0, 0.2, 0.4, 0.6, 0.8, 1)
NINES_TICKS = (0, 0.9, 0.99, 0.999, 0.9999)

Scale = Callable[[float], float]
"""A function from a share to its position along the panel, 0–1."""


def chart(measured: Calibration) -> Markup:
    """The picture as SVG text."""
    title, said = "Xác suất dự báo và tỷ lệ đúng thực tế", _said(measured)
    parts = [
        _text(24, 30, title, "start", "title"),
        _text(
            24, 50, "Calibration: stated probability against observed precision, 95 % Wilson intervals", "start", "en"
        ),
        _text(24, 70, said, "start", "note"),
        *_panel(LEFT, "Mười khoảng đều / tenths", measured["tenths"], _share, TENTH_TICKS),
        *_panel(RIGHT, "Khoảng trên cùng theo số chín / top, by nines", measured["top"], _nines, NINES_TICKS),
        *_table([*measured["tenths"], *measured["top"]]),
    ]
    height = _table_top() + ROW * (len(measured["tenths"]) + len(measured["top"])) + 48
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" width="{w}" height="{h}" '
        'viewBox="0 0 {w} {h}" aria-labelledby="calibration-title calibration-desc">'
        '<title id="calibration-title">{title}</title><desc id="calibration-desc">{said}</desc>'
        '<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>{body}</svg>\n'
    ).format(w=WIDTH, h=height, title=title, said=said, style=_style(), body=Markup("").join(parts))


def _style() -> Markup:
    return Markup(files("pipelines.report").joinpath("templates/calibration.css").read_text(encoding="utf-8"))


def _said(measured: Calibration) -> str:
    error, gap = measured["expected_error"], measured["largest_gap"]
    if error is None or gap is None:
        return "Không có đề xuất nào / no proposals"
    verdict = "đạt / kept" if measured["within"] else "chưa đạt / not kept"
    return (
        f"{count(measured['records'])} đề xuất / proposals · lệch bình quân / expected error {points(error)} · "
        f"lệch lớn nhất / largest gap {points(gap)} · {verdict}"
    )


def points(value: float) -> str:
    """A difference in points with a decimal comma: 0,43."""
    return decimal(value, ".2f")


def _share(value: float) -> float:
    return value


def _nines(value: float) -> float:
    """0 at 0, 0.2 at 90 %, 0.4 at 99 %, …, 1 from one error in 100,000 on."""
    return min(1.0, -math.log10(max(1 - value, 10**-MOST_NINES)) / MOST_NINES)


def _panel(left: int, title: str, parts: Sequence[Part], scale: Scale, ticks: Sequence[float]) -> list[Markup]:
    bottom = TOP + 24 + SIDE
    drawn = [_text(left, TOP + 8, title, "start", "label")]
    for tick in ticks:
        x, y = left + SIDE * scale(tick), bottom - SIDE * scale(tick)
        drawn += [_line(left, y, left + SIDE, y, "grid"), _line(x, bottom, x, bottom - SIDE, "grid")]
        shown = decimal(100 * tick) + "%"
        drawn += [_text(left - 8, y + 4, shown, "end", "tick"), _text(x, bottom + 18, shown, "middle", "tick")]
    drawn.append(_line(left, bottom, left + SIDE, bottom - SIDE, "diagonal"))
    drawn.append(_text(left + SIDE, bottom + 36, "dự báo / stated →", "end", "tick"))
    drawn.append(_text(left + 8, TOP + 40, "↑ đúng / observed", "start", "tick"))
    for part in parts:
        drawn += _point(part, left, bottom, scale)
    return drawn


def _point(part: Part, left: int, bottom: int, scale: Scale) -> list[Markup]:
    stated, observed = part["stated"], part["observed"]
    share, low, high = observed["share"], observed["low"], observed["high"]
    if stated is None or share is None or low is None or high is None:
        return []
    x, colour = left + SIDE * scale(stated), KEEPS if part["within"] else BREAKS
    y, y_low, y_high = (bottom - SIDE * scale(value) for value in (share, low, high))
    hint = f"{_range(part)}: {percent(stated, 2)} → {percent(share, 2)} ({count(part['records'])})"
    caps = [_line(x - 5, end, x + 5, end, "bar", colour) for end in (y_low, y_high)]
    dot = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3.5" fill="{}" class="dot"><title>{}</title></circle>')
    return [_line(x, y_low, x, y_high, "bar", colour), *caps, dot.format(x, y, colour, hint)]


def _table(parts: Sequence[Part]) -> list[Markup]:
    top = _table_top()
    drawn = [_text(x, top, title, anchor, "head") for x, anchor, title in COLUMNS]
    for place, part in enumerate(parts, 1):
        y = top + ROW * place + 2
        colour = QUIET if part["within"] is None else KEEPS if part["within"] else BREAKS
        drawn += [
            _text(x, y, cell, anchor, "cell", colour) for (x, anchor, _), cell in zip(COLUMNS, cells(part), strict=True)
        ]
    return drawn


def cells(part: Part) -> tuple[str, str, str, str, str, str]:
    """A part as cells of text: its limits, proposals, stated, observed, interval, difference with a tick or a cross."""
    stated, observed, difference = part["stated"], part["observed"], part["difference"]
    share, low, high = observed["share"], observed["low"], observed["high"]
    if stated is None or share is None or low is None or high is None or difference is None:
        return (_range(part), "0", "—", "—", "—", "")
    sign = "+" if difference > 0 else ""
    return (
        _range(part),
        count(part["records"]),
        percent(stated, 2),
        percent(share, 2),
        f"{percent(low, 2)} – {percent(high, 2)}",
        f"{sign}{points(difference)} {'✓' if part['within'] else '✗'}",
    )


def _range(part: Part) -> str:
    return f"{decimal(100 * part['low'])} – {decimal(100 * part['high'])}%"


def _table_top() -> int:
    return TOP + 24 + SIDE + 76


def _line(x1: float, y1: float, x2: float, y2: float, kind: str, colour: str = "") -> Markup:
    stroke = Markup(' stroke="{}"').format(colour) if colour else Markup("")
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"{}/>').format(
        x1, y1, x2, y2, kind, stroke
    )


def _text(x: float, y: float, text: str, anchor: str, kind: str, ink: str = "") -> Markup:
    fill = Markup(' fill="{}"').format(ink) if ink else Markup("")
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" class="{}"{}>{}</text>').format(
        x, y, anchor, kind, fill, escape(text)
    )
