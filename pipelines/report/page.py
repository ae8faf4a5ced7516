"""Writes the night's page: one HTML file that needs no network, no script and no tool of ours."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import duckdb
import polars as pl
from jinja2 import Environment

from matching import model
from matching.evaluation.intervals import wilson
from matching.explanation.words import held_title
from pipelines.config import Run
from pipelines.report import (
    anchor,
    attention,
    examples,
    findings,
    glance,
    labels,
    numbers,
    registry_changes,
    templating,
)
from pipelines.report.charts import burndown, summary, waterfall
from pipelines.report.feedback import Estimate
from pipelines.report.figures import Figures
from pipelines.report.progress import Progress
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector
from pipelines.workspace import atomic_files

SHOWN_TENANTS = 20
SHOWN_PROVINCES = 6
SHOWN_ISSUES = 15
SHOWN_FIRST = 3
SHOWN_REFUSALS = 5
"""Rows of the page's tables; what is left out is summed up in one more row, so that the totals still add up. Of the
issues the first ones stand open, the others are folded away, as all that few readers want."""


FILE = "summary.html"


BACK = '<p class="small"><a href="/">← Danh sách <span class="en" lang="en">worklist</span></a></p>'
"""The way back to the review pages, which serve the page at /night."""


class Beside(NamedTuple):
    """What the page shows beside tonight's own figures."""

    past: list[dict[str, Any]]
    """Earlier nights as `state.past_nights` gives them, oldest first."""
    progress: Progress
    estimate: Estimate


def write_summary(
    connection: duckdb.DuckDBPyConnection, run: Run, night: Figures, account: pl.DataFrame, beside: Beside
) -> None:
    """Writes `reports/summary.html` and, as data, `reports/glance.json`."""
    shown = context(connection, run, night, account, beside)
    page = _environment().get_template("summary.html").render(shown)
    with atomic_files.atomic(run.reports / FILE) as temporary:
        temporary.write_text(page, encoding="utf-8")
    told = glance.glance(
        connection, run, night, shown["changed"], beside.progress, shown["sentences"], shown["compared_with"]
    )
    glance.write(run, told | {"estimate": beside.estimate})


