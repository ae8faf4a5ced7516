"""Counts the newborns that insurance lacks after the last night, and lists them for the owner of the data only."""

from pathlib import Path

import polars as pl

from pipelines.config import Settings
from pipelines.link import touched
from pipelines.night import runs
from pipelines.review import explain
from pipelines.workspace import atomic_files, audit_log, state
from vn.territories import commune_name


def count(settings: Settings) -> dict[str, object]:
    """`born` and `missing` of the last night, and `by_commune`: the missing of each commune, by name and code."""
    found = _newborns(settings)
    missing = found.filter(~pl.col("insured"))
    places = missing["commune_code"].fill_null("—").value_counts().sort("commune_code")
    by_commune = {f"{commune_name(code) or '—'} ({code})": count for code, count in places.iter_rows()}
    return {"born": found.height, "missing": missing.height, "by_commune": by_commune}


def write_list(settings: Settings, file: Path, by: str, because: str) -> int:
    """Number of children written to the CSV file, each with number, name, date of birth and place.

    Who reads them and why is in the audit log before anything is written.
    """
    run = runs.last_run(settings)
    missing = _newborns(settings).filter(~pl.col("insured")).drop("insured")
    details = {"run_id": run.run_id, "records": missing.height, "verb": "registry newborns", "reason": because}
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        audit_log.append(connection, "unmasked", details, by)
    with atomic_files.atomic(file) as temporary:
        missing.write_csv(temporary)
    return missing.height


def _newborns(settings: Settings) -> pl.DataFrame:
    run = runs.last_run(settings)
    with runs.tables_of(run) as connection:
        return touched.newborns(connection, explain.snapshot_of(run), run.settings.night)
