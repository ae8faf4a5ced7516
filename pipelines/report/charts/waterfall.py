"""Draws one record's evidence as a waterfall: the prior, what each field adds or takes, and the total.

A bar begins where the one before it ended; the thin line is even odds, left of which nobody is likelier.
"""

import textwrap
from collections.abc import Sequence
from importlib.resources import files

from markupsafe import Markup, escape

from matching.explanation.model import Explanation, Step
from matching.explanation.words import bits, size

FOR, AGAINST, TOTAL = "#00795A", "#B84A00", "#12304A"
"""Darker than the charts' fills: the signs beside them carry the meaning too."""

WIDTH, ROW, BAR = 760, 40, 10
"""Pixels: of the picture that stands alone, of a step, of its bar."""
HEAD = 46
LINE = 104
"""Most characters of the sentence in one line."""


def chart(name: str, title: str, explained: Explanation, language: str = "vi") -> Markup:
    """The picture for a page: as wide as its place, styled by the page. `name` is its id there."""
    height, steps = ROW * (len(_shown(explained)) + 1), _steps(explained, 0, language)
    return _svg(name, title, explained, steps, height, width="100%", language=language)


def picture(title: str, explained: Explanation) -> Markup:
    """The picture as an SVG file that stands alone, with the sentence of the link above it."""
    reason = textwrap.wrap(explained.reason, LINE)
    top = HEAD + 18 * len(reason)
    height = top + ROW * (len(_shown(explained)) + 1) + 8
    style = files("pipelines.report").joinpath("templates/waterfall.css").read_text(encoding="utf-8")
    parts = [
        Markup("<style>{}</style>").format(Markup(style)),
        Markup('<rect x="-24" width="{}" height="{}" fill="#fff"/>').format(WIDTH, height),
        _text("0", 26, title, "start", "title"),
        *(_text("0", 46 + 18 * number, line, "start", "note") for number, line in enumerate(reason)),
        *_steps(explained, top),
    ]
    return _svg("waterfall", title, explained, parts, height, width=str(WIDTH - 48), alone=True)


def _shown(explained: Explanation) -> list[Step]:
    """The steps that move; what could not be compared is in the list, not in the picture."""
    return [step for step in explained.steps if step.bits]


def _steps(explained: Explanation, top: int, language: str = "vi") -> list[Markup]:
    steps = _shown(explained)
    ends = [0.0, *(step.total for step in explained.steps)]
    low, span = min(ends), (max(ends) - min(ends)) or 1.0
    parts = [
        Markup('<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{y1}" y2="{y2}" class="even"/>').format(
            x=100 * -low / span, y1=top + ROW * number + 19, y2=top + ROW * number + 35
        )
        for number in range(len(steps) + 1)
    ]
    for index, step in enumerate(steps):
        y, before = top + ROW * index, step.total - step.bits
        colour = FOR if step.bits > 0 else AGAINST
        parts.append(_text("0", y + 15, _label(step, language), "start", "label"))
        parts.append(_text("100%", y + 15, bits(step.bits), "end", "value", colour))
        parts.append(_bar((min(before, step.total) - low) / span, y + 22, abs(step.bits) / span, colour))
    y, weight = top + ROW * len(steps), explained.weight or 0.0
    parts.append(_text("0", y + 15, _TOTAL[language], "start", "label"))
    parts.append(_text("100%", y + 15, f"{size(weight)} bit", "end", "value", TOTAL))
    parts.append(_bar((min(weight, 0.0) - low) / span, y + 22, abs(weight) / span, TOTAL))
    return parts


_TOTAL = {"vi": "Tổng cộng", "en": "In all"}


def _label(step: Step, language: str = "vi") -> str:
    """Field and agreement; the field is not said twice."""
    if language == "en":
        return f"{step.title_en.capitalize()}: {step.said_en}"
    if step.said_vi.startswith(step.title_vi.lower()):
        return step.title_vi + step.said_vi[len(step.title_vi) :]
    return f"{step.title_vi}: {step.said_vi}"


def in_words(explained: Explanation, language: str = "vi") -> str:
    """The picture in words, for readers who cannot see it."""
    titles = [step.title_en if language == "en" else step.title_vi for step in _shown(explained)]
    told = [f"{title} {bits(step.bits)}" for title, step in zip(titles, _shown(explained), strict=True)]
    return "; ".join([*told, f"{_TOTAL[language].lower()} {size(explained.weight or 0.0)} bit"])


def _bar(left: float, top: int, share: float, colour: str) -> Markup:
    return Markup('<rect class="bar" x="{:.2f}%" y="{}" width="{:.2f}%" height="{}" fill="{}"/>').format(
        100 * left, top, max(100 * share, 0.3), BAR, colour
    )


def _text(x: str, y: float, text: str, anchor: str, kind: str, ink: str = "") -> Markup:
    fill = Markup(' fill="{}"').format(ink) if ink else Markup("")
    return Markup('<text x="{}" y="{}" text-anchor="{}" class="{}"{}>{}</text>').format(x, y, anchor, kind, fill, text)


def _svg(
    name: str,
    title: str,
    explained: Explanation,
    parts: Sequence[Markup],
    height: int,
    *,
    width: str,
    alone: bool = False,
    language: str = "vi",
) -> Markup:
    # A picture of its own has a margin around what a page gives a margin itself.
    outer = (
        Markup('<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}">').format(WIDTH, height)
        if alone
        else Markup("")
    )
    inner = Markup(
        '<svg class="chart waterfall" role="img"{x} width="{width}" height="{height}" '
        'aria-labelledby="{name}-title {name}-desc"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-desc">{said}</desc>{body}</svg>'
    ).format(
        x=Markup(' x="24" overflow="visible"') if alone else Markup(""),
        width=width,
        height=height,
        name=escape(name),
        title=title,
        said=in_words(explained, language),
        body=Markup("").join(parts),
    )
    return outer + inner + (Markup("</svg>\n") if alone else Markup(""))
