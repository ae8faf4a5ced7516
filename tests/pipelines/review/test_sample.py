"""The seam to the review pages, and the verb."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Run
from pipelines.night.progress import Progress, save_progress
from pipelines.report.hop import report
from pipelines.review import index, sample
from pipelines.workspace import review_samples, run_tables
from tests.pipelines.review.small_worklist import handed_on
from tests.pipelines.terminal import Sachsong


def test_the_ids_are_records_of_the_run(run: Run) -> None:
    assert sample.record_ids(run) == []
    report(run)
    drawn = sample.record_ids(run)
    with run_tables.connect(run) as connection:
        known = set(run_tables.query(connection, "SELECT record_id FROM links")["record_id"])
    assert set(drawn) <= known
    assert len(drawn) == len(set(drawn)) > 20


@pytest.mark.parametrize("as_json", [True, False])
def test_a_workspace_without_a_night_says_so(tmp_path: Path, sachsong: Sachsong, as_json: bool) -> None:
    code, out, error = sachsong("review", "estimate", "-w", tmp_path, *(["--json"] if as_json else []))
    assert (code, out, "sachsong nightly" in error) == (2, "", True)


def test_the_verb_tells_what_is_answered_so_far(run: Run, sachsong: Sachsong) -> None:
    report(run)
    save_progress(run, Progress(fingerprint="", inbox=None, daily_cap=0))
    code, out, error = sachsong("review", "estimate", "-w", run.settings.workspace, "--json")
    told = json.loads(out)
    assert (code, error, told["run_id"]) == (0, "", run.run_id)
    assert told["answered"] == {"link": 0, "none": 0, "review": 0}
    assert told["drawn"] == len(sample.record_ids(run))
    assert "too few answers" in sachsong("--lang", "en", "review", "estimate", "-w", run.settings.workspace)[1]


def test_a_sampled_link_lies_in_the_worklist_among_those_in_review(tmp_path: Path) -> None:
    """The fourth pupil is linked: by itself it would come behind all that are in review."""
    night = handed_on(tmp_path)
    row = ("r0003", "students", "of its content", "link", "079190123456")
    drawn = pl.DataFrame([row], schema=review_samples.SCHEMA, orient="row")
    review_samples.record(night.settings, night.run_id, drawn, 0)
    with closing(sqlite3.connect(index.build(night))) as worklist:
        listed = [tuple(row) for row in worklist.execute("SELECT record_id, decision FROM items ORDER BY position")]
    last_in_review = max(place for place, (_, decision) in enumerate(listed) if decision == "review")
    assert listed.index(("r0003", "link")) < last_in_review