def html(run: Run) -> str:
    """The run's page as it was written, whole; its links are relative to the folder `reports`.

    Errors: BadInput if the run has no report.
    """
    try:
        return (run.reports / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise glance.no_report(run) from None


def served(run: Run) -> str:
    """The run's page for a browser that reaches none of the run's files: without links to them, with a way back.

    Errors: BadInput if the run has no report.
    """
    unlinked = re.sub(r'<a href="(?!#)[^"]*">(.*?)</a>', r"<span>\1</span>", html(run), flags=re.DOTALL)
    return unlinked.replace('<main class="page">', f'<main class="page">\n{BACK}', 1)


def context(
    connection: duckdb.DuckDBPyConnection, run: Run, night: Figures, account: pl.DataFrame, beside: Beside
) -> dict[str, Any]:
    """Values for the template; aggregates only."""
    past, moved = beside.past, beside.progress
    statuses = findings.statuses_by_sector(connection)
    described = schema.of_settings(run.settings)
    tenants, provinces = _tenants(connection, described), _provinces(connection)
    issues = (
        findings.ranked_issues(connection)
        .join(labels.issue_frame(), on="issue", how="left", maintain_order="left")
        .sort(pl.col("severity") != "error", maintain_order=True)
    )
    sectors = statuses["sector"].unique().sort().to_list()
    plan = burndown.read_plan(connection)
    last = glance.last_night(run.settings.night, past)
    changed = attention.changes(night, last and last["figures"], described)
    lost = account.filter(pl.col("difference") != 0).height
    return {
        "night": run.settings.night,
        "run_id": run.run_id,
        "anchor": anchor.sentence(run),
        "cap": night["asking"]["cap"],
        "figures": night,
        "account": account.to_dicts(),
        "totals": account.select(pl.sum("rows_counted", "links", "rejected", "difference")).to_dicts()[0],
        "lost": lost,
        "compared_with": last and last["night"],
        "changed": changed,
        "sentences": attention.sentences(changed, plan, moved, lost),
        "progress": moved,
        "estimate": beside.estimate,
        "sectors": described,
        "families": labels.FAMILIES,
        "groups": labels.groups(),
        "status_chart": summary.statuses(statuses, {name: described[name].title_vi for name in sectors}),
        "status_table": _status_table(statuses),
        "sectors_tonight": sectors,
        "scores": _scores(connection),
        "held": _held(connection),
        "issues": issues.head(SHOWN_ISSUES).to_dicts(),
        "issues_left": max(0, issues.height - SHOWN_ISSUES),
        "tenants": tenants.head(SHOWN_TENANTS).to_dicts(),
        "tenants_left": _left_out(tenants, SHOWN_TENANTS, ["asked", "answered", "waiting"]),
        "plan": plan,
        "plan_summary": burndown.summary(plan) if plan else "",
        "plan_chart": burndown.chart(plan) if plan and plan["waiting"] else None,
        "plan_basis": burndown.basis(plan) if plan else "",
        "clears": burndown.when(plan),
        "province_chart": summary.provinces(provinces.head(SHOWN_PROVINCES)),
        "provinces_left": _left_out(provinces, SHOWN_PROVINCES, ["records", "needs_work"]),
        "trend": summary.trend(run.settings.night, night, past),
        "trend_by_sector": summary.trend_by_sector(
            run.settings.night, night, past, {name: described[name].title_vi for name in sectors}
        ),
        "refusals": findings.refusals(connection).to_dicts(),
        "notes": findings.notes(connection).to_dicts(),
        "rejections": findings.rejections(connection).to_dicts(),
        "workbooks": _workbooks(run),
        "shown_first": SHOWN_FIRST,
        "shown_refusals": SHOWN_REFUSALS,
        "data_docs": (run.data_docs / "index.html").is_file(),
        "meter": summary.meter,
        "examples": _examples(connection),
        "registry_changes": registry_changes.told(connection),
    }


def _workbooks(run: Run) -> list[tuple[str, str]]:
    """(file, what it is): the index of the lists, if there is a list."""
    lists = len(list((run.reports / "lists").glob("*.xlsx")))
    return [("lists/index.html", f"{numbers.count(lists)} danh sách cho các đơn vị")] if lists else []


def _examples(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The commonest case of each final status with its picture; no value of any record."""
    titles = {row["status"]: row for row in labels.status_frame().to_dicts()}
    return [
        {
            **titles[each.status],
            "was": titles[each.explained.status]["title_vi"] if each.explained.status != each.status else None,
            "records": each.records,
            "alike": each.alike,
            "explained": each.explained,
            "chart": waterfall.chart(
                f"waterfall-{each.status}", f"Mức đóng góp: {titles[each.status]['title_vi']}", each.explained
            )
            if each.explained.steps
            else None,
        }
        for each in examples.read(connection)
    ]


def _status_table(statuses: pl.DataFrame) -> list[dict[str, Any]]:
    """One row a status that occurs, in the groups' order, with the number of each sector."""
    counts = {(row["sector"], row["status"]): row["records"] for row in statuses.to_dicts()}
    titles = {row["status"]: row for row in labels.status_frame().to_dicts()}
    present = set(statuses["status"])
    return [
        {
            **titles[status],
            "colour": group.colour,
            "counts": {sector: counts.get((sector, status), 0) for sector in statuses["sector"].unique()},
        }
        for group in labels.groups()
        for status in group.statuses
        if status in present
    ]


def _held(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """One row a reason for which humans are asked: its words, records, and how often the proposal was right."""
    tables = model.load()
    return [
        {
            "title": held_title(row["held"], tables),
            "records": row["records"],
            "right": wilson(row["right_ones"], row["answered"]),
        }
        for row in findings.held(connection).to_dicts()
    ]


def _scores(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, dict[str, Any]]]:
    """Sector → family → its score."""
    scores: dict[str, dict[str, dict[str, Any]]] = {}
    for row in findings.family_scores(connection).to_dicts():
        scores.setdefault(row["sector"], {})[row["family"]] = row
    return scores


def _tenants(connection: duckdb.DuckDBPyConnection, sectors: Mapping[str, Sector]) -> pl.DataFrame:
    frame = findings.tenants(connection)
    return frame.with_columns(
        labels.titles_of(frame["province_code"], _tenant_province).alias("province"),
        labels.titles_of(frame["sector"], lambda name: sectors[name].title_vi).alias("sector_title"),
    )


def _tenant_province(code: str) -> str:
    return "Không rõ tỉnh" if code == "00" else labels.province_title(code)


def _provinces(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    frame = findings.provinces(connection)
    return frame.with_columns(labels.titles_of(frame["province_code"], labels.province_title).alias("province"))


def _left_out(frame: pl.DataFrame, shown: int, sums: list[str]) -> dict[str, int] | None:
    rest = frame.slice(shown)
    if rest.is_empty():
        return None
    return {"rows": rest.height, **rest.select(pl.sum(*sums)).to_dicts()[0]}


def _environment() -> Environment:
    return templating.environment(halves=labels.halves, day=_day)


def _day(value: date | str) -> str:
    return numbers.day(date.fromisoformat(value) if isinstance(value, str) else value)
