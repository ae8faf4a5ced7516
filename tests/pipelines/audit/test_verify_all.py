"""A whole workspace checked again: each thing that somebody might change is found and named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from pipelines.audit.verify_all import read_head, verify_all
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.workspace import state, tree_heads
from pipelines.workspace.checksums import sha256
from tests.pipelines.audit import whole
from tests.pipelines.audit.whole import RUN, change
from tests.pipelines.verify import postgres


@pytest.fixture
def settings(audited: Settings, tmp_path: Path) -> Settings:
    return whole.copy(audited, tmp_path / "carried")


def told(settings: Settings, *heads: Path) -> list[tuple[str, str]]:
    return [(fault.path, fault.kind) for fault in verify_all(settings, heads=heads)]


def test_nothing_changed_is_no_fault(settings: Settings) -> None:
    assert told(settings) == []
    assert verify_all(settings, RUN, heads=[settings.heads_directory / f"{RUN}.json"]) == []


def test_everything_that_happened_is_in_the_log(settings: Settings) -> None:
    kinds = whole.rows(settings.workspace, "SELECT kind FROM audit_log ORDER BY entry")
    assert [kind for (kind,) in kinds] == [
        "registry",
        "order",
        "baseline",
        "night",
        "head",
        "manifest",
        "head",
        "decision",
    ]
    manifest = json.loads((settings.runs_directory / RUN / "manifest.json").read_bytes())
    assert manifest["log_head"]["size"] == 4, "as the night began"
    assert read_head(settings.runs_directory / RUN / "manifest.json").is_signed()
    assert manifest["log_head"]["root"] in (settings.runs_directory / RUN / "reports" / "summary.html").read_text()
    assert read_head(settings.heads_directory / f"{RUN}.json").size == 6, "with the manifest's entry"


def flip_manifest(workspace: Path) -> None:
    path = workspace / "runs" / RUN / "manifest.json"
    path.write_text(path.read_text("utf-8").replace('"memory_mb": 3', '"memory_mb": 4'), encoding="utf-8")


def rewrite_figure(workspace: Path) -> None:
    """A figure of the summary changed, and its hash with it."""
    folder = workspace / "runs" / RUN
    page = folder / "reports" / "summary.html"
    was = sha256(page)
    page.write_text(page.read_text("utf-8").replace("100", "101"), encoding="utf-8")
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace(was, sha256(page)), encoding="utf-8")
    assert sha256(page) != was


def delete_run(workspace: Path) -> None:
    shutil.rmtree(workspace / "runs" / RUN)


def add_run(workspace: Path) -> None:
    shutil.copytree(workspace / "runs" / RUN, workspace / "runs" / "2026-11-22-2")


def by_sql(*statements: str) -> Callable[[Path], None]:
    return lambda workspace: change(workspace, *statements)


DECISION = "sector, content, verdict, person_id, person, decided_by, decided_at, reason"

MISSES: dict[str, tuple[Callable[[Path], None], set[tuple[str, str]]]] = {
    "a flip in the manifest": (flip_manifest, {(f"{RUN}/manifest.json", "manifest")}),
    "a figure and its hash": (rewrite_figure, {(f"{RUN}/manifest.json", "manifest")}),
    "a whole run deleted": (
        delete_run,
        {(f"{RUN}/manifest.json", "missing")},
    ),
    "a run invented": (
        add_run,
        {("2026-11-22-2/manifest.json", "manifest"), ("state: nights 2026-11-22-2", "figures")},
    ),
    "charges changed": (
        by_sql("UPDATE quota_days SET charged = charged + 1"),
        {("state: quota_days 2026-11-22", "books")},
    ),
    "a question deleted": (
        by_sql("DELETE FROM questions"),
        {
            ("state: questions 2026-11-22", "books"),
            ("state: questions 2026-11-22 insurance-00", "books"),
            ("state: questions", "books"),
            ("state: questions 2026-11-22/MATCH", "books"),
        },
    ),
    "the ledger deleted": (
        by_sql("DELETE FROM ledger"),
        {
            ("state: quota_days 2026-11-22", "books"),
            ("state: questions 2026-11-22", "books"),
            ("state: tenant_days 2026-11-22 insurance-00", "books"),
            ("state: questions 2026-11-22 insurance-00", "books"),
            ("state: ledger 1–2", "books"),
        },
    ),
    "all books changed alike": (
        by_sql("UPDATE ledger SET enqueued_on = '2026-11-01'"),
        {("state: ledger 1–2", "books")},
    ),
    "an answer changed": (
        by_sql("UPDATE questions SET result = 'NOT_FOUND'"),
        {("state: questions 2026-11-22/MATCH", "books")},
    ),
    "a plan changed": (
        by_sql("UPDATE allocations SET floor = floor + 1"),
        {("state: plans 1 (2026-11-22)", "books"), ("state: allocations 1–1", "books")},
    ),
    "a decision inserted": (
        by_sql(f"INSERT INTO decisions ({DECISION}) SELECT {DECISION} FROM decisions"),
        {("state: decisions 2", "decision")},
    ),
    "a decision changed": (
        by_sql("UPDATE decisions SET decided_by = 'Chi'"),
        {("state: decisions 1", "decision"), ("log: 8", "decision")},
    ),
    "an answer invented": (
        by_sql(
            "INSERT INTO review_answers (sector, content, tenant, said, given_by, given_at, note)"
            " VALUES ('insurance', 'c', 'insurance-00', 'nobody', 'Chi', 1.5, '')"
        ),
        {("state: review_answers 1", "review_answer")},
    ),
    "an order deleted": (by_sql("DELETE FROM orders"), {("log: 2", "order")}),
    "a night's figures changed": (
        by_sql("UPDATE nights SET figures = '{}'"),
        {(f"state: nights {RUN}", "figures")},
    ),
    "the state deleted": (lambda workspace: (workspace / "state.sqlite").unlink(), {("log: 1", "log")}),
    "an entry flipped": (
        by_sql("UPDATE audit_log SET line = replace(line, 'An', 'Ân') WHERE entry = 2"),
        {("log: 2", "log")},
    ),
    "an entry's kind changed": (
        by_sql("UPDATE audit_log SET kind = 'export' WHERE entry = 2"),
        {("log: 2", "log"), ("state: orders 1", "order")},
    ),
    "an entry deleted": (
        by_sql("DELETE FROM audit_log WHERE entry = 1"),
        {("log: 1", "log")},
    ),
}


@pytest.mark.parametrize("miss", MISSES)
def test_what_was_changed_is_named(settings: Settings, miss: str) -> None:
    spoil, expected = MISSES[miss]
    spoil(settings.workspace)
    assert {(path, kind) for path, kind in told(settings) if kind != "head"} == expected


def test_a_log_that_was_cut_is_not_that_of_a_head(settings: Settings) -> None:
    change(settings.workspace, "DELETE FROM audit_log WHERE entry > 5")
    shutil.rmtree(settings.heads_directory)
    kept = settings.workspace / "kept.json"
    kept.write_text(json.dumps({"size": 6, "root": "0" * 64}))
    assert (str(kept), "head") in told(settings, kept)
    assert (f"{RUN}/manifest.json", "head") not in told(settings), "the head of four entries still holds"


def test_a_head_of_another_key_is_told(settings: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other" / "signing.key"
    tree_heads.make_key(other)
    strange = settings.model_copy(update={"signing_key": other})
    assert {kind for _, kind in told(strange)} == {"head"}
    unknown = settings.model_copy(update={"signing_key": tmp_path / "none"})
    assert told(unknown) == []


def test_a_wrong_signature_is_told(settings: Settings) -> None:
    path = settings.heads_directory / f"{RUN}.json"
    head = json.loads(path.read_bytes())
    path.write_text(json.dumps(head | {"signature": "0" * 128}))
    assert told(settings) == [(f"heads/{RUN}.json", "head")]
    path.write_text("{")
    assert told(settings) == [(f"heads/{RUN}.json", "head")]


def test_a_file_without_a_head_is_refused(settings: Settings) -> None:
    with pytest.raises(BadInput, match="head"):
        verify_all(settings, heads=[settings.runs_directory / RUN / "links.parquet"])


def test_a_run_that_never_was_is_refused(settings: Settings) -> None:
    with pytest.raises(BadInput, match=r"manifest\.json"):
        verify_all(settings, "2026-11-22-9")


def test_postgresql_is_checked_alike(tmp_path: Path, postgres_server: Path) -> None:
    url = postgres.database(postgres_server, "audited")
    settings = whole.make(tmp_path / "whole", tmp_path / "keys" / "signing.key", url)
    assert told(settings) == []
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        connection.execute(text("DROP TRIGGER audit_log_append_only ON audit_log"))
        connection.execute(text("UPDATE audit_log SET line = replace(line, 'An', 'Ân') WHERE entry = 2"))
        connection.execute(text("DELETE FROM ledger"))
    found = told(settings)
    assert ("log: 2", "log") in found
    assert ("state: quota_days 2026-11-22", "books") in found
