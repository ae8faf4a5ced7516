"""Explains why a record of a night was linked, sent to review, or found nobody; found by its id, or by file and row."""

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
from pydantic import BaseModel, ConfigDict

from matching.explanation.model import Explanation
from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.link.explain import explain_links
from pipelines.night import runs
from pipelines.registry import snapshot as snapshots
from pipelines.report.charts import waterfall
from pipelines.sectors import custom, schema
from pipelines.workspace import atomic_files, run_schema, run_tables
from rules import tables

MOST = 20
"""Most records explained at a time: more than fit on a screen."""


class Wanted(BaseModel):
    """Search for a record: its id, its file and row, or its department's own code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_id: str | None = None
    file: str | None = None
    row: int | None = None
    sheet: str | None = None
    code: str | None = None


def explain(settings: Settings, wanted: Wanted, run_id: str | None = None) -> list[Explanation]:
    """The explanations of all records that match, in the order of sector, file, sheet and row.

    Errors: BadInput if no record fits or more than MOST do, if there is no such run or it has lost its tables, or if
    the registry that it was matched with is gone.
    """
    run = runs.last_run(settings) if run_id is None else named_run(settings, run_id)
    with runs.tables_of(run) as connection:
        snapshot = snapshot_of(run)
        links = find(connection, wanted, run)
        found = [
            explain_links(connection, part, snapshot, run.settings)
            for part in links.partition_by("sector", maintain_order=True)
        ]
    return [each for part in found for each in part]


def single_changes(run: Run, record_id: str) -> tuple[str, ...]:
    """The fields of a record that was not linked of which each, corrected alone, would link it, asked of the matcher.

    No value of the registry is in it. Errors: as `explain`; Transient if another process has the run's tables open.
    """
    with runs.tables_of(run, read_only=True) as connection:
        links = find(connection, Wanted(record_id=record_id), run)
        (found,) = explain_links(connection, links, snapshot_of(run), run.settings)
    return found.corrections or ()


def draw(explanations: Sequence[Explanation], file: Path) -> None:
    """Writes the waterfall of the one record as an SVG file.

    Errors: BadInput if there are several, or nobody was compared with the record, or the file cannot be written.
    """
    if len(explanations) != 1 or not explanations[0].steps:
        raise BadInput(
            "nothing_to_draw",
            "Chỉ vẽ được một hồ sơ, và đã so với ít nhất một người; hãy cho mã hồ sơ / only one record, and "
            "one that was compared with somebody, can be drawn.",
        )
    (only,) = explanations
    title = f"{tables.statuses()[only.status].label_vi} · {only.record_id}"
    try:
        with atomic_files.atomic(file) as temporary:
            temporary.write_text(waterfall.picture(title, only), encoding="utf-8")
    except OSError as refused:
        raise BadInput("bad_output", f"Không ghi được «{file}» ({refused.strerror}) / cannot write it.") from refused


def find(connection: duckdb.DuckDBPyConnection, wanted: Wanted, run: Run) -> pl.DataFrame:
    """The links of all records that match, in order. Errors: BadInput if none does, or more than MOST."""
    asked = {"record_id": wanted.record_id, "source_file": wanted.file, "source_row": wanted.row, "sheet": wanted.sheet}
    given: dict[str, object] = {name: value for name, value in asked.items() if value is not None}
    if wanted.code is not None:
        given["record_ids"] = _with_code(connection, wanted.code, run)
    if not {"record_id", "record_ids"} & set(given) and not {"source_file", "source_row"} <= set(given):
        raise BadInput(
            "no_record",
            "Hồ sơ nào? Hãy cho mã hồ sơ, hoặc --file và --row / which record: its id, or --file and --row.",
        )
    fits = " AND ".join(_FITS.get(name, f"{run_schema.identifier(name)} = ${name}") for name in given)
    order = "sector, source_file, sheet, source_row, record_id"
    links = run_tables.query(connection, f"SELECT * FROM links WHERE {fits} ORDER BY {order} LIMIT {MOST + 1}", given)
    if links.is_empty():
        raise BadInput(
            "unknown_record",
            f"Lượt {run.run_id} không có hồ sơ nào như vậy; mã hồ sơ (record_id) ở trong links.parquet của lượt, dòng "
            "bị loại ở trong rejected.parquet / the run has no such record.",
        )
    if links.height > MOST:
        raise BadInput(
            "too_many_records", f"Có hơn {MOST} hồ sơ như vậy; hãy thêm --sheet / more than {MOST} records fit."
        )
    return links


_FITS = {
    "record_ids": "record_id IN (SELECT unnest($record_ids))",
    # The night shows a file with its sector.
    "source_file": "$source_file IN (source_file, sector || '/' || source_file)",
}


def _with_code(connection: duckdb.DuckDBPyConnection, code: str, run: Run) -> list[str]:
    """Ids of the records that have this code of their department, as it was written or standardised."""
    found: list[str] = []
    for name, sector in schema.of_settings(run.settings).items():
        core, key = run_schema.core_table(name), run_schema.identifier(sector.key)
        if run_tables.has_table(connection, core):
            sql = f"SELECT record_id FROM {core} WHERE {key} = $code OR trim({key}_raw) = $code ORDER BY record_id"
            found += run_tables.query(connection, sql, {"code": code})["record_id"].to_list()
    return found


def named_run(settings: Settings, run_id: str) -> Run:
    """The run of this name, with the tables that it kept. Errors: BadInput if there is none."""
    run = custom.with_kept(Run(settings=settings, run_id=run_id))
    if not run.directory.is_dir():
        raise BadInput("no_run", f"Không có lượt «{run_id}» trong «{settings.workspace}» / there is no such run.")
    return run


def snapshot_of(run: Run) -> Path:
    """The registry that the run was matched with, as its manifest says; the one in force if it has none yet."""
    manifest = runs.manifest_of(run)
    if not manifest.is_file():
        return snapshots.current(run.settings).path
    registry = json.loads(manifest.read_bytes()).get("registry")
    path = run.settings.registry_directory / str(registry["path"] if registry else "")
    if not snapshots.is_whole(path):
        raise BadInput(
            "registry_gone",
            f"Dữ liệu dân cư mà lượt {run.run_id} đã đối chiếu không còn; hãy chạy "
            "lại: sachsong nightly / the registry that the run was matched with is gone.",
        )
    return path
