"""Runs each hop of a night once: a hop that was done with the same inputs is not done again."""

import importlib
import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.check.hop import check, live
from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.link.hop import link
from pipelines.night import keep
from pipelines.night.order import ORDER, before
from pipelines.night.progress import Counts, Progress, progress_of, save_progress
from pipelines.night.runs import inbox_of, manifest_of, require_tables, tonights_run
from pipelines.night.times import write_times
from pipelines.read.hop import read
from pipelines.report.hop import report
from pipelines.standardise.hop import standardise
from pipelines.verify.hop import verify
from pipelines.workspace import audit_log, run_schema, run_tables, state, tree_heads


@dataclass(frozen=True)
class Hop:
    """One step of the night; it replaces its own tables, so it can be run again."""

    name: str
    title_vi: str
    title_en: str
    function: Callable[[Run], Counts]


def _read(run: Run) -> Counts:
    counts = read(run)
    keep.inputs(run)
    return counts


def _report(run: Run) -> Counts:
    keep.the_rest(run)
    return report(run)


_FUNCTIONS: dict[str, Callable[[Run], Counts]] = {
    "read": _read,
    "standardise": standardise,
    "check": check,
    "link": link,
    "verify": verify,
    "live": live,
    "report": _report,
}
HOPS: tuple[Hop, ...] = tuple(Hop(*step, function=_FUNCTIONS[step.name]) for step in ORDER)


def load_libraries(settings: Settings) -> None:
    """Imports what a hop of tonight's run imports only when it runs, so that a night may do it while it waits for
    something else.
    """
    progress = progress_of(tonights_run(settings))
    if progress is None or not {"check", "live"} <= progress.done.keys():
        importlib.import_module("rules.check")


def run_hop(run: Run, hop: Hop) -> Counts:
    """The hop's counts; from the earlier attempt if the hop had finished there."""
    settings = run.settings
    progress = progress_of(run) or Progress(fingerprint="", inbox=settings.inbox, daily_cap=settings.daily_cap)
    if hop.name not in progress.done:
        counts = _measured(run, hop)
        # A hop that runs again makes the later ones stale.
        earlier = progress.up_to(hop.name)
        save_progress(run, earlier.model_copy(update={"done": {**earlier.done, hop.name: counts}}))
        return counts
    return progress.done[hop.name]


def _measured(run: Run, hop: Hop) -> Counts:
    """What the hop counted; what it cost goes into the run's table `spent`."""
    began, processor = time.perf_counter(), sum(os.times()[:4])
    counts = hop.function(run)
    cost = (time.perf_counter() - began, sum(os.times()[:4]) - processor)
    row = (hop.name, *(round(each, 2) for each in cost), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    schema = run_schema.BY_NAME[run_schema.SPENT].schema
    with run_tables.connect(run) as connection:
        others = pl.DataFrame(schema=schema)
        if run_tables.has_table(connection, run_schema.SPENT):
            others = run_tables.read_table(connection, run_schema.SPENT).filter(pl.col("hop") != hop.name)
        told = pl.concat([others, pl.DataFrame([row], schema, orient="row")])
        run_tables.replace_table(connection, run_schema.SPENT, told)
    if hop.name == ORDER[-1].name:
        write_times(run, told.to_dicts())
    return counts


def run_again(run: Run, name: str) -> Counts:
    """The hop's counts, done anew; the hops after it are done anew by the next `nightly`.

    Errors: BadInput if the run's tables are gone or an earlier hop has not run.
    """
    hop = next(each for each in HOPS if each.name == name)
    progress = require_tables(run)
    missing = [each for each in before(name) if each not in progress.done]
    if missing:
        raise BadInput("too_early", f"Bước «{missing[0]}» chưa chạy / hop «{missing[0]}» has not run yet.")
    settings = run.settings
    again = {"inbox": inbox_of(settings), "daily_cap": settings.daily_cap}
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        audit_log.append(connection, "reopened", {"run_id": run.run_id, "hop": name}, tree_heads.BY)
    # First what is known to be stale, then the manifest: the other way round, a crash between the two would leave
    # a night without its manifest that nobody does again.
    save_progress(run, progress.up_to(name).model_copy(update=again))
    manifest_of(run).unlink(missing_ok=True)
    return run_hop(run, hop)
