"""Repeats a night in a workspace that holds what it was made from: `python -m pipelines.night.replay WORKSPACE RUN`.

The process runs on the code that the night was made by, which `pipelines.night.reproduce` has put before everything
else. Nothing is asked of the gateway: its answers are taken as they were, and the questions compared.
"""

import json
import sys
from pathlib import Path

import polars as pl
from sqlalchemy import Connection, insert

from pipelines.check.hop import check, live
from pipelines.config import Run, Settings
from pipelines.errors import Terminal
from pipelines.link.hop import link
from pipelines.night import keep
from pipelines.night.keep import Kept
from pipelines.read.hop import read
from pipelines.registry import snapshot
from pipelines.report.hop import report
from pipelines.standardise.hop import standardise
from pipelines.verify import questions
from pipelines.workspace import audit_log, run_schema, run_tables, state, tree_heads
from pipelines.workspace.state_tables import METADATA


def replay(workspace: Path, run_id: str) -> Path:
    """The folder of the outputs, made again. Errors: whatever a hop raises; Terminal if other questions come out."""
    held = Kept.model_validate_json((workspace / "kept.json").read_bytes())
    own = workspace / "runs" / run_id / "sectors"
    settings = Settings(**{**held.settings, "workspace": workspace, "own_sectors": own, "asks": False})
    run = Run(settings=settings, run_id=run_id)
    _remember(settings, held, workspace / "known.json")
    for hop in (read, standardise, check, link):
        hop(run)
    _take_answers(run, workspace / "answered")
    live(run)
    report(run)
    return run.directory


def _remember(settings: Settings, held: Kept, known: Path) -> None:
    """Puts into the new state database what the night knew."""
    rows = json.loads(known.read_bytes())
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        for name, each in rows.items():
            if each:
                connection.execute(insert(METADATA.tables[name]), each)
        for each in held.signed:
            audit_log.append(connection, "sign_off", each["details"], each["by"])
        _print_head(connection, held)


def _print_head(connection: Connection, held: Kept) -> None:
    if held.head:
        details = {"run_id": held.run_id, "when": "begun", **held.head}
        audit_log.append(connection, "head", details, tree_heads.BY)


def _take_answers(run: Run, folder: Path) -> None:
    tables = {name: keep.read_back(folder / f"{name}.parquet") for name in keep.ANSWERED}
    with run_tables.connect(run) as connection:
        asks = questions.records(connection, snapshot.current(run.settings).path)
        _require_same(asks, tables[run_schema.VERIFICATIONS])
        for name, table in tables.items():
            run_tables.replace_table(connection, name, table)


def _require_same(asks: pl.DataFrame, answered: pl.DataFrame) -> None:
    key = ["record_id", "request_id", "person_id"]
    differ = asks.select(key).join(answered.select(key), on=key, how="anti").height
    if differ or asks.height != answered.height:
        raise Terminal(
            f"Làm lại thì có {differ} yêu cầu xác thực khác: {asks.height} thay vì {answered.height} hồ sơ "
            "/ other questions come out than the night asked."
        )


if __name__ == "__main__":
    replay(Path(sys.argv[1]), sys.argv[2])
