"""Says which records of the night are mixed into the reviewers' worklist to estimate precision and recall."""

from typing import Any

from pipelines.config import Run, Settings
from pipelines.night import runs
from pipelines.report import feedback
from pipelines.workspace import review_samples


def record_ids(run: Run) -> list[str]:
    """Ids of the run's sampled records, in the order in which they were drawn.

    A reviewer should see neither that a record is one of them nor what the night made of it.
    """
    return review_samples.of_run(run.settings, run.run_id)["record_id"].to_list()


def estimate(settings: Settings) -> dict[str, Any]:
    """The estimate as of now: what reviewers have said of the samples up to the last night.

    Errors: BadInput if there is no finished run, or its tables are gone.
    """
    run = runs.last_run(settings)
    with runs.tables_of(run, read_only=True) as connection:
        weights = feedback.weights(connection)
    drawn = len(record_ids(run))
    return {"run_id": run.run_id, **feedback.estimate(run.settings, weights, drawn)}
