"""The hop: every record of every sector gets one row, and running it again changes nothing."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Run
from pipelines.link.hop import forget, link
from pipelines.workspace import run_schema, run_tables
from tests.matching.cases import CASES
from tests.matching.tables import core
from tests.pipelines.linked import STRANGER, unlinked_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The same pupil twice and one whom nobody knows, and three doses of the same people."""
    twice = core([CASES[0][0], CASES[0][0], STRANGER])
    doses = twice.with_columns(sector=pl.lit("vaccination"), record_id="v" + pl.col("record_id"))
    return unlinked_run(tmp_path, twice, doses)


def _links(run: Run) -> pl.DataFrame:
    with run_tables.connect(run) as connection:
        return run_tables.read_table(connection, run_schema.LINKS)


def test_every_record_has_a_link(run: Run) -> None:
    counts = {"records": 6, "link": 4, "review": 0, "none": 2, "blocks_dropped": 0}
    assert link(run) == {**counts, "looked_up": 4, "weighed": 4, "told": 0, "lapsed": 0}, "each content once a sector"
    links = _links(run)
    assert links["record_id"].to_list() == ["r0000", "r0001", "r0002", "vr0000", "vr0001", "vr0002"]
    assert links["status"].to_list() == ["duplicate", "agreed", "not_found", "agreed", "agreed", "not_found"]


def test_again_is_the_same(run: Run) -> None:
    link(run)
    first = _links(run)
    assert link(run)["looked_up"] == 0
    assert _links(run).equals(first, null_equal=True)
    forget(run.settings)
    assert link(run)["looked_up"] == 4
    assert _links(run).equals(first, null_equal=True)
