"""Says how records of an earlier list stand now: whether record and person are still what they were."""

import json
from pathlib import Path

import polars as pl

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.link import human_decisions
from pipelines.night import runs
from pipelines.registry import snapshot as snapshots
from pipelines.sectors import schema
from pipelines.workspace import fingerprints, run_schema, run_tables


def beside(settings: Settings, run: Run, sector: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `person_id` and `key` as of the list's run, and `tenant, is_there, person` as of now.

    Shape: `rows` have `record_id, content`, null for a row that was not listed. `person_id`: whom the run linked or
    proposed. `key`: fingerprint of the department's own code. `tenant` and `is_there`: of a record of the newest night
    that says the same. `person`: fingerprint of what the registry says of the person, null if it says otherwise now.
    """
    links = pl.scan_parquet(run.directory / "links.parquet", glob=False).filter(pl.col("sector") == sector)
    persons = links.select("record_id", "person_id").join(rows.lazy().select("record_id"), on="record_id", how="semi")
    told = (
        rows.join(persons.collect(), on="record_id", how="left", maintain_order="left")
        .join(_keys(settings, run, sector), on="record_id", how="left", maintain_order="left")
        .join(_now(settings, sector), on="content", how="left", maintain_order="left")
    )
    unchanged = _unchanged(settings, run, told["person_id"].drop_nulls().unique())
    return told.join(unchanged, on="person_id", how="left", maintain_order="left")


def _keys(settings: Settings, run: Run, sector: str) -> pl.DataFrame:
    """`record_id, key` of the run's records."""
    cleaned, name = run.cleaned / f"{sector}.parquet", schema.load(sector, settings.sectors_directory).key
    if not cleaned.is_file():
        return pl.DataFrame(schema={"record_id": pl.String, "key": pl.String})
    with run_tables.open_database(threads=settings.threads, memory_mb=settings.memory_mb) as connection:
        frame = pl.read_parquet(cleaned, glob=False, columns=["record_id", name])
        connection.register("cleaned", frame.to_arrow())
        sql = f"SELECT record_id, sha256($sector || '|' || {run_schema.identifier(name)}) AS key FROM cleaned"
        return run_tables.query(connection, sql, {"sector": sector})


def _now(settings: Settings, sector: str) -> pl.DataFrame:
    """`content, tenant, is_there`: a record of the newest night for each content."""
    newest = runs.last_run(settings)
    core = run_schema.core_table(sector)
    with runs.tables_of(newest, read_only=True) as connection:
        columns = run_tables.query(connection, f"DESCRIBE {core}")["column_name"]
        sql = f"SELECT {fingerprints.record_sql(columns)} AS content, min(tenant) AS tenant FROM {core} GROUP BY 1"
        return run_tables.query(connection, sql).with_columns(is_there=True)


def _unchanged(settings: Settings, run: Run, person_ids: pl.Series) -> pl.DataFrame:
    """`person_id, person`: those of whom the registry says what it said in the run; none if that registry is gone."""
    then, now = _registry_of(settings, run), snapshots.current(settings).path
    told = human_decisions.person_fingerprints(now, person_ids, settings)
    if then is None or not snapshots.is_whole(then):
        told = told.clear()
    elif then != now:
        before = human_decisions.person_fingerprints(then, person_ids, settings)
        told = told.join(before, on=["person_id", "now"], how="semi")
    return told.rename({"now": "person"})


def _registry_of(settings: Settings, run: Run) -> Path | None:
    """The registry that the run was linked with, as its manifest says. Errors: BadInput if it has none."""
    manifest = runs.manifest_of(run)
    if not manifest.is_file():
        raise BadInput("run_gone", f"Không còn tệp kê của lượt {run.run_id} / the run's manifest is gone.")
    registry = json.loads(manifest.read_bytes()).get("registry")
    return settings.registry_directory / str(registry["path"]) if registry else None
