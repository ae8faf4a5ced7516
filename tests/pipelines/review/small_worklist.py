"""A handed-on night of a few pupils and doses in two provinces: what the review pages are tested on."""

import functools
from pathlib import Path

import polars as pl

from pipelines.config import Run, Settings
from pipelines.link.hop import link
from pipelines.night.progress import Progress, save_progress
from pipelines.night.runs import manifest_of
from pipelines.registry import snapshot as snapshots
from pipelines.workspace import run_schema, run_tables
from tests.matching.tables import core, record
from tests.pipelines.linked import unlinked_run

TWIN = functools.partial(record, "Nguyen Minh An", "2000-05-06", "Nam", None)
PUPILS = [
    TWIN(province_code="79", commune_code="26734"),
    TWIN(province_code="01"),
    record("Nguyễn Minh Ân", "2000-05-06", "Nam", "001200000001", province_code="79", commune_code="26734"),
    record("Trần Hồng Hạnh", "1990-12-07", "Nữ", "079190123456", province_code="79", commune_code="26734"),
    record("Phạm Quốc Khánh", "1999-09-02", "Nam", None, province_code="79"),
    record("Nguyễn Minh An", "2000", "Nam", None, province_code="79", commune_code="26740"),
    record("Nguyễn Minh An", "2000", "Nam", None, province_code="79", commune_code="26743"),
]
"""Either twin in two provinces; his twin's number; wrong name and date; in no registry; two of one pattern,
with the year alone."""
SUMMARY = '<!doctype html><main class="page"><p id="asking"><a href="lists/a.xlsx">danh sách</a></p></main>'
DOSES = [TWIN(sector="vaccination", source_file="v.csv", province_code="79")]


def handed_on(workspace: Path) -> Run:
    """The run, linked, with the tables that the worklist reads and a manifest."""
    pupils = core(PUPILS)
    doses = core(DOSES).with_columns(pl.lit("v0000").alias("record_id"))
    run = unlinked_run(workspace, _whole(pupils), _whole(doses))
    link(run)
    with run_tables.connect(run) as connection:
        for name in (run_schema.ISSUES, run_schema.VERIFICATIONS):
            run_tables.replace_table(connection, name, pl.DataFrame(schema=run_schema.BY_NAME[name].schema))
    snapshot = snapshots.current(run.settings)
    manifest_of(run).parent.mkdir(parents=True)
    manifest_of(run).write_text(f'{{"registry": {{"path": "{snapshot.path.name}"}}}}', encoding="utf-8")
    run.reports.mkdir()
    (run.reports / "summary.html").write_text(SUMMARY, encoding="utf-8")
    save_progress(run, Progress(fingerprint="", inbox=None, daily_cap=0, done={"link": {}}))
    return run


def settings_of(run: Run) -> Settings:
    """The settings as `sachsong review` has them: no night named."""
    return Settings(workspace=run.settings.workspace, threads=2, memory_mb=512)


def _whole(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(
        pl.col("full_name").alias("full_name_raw"),
        pl.when(pl.col("full_name") == "Trần Hồng Hạnh").then(pl.lit("Trường THPT Sao Mai")).alias("unit"),
    )
