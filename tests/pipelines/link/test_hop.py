"""The hop: every record of every sector gets one row, and running it again changes nothing."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Run, Settings
from pipelines.link.hop import forget, link
from pipelines.registry import snapshot as snapshots
from pipelines.registry.snapshot import Snapshot
from pipelines.workspace import run_schema, run_tables
from tests.matching.tables import core, record
from tests.matching.tables import registry as write_snapshot
from tests.matching.test_stages import CASES, PEOPLE


@pytest.fixture
def run(tmp_path: Path) -> Run:
    settings = Settings(workspace=tmp_path, threads=2, memory_mb=512)
    settings.registry_directory.mkdir()
    path = write_snapshot(settings.registry_directory, PEOPLE)
    snapshot = Snapshot(
        path=Path(path.name), sha256="0" * 64, source_file="r.csv", people=len(PEOPLE), rejected=0, code="0"
    )
    (settings.registry_directory / snapshots.POINTER).write_text(snapshot.model_dump_json(), encoding="utf-8")
    made = Run(settings=settings, run_id="2026-11-22-1")
    twice = [CASES[0][0], CASES[0][0], record("Phạm Quốc Khánh", "1999-09-02", "Nam", None)]
    with run_tables.connect(made) as connection:
        run_tables.replace_table(connection, run_schema.core_table("insurance"), core([]))
        run_tables.replace_table(connection, run_schema.core_table("students"), core(twice))
        doses = core(twice).with_columns(sector=pl.lit("vaccination"), record_id="v" + pl.col("record_id"))
        run_tables.replace_table(connection, run_schema.core_table("vaccination"), doses)
    return made


def _links(run: Run) -> pl.DataFrame:
    with run_tables.connect(run) as connection:
        return run_tables.read_table(connection, run_schema.LINKS)


def test_every_record_has_a_link(run: Run) -> None:
    counts = {"records": 6, "link": 3, "review": 1, "none": 2, "blocks_dropped": 0}
    assert link(run) == {**counts, "looked_up": 4, "weighed": 4, "told": 0, "lapsed": 0}, "each content once a sector"
    links = _links(run)
    assert links["record_id"].to_list() == ["r0000", "r0001", "r0002", "vr0000", "vr0001", "vr0002"]
    assert links["status"].to_list() == ["agreed", "duplicate", "not_found", "agreed", "agreed", "not_found"]


def test_again_is_the_same(run: Run) -> None:
    link(run)
    first = _links(run)
    assert link(run)["looked_up"] == 0
    assert _links(run).equals(first, null_equal=True)
    forget(run.settings)
    assert link(run)["looked_up"] == 4
    assert _links(run).equals(first, null_equal=True)
