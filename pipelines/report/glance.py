"""Sums up the night as data: the page, the operator's artifact and the review pages say the same.

Aggregates only: no record, no name of a person, no number.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from pipelines.config import Run
from pipelines.errors import BadInput
from pipelines.report import findings, labels
from pipelines.report.attention import SectorChange, Sentence
from pipelines.report.charts import burndown
from pipelines.report.figures import Figures
from pipelines.report.numbers import count, day, percent, signed
from pipelines.report.progress import Progress
from pipelines.workspace import atomic_files

FILE = "glance.json"
SHOWN_CAUSES = 6

Glance = dict[str, Any]
"""JSON values: `night, run_id, compared_with, since, attention, came_in, refusals, rejections, sectors, causes, queue,
rankings`.
"""


def last_night(night: date, past: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The last of the past nights before this one; None if there is none."""
    return max(
        (each for each in past if each["night"] < night.isoformat()), key=lambda each: each["night"], default=None
    )


def glance(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    night: Figures,
    changed: Sequence[SectorChange],
    progress: Progress,
    sentences: Sequence[Sentence],
    compared_with: str | None,
) -> Glance:
    """The night as data. `worklist.prepare` must have run on the connection."""
    plan = burndown.read_plan(connection)
    asking = night["asking"]
    told = [Sentence(asking["told_vi"], asking["told_en"] or "")] if asking["told_vi"] else []
    return {
        "night": run.settings.night.isoformat(),
        "run_id": run.run_id,
        "compared_with": compared_with,
        "since": progress.since and progress.since.isoformat(),
        "attention": [each._asdict() for each in [*told, *sentences]],
        "came_in": {name: night[name] for name in ("files", "refused_files", "rows", "records", "rejected")},
        "refusals": [
            {"source_file": row["source_file"], "sheet": row["sheet"], **_halves(row["message"])}
            for row in findings.refusals(connection).to_dicts()
        ],
        "rejections": [
            {"code": row["code"], "rows": row["rows"], **_halves(row["message"])}
            for row in findings.rejections(connection).to_dicts()
        ],
        "sectors": [
            {
                **each._asdict(),
                "before": each.before and dict(each.before),
                "points": {name: each.points(name) for name in ("verified", "needs_work")},
            }
            for each in changed
        ],
        "causes": causes(night),
        "queue": {
            **{name: night[name] for name in ("asked", "answered", "waiting")},
            "cap": asking["cap"],
            "clears_on": plan and plan["clears_on"],
            "told_vi": burndown.summary(plan) if plan else "",
        },
        "rankings": [each._asdict() for each in progress.rankings],
    }


def causes(night: Figures) -> list[dict[str, Any]]:
    """Why records need work: final statuses with their remedy, commonest first: `status, title_vi, title_en,
    remedy_vi, records`.
    """
    found = [
        {name: row[name] for name in ("status", "title_vi", "title_en", "remedy_vi")}
        | {"records": night["by_status"][row["status"]]}
        for row in labels.status_frame().to_dicts()
        if row["needs_work"] and row["status"] in night["by_status"]
    ]
    return sorted(found, key=lambda row: -row["records"])[:SHOWN_CAUSES]


def write(run: Run, told: Glance) -> None:
    """Writes `reports/glance.json`."""
    with atomic_files.atomic(run.reports / FILE) as temporary:
        temporary.write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read(run: Run) -> Glance:
    """The night as data, as it was written. Errors: BadInput if the run has no report."""
    try:
        told: Glance = json.loads((run.reports / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise no_report(run) from None
    return told


def no_report(run: Run) -> BadInput:
    """The error of a run without its report."""
    return BadInput(
        "no_report",
        f"Lượt chạy «{run.run_id}» không còn báo cáo; hãy chạy: sachsong report --again / the run has no report.",
    )


def markdown(told: Glance) -> str:
    """The night as a text for the operator's page."""
    came, queue = told["came_in"], told["queue"]
    lines = [f"# Sạch Sống · đêm {day(date.fromisoformat(told['night']))}", ""]
    if told["attention"] or told["refusals"]:
        lines += ["## Cần biết trước", *(f"- {_safe(each['vi'])}" for each in told["attention"])]
        lines += [f"- **{_safe(each['source_file'])}**: {_safe(each['vi'])}" for each in told["refusals"][:5]]
    lines += [
        "",
        f"**Nhận:** {count(came['files'])} tệp ({count(came['refused_files'])} bị từ chối), "
        f"{count(came['rows'])} dòng: {count(came['records'])} hồ sơ, {count(came['rejected'])} dòng bị loại.",
        "",
        *_table(
            ("Ngành", "Hồ sơ", "Đã xác thực đúng", "Cần xử lý", "So với đêm trước"),
            [
                (
                    each["title_vi"],
                    count(each["records"]),
                    percent(each["verified"] / each["records"]) if each["records"] else "–",
                    count(each["needs_work"]),
                    _points(each["points"]["needs_work"]),
                )
                for each in told["sectors"]
            ],
        ),
        "",
        "**Nguyên nhân chính:** "
        + ("; ".join(f"{each['title_vi']} {count(each['records'])}" for each in told["causes"]) or "không có")
        + ".",
        "",
        f"**Hàng chờ:** đêm nay đã gửi {count(queue['asked'])}, còn chờ {count(queue['waiting'])}. {queue['told_vi']}",
    ]
    for each in told["rankings"]:
        if each["best"]:
            named = "; ".join(f"{_safe(row['title'])} (−{count(row['mended'])})" for row in each["best"])
            lines += ["", f"**{each['title_vi']} tiến bộ nhất:** {named}."]
    return "\n".join(lines) + "\n"


def _points(change: float | None) -> str:
    return "–" if change is None else f"{signed(change)} điểm"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(heads)} |",
        "|---" * len(heads) + "|",
        *(f"| {' | '.join(map(_safe, row))} |" for row in rows),
    ]


def _safe(text: str) -> str:
    """Without what would be markup: names of files and units are somebody else's."""
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}" if sign != "<" else "&lt;")
    return text.replace("\n", " ")


def _halves(message: str) -> dict[str, str]:
    vi, en = labels.halves(message)
    return {"vi": vi, "en": en}
