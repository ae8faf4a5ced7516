"""Writes records' ways as one HTML page that needs no network, no script and no tool of ours."""

from collections.abc import Sequence
from pathlib import Path

from pipelines.errors import BadInput
from pipelines.report import labels, templating
from pipelines.report.charts import waterfall
from pipelines.review.trace.model import Rejected, Trace
from pipelines.review.trace.words import DECISIONS, FLAGS, STATES, WHO
from pipelines.workspace import atomic_files
from rules import tables


def write(traces: Sequence[Trace | Rejected], file: Path) -> None:
    """Writes the page. Errors: BadInput if the file cannot be written."""
    try:
        with atomic_files.atomic(file) as temporary:
            temporary.write_text(page(traces), encoding="utf-8")
    except OSError as refused:
        raise BadInput("bad_output", f"Không ghi được «{file}» ({refused.strerror}) / cannot write it.") from refused


def page(traces: Sequence[Trace | Rejected]) -> str:
    """The page as HTML."""
    charts = {
        each.origin.record_id: waterfall.chart(f"waterfall-{number}", "Mức đóng góp của từng thông tin", each.link)
        for number, each in enumerate(traces)
        if isinstance(each, Trace) and each.link.steps
    }
    return (
        templating.environment("pipelines.review.trace")
        .get_template("trace.html")
        .render(
            traces=[each for each in traces if isinstance(each, Trace)],
            rejected=[each for each in traces if isinstance(each, Rejected)],
            charts=charts,
            families=labels.FAMILIES,
            states=STATES,
            decisions=DECISIONS,
            who=WHO,
            flags=FLAGS,
            statuses={code: status.label_vi for code, status in tables.statuses().items()},
        )
    )
