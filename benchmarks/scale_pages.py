"""What benchmarks/link_scale.py found, for people: docs/scale.svg and docs/profile-link.md."""

import cProfile
import pstats
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PLOT, PROFILE = ROOT / "docs" / "scale.svg", ROOT / "docs" / "profile-link.md"
PACKAGES = ("matching", "vn")
SHOWN, OFTEN = 26, 1_000
"""Functions in the table; calls from which a function is named as one that Python calls often."""

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 760, 420, 70, 60, 50
_LINES = {"prepare": ("registry prepared (once)", "#1d4e89"), "night": ("the night's link", "#b3432b"),
          "one_percent": ("link of 1 % of the records", "#2d7d46")}  # fmt: skip


def draw(found: dict[str, Any]) -> None:
    """Write docs/scale.svg: people against processor seconds, which others' use of the machine changes least."""
    runs = found["runs"]
    most = max(run["people"] for run in runs)
    longest = max(run[name]["processor_seconds"] for run in runs for name in _LINES) * 1.1

    def at(people: float, seconds: float) -> tuple[float, float]:
        across = _LEFT + people / most * (_WIDTH - _LEFT - 40)
        return round(across, 1), round(_HEIGHT - _BOTTOM - seconds / longest * (_HEIGHT - _BOTTOM - _TOP), 1)

    (x0, y0), (x1, y1) = at(0, 0), at(most, longest)
    marks = [
        _text(
            x0,
            24,
            f"Processor seconds on {found['machine']['cpus']} cores, {found['settings']['records']:,} records",
            size=15,
        )
    ]
    marks += [f'<path d="M{x0} {y1}V{y0}H{x1}" fill="none" stroke="#444"/>']
    for run in runs:
        x, _ = at(run["people"], 0)
        marks.append(_text(x, y0 + 20, f"{run['people'] / 1e6:g} million", "middle"))
    for share in (0.25, 0.5, 0.75, 1):
        _, y = at(0, longest * share / 1.1)
        marks.append(_text(x0 - 8, y + 4, f"{longest * share / 1.1:.0f} s", "end"))
        marks.append(f'<path d="M{x0} {y}H{x1}" stroke="#ddd"/>')
    for number, (name, (title, colour)) in enumerate(_LINES.items()):
        points = [at(run["people"], run[name]["processor_seconds"]) for run in runs]
        line = " ".join(f"{x},{y}" for x, y in points)
        marks.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        marks += [f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>' for x, y in points]
        marks += [
            _text(x, y - 9, f"{run[name]['processor_seconds']:.0f}", "middle", colour)
            for (x, y), run in zip(points, runs, strict=True)
        ]
        marks.append(_text(x0 + 20, _TOP + 18 * number, title, colour=colour))
    PLOT.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(marks)}</svg>\n',
        encoding="utf-8",
    )


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "#222", size: int = 12) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{text}</text>'


def functions(watch: cProfile.Profile) -> list[tuple[str, int, float, float]]:
    """Our functions: name, calls, own seconds (with the engines that it calls), seconds in all; slowest first."""
    found = []
    for (file, _, name), (_, calls, own, total, _) in pstats.Stats(watch).stats.items():  # type: ignore[attr-defined]
        path = Path(file)
        if path.is_absolute() and path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in PACKAGES:
            found.append((f"{path.relative_to(ROOT).with_suffix('').as_posix()}: {name}", calls, own, total))
    return sorted(found, key=lambda each: (-each[3], each[0]))


def write_profile(people: int, records: int, found: list[tuple[str, int, float, float]]) -> None:
    """Write docs/profile-link.md."""
    rows = [f"| `{name}` | {calls:,} | {total:.1f} |" for name, calls, _, total in found[:SHOWN]]
    often = [f"| `{name}` | {calls:,} | {own:.1f} |" for name, calls, own, _ in found if calls >= OFTEN]
    PROFILE.write_text(_PAGE.format(people=people, records=records, rows="\n".join(rows), often="\n".join(often)),
                       encoding="utf-8")  # fmt: skip


_PAGE = """# Where a link's time goes

`python -m benchmarks.link_scale --profile` writes this page: {records:,} records against {people:,} people, two cores,
the whole of `matching.linkage` under cProfile, which makes what Python calls often look slower than it is.

| our function | calls | seconds with what it calls |
|---|---|---|
{rows}

A link calls no Python function once a record or once a pair. What Python calls often runs over *distinct* values that
are joined back (the seconds here are the function's own):

| called often | calls | seconds |
|---|---|---|
{often}
"""
