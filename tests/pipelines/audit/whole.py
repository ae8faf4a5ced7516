"""A workspace with everything that an audit reads: an order, a night with a question, a decision, signed heads."""

import shutil
import sqlite3
from datetime import date, datetime
from pathlib import Path

import polars as pl

from pipelines.config import TIME_ZONE, Settings
from pipelines.night import runs
from pipelines.quota import give_order, orders
from pipelines.quota.give_order import Signed
from pipelines.registry import load
from pipelines.review.decide import HumanVerdict, decide
from pipelines.workspace import tree_heads
from tests.pipelines.nights import LIST, REGISTRY, through

RUN = "2026-11-22-1"
NOON = datetime(2026, 11, 22, 12, tzinfo=TIME_ZONE)


def make(workspace: Path, key: Path, state_url: str | None = None) -> Settings:
    """The workspace after the night was handed on and a human decided."""
    (workspace / "inbox" / "insurance").mkdir(parents=True)
    (workspace / "inbox" / "insurance" / "a.csv").write_text(LIST, encoding="utf-8")
    (workspace / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    tree_heads.make_key(key)
    settings = Settings(workspace=workspace, night=date(2026, 11, 22), asks=True, signing_key=key, state_url=state_url)
    load.load(settings, workspace / "registry.csv")
    give_order.plain(settings, orders.CAP, Signed("An", NOON, "thử"), {"cap": 7})
    run = through(settings)
    runs.close(run)
    record = pl.read_parquet(run.directory / "links.parquet")["record_id"][0]
    decide(settings, [HumanVerdict(record_id=record, verdict="nobody", by="Bình", because="trùng tên")], now=NOON)
    return settings


def copy(original: Settings, workspace: Path) -> Settings:
    """The same workspace elsewhere, to be spoilt."""
    shutil.copytree(original.workspace, workspace)
    return original.model_copy(update={"workspace": workspace})


def change(workspace: Path, *statements: str) -> None:
    """Changes the state database past the program, as somebody might who can write to the file."""
    with sqlite3.connect(workspace / "state.sqlite") as database:
        for trigger in ("audit_log_no_update", "audit_log_no_delete"):
            database.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        for statement in statements:
            database.execute(statement)
    database.close()


def rows(workspace: Path, statement: str) -> list[tuple[object, ...]]:
    """What the state database says."""
    with sqlite3.connect(workspace / "state.sqlite") as database:
        found = database.execute(statement).fetchall()
    database.close()
    return found
