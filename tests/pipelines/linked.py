"""A night as the hop `link` finds it, and one that it has linked: the registry and the records of matching's cases."""

import json
from pathlib import Path

import polars as pl

from pipelines.config import Run, Settings
from pipelines.link.hop import link
from pipelines.night.progress import Progress, save_progress
from pipelines.registry import snapshot as snapshots
from pipelines.registry.snapshot import Snapshot
from pipelines.workspace import run_schema, run_tables
from tests.matching.cases import PEOPLE
from tests.matching.tables import core, record, registry

WRONG_DATE, EITHER_TWIN, STRANGER = PUPILS = [
    record("Trần Hồng Hạnh", "1990-12-07", "Nữ", "079190123456"),
    record("Nguyen Minh An", "2000-05-06", "Nam", None),
    record("Phạm Quốc Khánh", "1999-09-02", "Nam", None),
]
"""Linked with a wrong name and date; either of two, for a human; in no registry."""


def unlinked_run(workspace: Path, pupils: pl.DataFrame, doses: pl.DataFrame | None = None) -> Run:
    """A run with a registry of `cases.PEOPLE` and these core tables; of insurance nobody came."""
    settings = Settings(workspace=workspace, threads=2, memory_mb=512)
    settings.registry_directory.mkdir()
    path = registry(settings.registry_directory, PEOPLE)
    snapshot = Snapshot(
        path=Path(path.name), sha256="0" * 64, source_file="r.csv", people=len(PEOPLE), rejected=0, code="0"
    )
    (settings.registry_directory / snapshots.POINTER).write_text(snapshot.model_dump_json(), encoding="utf-8")
    run = Run(settings=settings, run_id="2026-11-22-1")
    tables = {"insurance": core([]), "students": pupils, "vaccination": core([]) if doses is None else doses}
    with run_tables.connect(run) as connection:
        for sector, rows in tables.items():
            run_tables.replace_table(connection, run_schema.core_table(sector), rows)
    return run


def linked_run(workspace: Path) -> Run:
    """A linked night of PUPILS with its manifest; the second one's row is also in a second sheet."""
    pupils = core([*PUPILS, EITHER_TWIN | {"sheet": "2"}])
    second_sheet = pl.when(pl.col("sheet") == "2")
    run = unlinked_run(workspace, pupils.with_columns(source_row=second_sheet.then(3).otherwise("source_row")))
    link(run)
    run.directory.mkdir(parents=True)
    snapshot = snapshots.current(run.settings)
    manifest = {"registry": {"path": snapshot.path.name}}
    (run.directory / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    save_progress(run, Progress(fingerprint="", inbox=None, daily_cap=0, done={"link": {}}))
    return run
