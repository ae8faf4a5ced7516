"""The state database: durable, of one version, typed in its failures, silent about whom it holds."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from pipelines.config import Settings
from pipelines.errors import BadInput, Terminal, Transient
from pipelines.workspace import state, state_tables
from tests.pipelines.verify import postgres


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(workspace=tmp_path, night=date(2026, 11, 22))


def test_commits_are_synced_and_written_ahead(settings: Settings) -> None:
    with state.opened(settings) as engine, state.reading(engine) as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2, "FULL"


def test_a_transaction_is_whole_or_nothing(settings: Settings) -> None:
    row = {"day": "2026-11-22", "cap": 5, "reserved": 0, "charged": 0}
    with state.opened(settings) as engine:
        with pytest.raises(Terminal), state.transaction(engine) as connection:
            connection.execute(insert(state_tables.quota_days), [row, row])
        with state.reading(engine) as connection:
            assert connection.execute(select(state_tables.quota_days)).all() == []


def test_a_locked_database_is_worth_trying_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "BUSY_TIMEOUT_S", 0.05)
    with state.opened(settings) as engine:
        other = sqlite3.connect(settings.workspace / "state.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Transient, match="locked"), state.transaction(engine):
            pass
        other.execute("ROLLBACK")
        other.close()
        with state.transaction(engine):
            pass


def test_a_reader_does_not_wait_for_a_writer(settings: Settings) -> None:
    turn = {"worker": "a", "run_id": "a", "day": "2026-11-22", "sent": 0, "settled": 0}
    turn |= dict.fromkeys(("begun_at", "seen_at", "lease_until"), 0.0)
    with state.opened(settings) as engine, state.transaction(engine) as writing:
        writing.execute(insert(state_tables.turns), turn)
        with state.reading(engine) as connection:
            assert connection.execute(select(state_tables.turns)).all() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_reader_sees_one_moment(settings: Settings, kind: str, request: pytest.FixtureRequest) -> None:
    if kind == "postgresql":
        url = postgres.database(request.getfixturevalue("postgres_server"), "one_moment")
        settings = settings.model_copy(update={"state_url": url})
    row = {"day": "2026-11-22", "cap": 5, "reserved": 0, "charged": 0}
    count = select(func.count()).select_from(state_tables.quota_days)
    with state.opened(settings) as engine:
        with state.reading(engine) as reader:
            assert reader.execute(count).scalar() == 0
            with state.transaction(engine) as writer:
                writer.execute(insert(state_tables.quota_days), row)
            assert reader.execute(count).scalar() == 0
        with state.reading(engine) as reader:
            assert reader.execute(count).scalar() == 1


def test_sessions_of_postgresql_are_durable_and_do_not_wait_for_ever(settings: Settings, postgres_server: Path) -> None:
    url = postgres.database(postgres_server, "sessions")
    expected = {
        "synchronous_commit": "on",
        "lock_timeout": "30s",
        "idle_in_transaction_session_timeout": "20s",
        "transaction_isolation": "read committed",
        "TimeZone": "UTC",
    }
    shared = settings.model_copy(update={"state_url": url})
    with state.opened(shared) as engine, state.transaction(engine) as connection:
        assert {name: connection.execute(text(f"SHOW {name}")).scalar() for name in expected} == expected


def test_a_damaged_database_is_not_used(settings: Settings) -> None:
    (settings.workspace / "state.sqlite").write_bytes(b"not a database" * 500)
    with pytest.raises(Terminal), state.opened(settings):
        pass


def test_a_database_of_another_version_is_refused(settings: Settings) -> None:
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        connection.execute(text("UPDATE schema_version SET version = 99"))
    with pytest.raises(Terminal, match="99"), state.opened(settings):
        pass


BAD_URLS = [
    "@".join(["mysql://u:secretword", "host/x"]),
    "@".join(["postgresql://u:secretword", "host:port/x"]),
    "@".join(["postgresql://u:secretword", "host/x?connect_timeouts=5"]),
    "nonsense",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_a_url_of_something_else_is_told_without_repeating_it(url: str) -> None:
    with pytest.raises(BadInput, match="postgresql://") as caught:
        state.connect(url)
    assert "secretword" not in str(caught.value)


def test_errors_name_nobody(settings: Settings) -> None:
    row = {"request_id": "r", "full_name": "Nguyễn Văn An", "id_number": "079087000001"}
    with state.opened(settings) as engine:
        with pytest.raises(Terminal) as caught, state.transaction(engine) as connection:
            connection.execute(insert(state_tables.questions), row)
        told = f"{caught.value} {caught.value.__cause__}"
    assert "An" not in told
    assert "079087000001" not in told


def test_nights_are_kept_one_a_night_the_last_run(settings: Settings) -> None:
    second = settings.model_copy(update={"night": date(2026, 11, 23)})
    state.record_night(second, "2026-11-23-1", {"records": 3})
    for number in (1, 2, 10, 9):
        state.record_night(settings, f"2026-11-22-{number}", {"records": number, "by_status": {"verified": 1}})
    state.record_night(settings, "2026-11-22-10", {"records": 100})
    assert state.past_nights(settings) == [
        {"night": "2026-11-22", "run_id": "2026-11-22-10", "figures": {"records": 100}},
        {"night": "2026-11-23", "run_id": "2026-11-23-1", "figures": {"records": 3}},
    ]


def test_the_tables_can_be_made_in_postgresql() -> None:
    dialect = postgresql.dialect()
    for table in state_tables.METADATA.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        assert all(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
