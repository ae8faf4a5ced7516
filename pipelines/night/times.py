"""Writes what each hop of the night took as a page beside the outputs; no checksum covers it, because it is other each
night.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.audit.manifest import TIMES
from pipelines.config import Run
from pipelines.night.order import ORDER
from pipelines.report import numbers, templating
from pipelines.workspace import atomic_files


def write_times(run: Run, spent: Sequence[Mapping[str, Any]]) -> None:
    """Writes `times.html`, which the summary shows in a frame. Shape: `spent` as rows of the table `spent`."""
    cost = {row["hop"]: row for row in spent}
    rows = [{**step._asdict(), **cost[step.name]} for step in ORDER if step.name in cost]
    page = (
        templating.environment(decimal=lambda value: numbers.decimal(value, ".1f"))
        .get_template("times.html")
        .render(
            run_id=run.run_id,
            rows=rows,
            longest=max([row["seconds"] for row in rows], default=0) or 1,
            seconds=sum(row["seconds"] for row in rows),
            cpu_seconds=sum(row["cpu_seconds"] for row in rows),
            peak_mb=max([row["peak_mb"] for row in rows], default=0),
        )
    )
    with atomic_files.atomic(run.directory / TIMES) as temporary:
        temporary.write_text(page, encoding="utf-8")
