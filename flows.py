"""Runs the night under Prefect: the order of the hops, what is tried again, when it starts, what operators see.

Nothing here touches data: the hops are `pipelines.night.hops.HOPS`, where an interrupted night also goes on.
`nightly` is the flow that deployments run; `run_nightly` is what `sachsong nightly` calls (`pipelines.night.launch`),
with a Prefect server for that night only when none is configured (`pipelines.night.prefect_server`).
"""

from collections.abc import Callable
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

if __name__ == "__main__":
    # Before the slow imports: the command line loads this file by its name when a night begins.
    from pipelines.cli.app import main

    main()

# isort: split
# Before Prefect, which reads its environment once, at its import.
from pipelines.night import prefect_server

# isort: split
from prefect import flow, task
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.logging.loggers import get_run_logger
from prefect.runtime import flow_run
from prefect.schedules import Cron
from prefect.tasks import Task

from pipelines.audit.manifest import counts_of
from pipelines.config import TIME_ZONE, Run, Settings
from pipelines.errors import Transient
from pipelines.night.hops import HOPS, Hop, load_libraries, run_hop
from pipelines.night.own_server import Server
from pipelines.night.progress import Counts
from pipelines.night.runs import close, open_run
from pipelines.report import glance
from pipelines.review import list_answers
from pipelines.workspace import owner_only, run_schema, run_tables, settings_sources
from pipelines.workspace.lock import exclusive

SCHEDULE = Cron("30 22 * * *", timezone=TIME_ZONE.key)
"""Cron schedule: after the offices have sent the day's files, and 90 minutes before the quota day ends."""
RETRY_DELAYS_S = [2.0, 5.0, 15.0]

OnProgress = Callable[[Hop, Counts | None], None]
"""A function that is called twice for each hop: with None when it starts, with its counts when it is done."""

_on_progress: ContextVar[OnProgress | None] = ContextVar("on_progress", default=None)
_is_held: ContextVar[bool] = ContextVar("is_held", default=False)
"""Whether the workspace was taken before the flow began."""


@dataclass(frozen=True)
class NightResult:
    """Results of a night that went through to its report."""

    run: Run
    counts: dict[str, Counts]
    """Hop → its counts."""
    figures: dict[str, Any]
    """The night in numbers (`report.figures.Figures`), as its manifest holds them."""


def run_nightly(
    settings: Settings, *, ahead: Server | None = None, on_progress: OnProgress | None = None
) -> NightResult:
    """The result of tonight's run, once it is finished.

    The caller holds the workspace; `ahead` is a Prefect server of our own that it has started.
    Errors: whatever a hop raised, as it was raised; ServerLost if Prefect itself could not go on.
    """
    token, held = _on_progress.set(on_progress), _is_held.set(True)
    try:
        with prefect_server.running(settings, ahead, lambda: load_libraries(settings)):
            return nightly(settings)
    finally:
        _on_progress.reset(token)
        _is_held.reset(held)


def _night_name() -> str:
    """The flow run's name: the night, since that is what the operator looks for."""
    settings = flow_run.parameters.get("settings") or Settings()
    night = settings.night if isinstance(settings, Settings) else Settings.model_validate(settings).night
    return f"night-{night:%Y-%m-%d}"


@flow(name="nightly", flow_run_name=_night_name, persist_result=False)
def nightly(settings: Settings | None = None) -> NightResult:
    """Flow from tonight's files to what each department reads."""
    settings = settings_sources.completed(settings or Settings())
    tell = _on_progress.get() or _silent
    counts: dict[str, Counts] = {}
    with nullcontext() if _is_held.get() else exclusive(settings):
        for taken in list_answers.take_inbox(settings):
            get_run_logger().info("answers: %s", taken._replace(returned=None))
        run = open_run(settings)
        progress = create_progress_artifact(0.0, key="progress", description=run.run_id)
        assert isinstance(progress, UUID)
        for number, hop in enumerate(HOPS, start=1):
            tell(hop, None)
            counts[hop.name] = hop_task(hop)(run)
            update_progress_artifact(progress, 100 * number / len(HOPS), description=f"{run.run_id}: {hop.title_vi}")
            tell(hop, counts[hop.name])
        if told := owner_only.exposed(settings.workspace):
            get_run_logger().warning(told)
        _publish(run)
        close(run)
        figures = counts_of(run)
        if told := figures["asking"]["told_vi"]:
            get_run_logger().warning(told)
    return NightResult(run=run, counts=counts, figures=figures)


def hop_task(hop: Hop) -> Task[[Run], Counts]:
    """The hop as a Prefect task that is tried again only when the error's type says that it may help."""

    @task(
        name=hop.name,
        task_run_name=hop.name,
        description=f"{hop.title_vi} / {hop.title_en}",
        retries=len(RETRY_DELAYS_S),
        retry_delay_seconds=RETRY_DELAYS_S,
        retry_condition_fn=is_transient,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    def run_once(run: Run) -> Counts:
        return run_hop(run, hop)

    return run_once


def is_transient(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Whether the failed attempt raised a Transient."""
    return isinstance(state.result(raise_on_failure=False), Transient)


def serve() -> None:
    """Runs the schedule from this process until it is stopped; needs a server (docs/operations.md)."""
    # A restart of the machine must not leave the schedule paused.
    nightly.serve(name="nightly", schedule=SCHEDULE, limit=1, pause_on_shutdown=False)


def _silent(hop: Hop, counts: Counts | None) -> None:
    del hop, counts


FIGURES_SQL = f"""
SELECT sector, status, count(*) AS records FROM ({run_schema.OUTCOMES_SQL})
GROUP BY sector, status ORDER BY sector, status
"""


def _publish(run: Run) -> None:
    """The night's figures and the way to its summary, on Prefect's pages. Counts only: no personal data."""
    with run_tables.connect(run, read_only=True) as connection:
        figures = run_tables.query(connection, FIGURES_SQL)
    create_table_artifact(figures.to_dicts(), key="figures", description=f"{run.run_id}: sector × status")
    create_markdown_artifact(glance.markdown(glance.read(run)), key="glance", description=run.run_id)
    summary = run.reports / "summary.html"
    create_link_artifact(summary.resolve().as_uri(), link_text=run.run_id, key="summary")
