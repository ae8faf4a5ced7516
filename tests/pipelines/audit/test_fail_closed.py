"""What cannot be written to the audit log does not happen: a log that takes nothing, and each kind of act."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.audit import sign_off
from pipelines.config import TIME_ZONE, Run, Settings
from pipelines.errors import PipelineError
from pipelines.night import hops, runs
from pipelines.night.runs import manifest_of
from pipelines.quota import give_order, orders
from pipelines.quota.give_order import Signed
from pipelines.read import replacements
from pipelines.registry import load, snapshot
from pipelines.report import published
from pipelines.report.hop import report
from pipelines.review import changes
from pipelines.review.decide import HumanVerdict, decide
from pipelines.workspace import audit_log, state
from tests.pipelines.audit import whole
from tests.pipelines.audit.whole import NOON, RUN, change, rows

PLANTED = "CREATE TRIGGER planted BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'planted'); END"


@pytest.fixture
def settings(audited: Settings, tmp_path: Path) -> Settings:
    return whole.copy(audited, tmp_path / "carried")


def order(settings: Settings) -> None:
    give_order.plain(settings, orders.CAP, Signed("An", NOON, "thử"), {"cap": 1})


def pause(settings: Settings) -> None:
    give_order.plain(settings, orders.PAUSE, Signed("An", NOON, "thử"))


def decision(settings: Settings) -> None:
    record = pl.read_parquet(settings.runs_directory / RUN / "links.parquet")["record_id"][0]
    decide(settings, [HumanVerdict(record_id=record, verdict="revoked", by="Bình", because="nhầm")])


def replacement(settings: Settings) -> None:
    replacements.allow(settings, "insurance", "a" * 64, "An", "bản mới")


def registry(settings: Settings) -> None:
    file = settings.workspace / "registry.csv"
    file.write_text(file.read_text("utf-8") + "079087012345,Lê Bình,1990-01-01,Nam\n", encoding="utf-8")
    load.load(settings, file)


def night(settings: Settings) -> None:
    runs.open_run(settings)


def again(settings: Settings) -> None:
    hops.run_again(runs.last_run(settings), "report")


def signature(settings: Settings) -> None:
    sign_off.sign(settings, RUN, "An")


def proposal(settings: Settings) -> None:
    changes.propose(settings.model_copy(update={"approval": "two", "daily_cap": 5}), "An", "thử", role="officer")


def publication(settings: Settings) -> None:
    published.write(runs.last_run(settings), settings.workspace / "published", "An")


ACTS: list[Callable[[Settings], None]] = [
    *(order, pause, decision, replacement, registry, night, again, signature, proposal, publication),
]


def standing(settings: Settings) -> dict[str, object]:
    """All that an act could have changed."""
    tables = ("orders", "decisions", "replacements", "quota_days", "audit_log", "nights")
    held: dict[str, object] = {name: rows(settings.workspace, f"SELECT * FROM {name}") for name in tables}
    files = [
        path for folder in ("runs", "work", "heads", "published") for path in (settings.workspace / folder).rglob("*")
    ]
    held["files"] = sorted(str(path) for path in files if path.is_file())
    held["registry"] = snapshot.current(settings).sha256
    return held


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_without_its_entry_an_act_does_not_happen(settings: Settings, act: Callable[[Settings], None]) -> None:
    change(settings.workspace, PLANTED)
    before = standing(settings)
    with pytest.raises(PipelineError, match="planted"):
        act(settings)
    assert standing(settings) == before


def test_without_its_entry_a_night_is_not_finished(settings: Settings) -> None:
    run = runs.last_run(settings)
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        audit_log.append(connection, "reopened", {"run_id": RUN, "hop": "report"}, "sachsong")
    change(settings.workspace, PLANTED)
    with pytest.raises(PipelineError, match="planted"):
        report(run)
    assert not manifest_of(run).exists()


def test_without_its_entry_an_approval_is_none(settings: Settings) -> None:
    two = settings.model_copy(update={"approval": "two"})
    moment = datetime(2026, 11, 23, tzinfo=TIME_ZONE)
    waiting = give_order.plain(two, orders.CAP, Signed("An", moment, "thử", "officer"), {"cap": 1})
    change(settings.workspace, PLANTED)
    with pytest.raises(PipelineError, match="planted"):
        changes.approve(two, waiting["proposal"], "Bình", role="auditor")
    assert [json.loads(str(detail)) for (detail,) in rows(settings.workspace, "SELECT detail FROM orders")] == [
        {"cap": 7}
    ]
    assert all(each.waits for each in changes.proposals(two))


def test_the_planted_failure_is_what_stops_them(settings: Settings) -> None:
    for act in ACTS:
        act(settings)
    assert isinstance(runs.open_run(settings), Run)
