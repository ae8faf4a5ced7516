"""The log: entries of one transaction with what they record, numbered without a gap whoever appends, never changed."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text

from pipelines.config import Settings
from pipelines.errors import Terminal
from pipelines.workspace import audit_log, merkle, state, state_tables
from tests.pipelines.verify.stage import Stage


def test_an_entry_is_hashed_as_canonical_json(settings: Settings) -> None:
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        before = audit_log.head(connection).size
        number = audit_log.append(connection, "manifest", {"run_id": "2026-11-22-1", "được": [1, None]}, "sachsong")
        line = connection.execute(select(state_tables.audit_log.c.line).order_by(text("entry DESC"))).scalar()
    assert number == before + 1
    assert line == (
        f'{{"at":null,"by":"sachsong","details":{{"run_id":"2026-11-22-1","được":[1,null]}},"entry":{number},'
        '"kind":"manifest"}'
    )
    assert audit_log.line_of(audit_log.entry_of(line)) == line


def test_the_head_is_the_root_over_all_lines(stage_engine: Engine) -> None:
    lines = []
    with state.transaction(stage_engine) as connection:
        assert audit_log.head(connection) == (0, hashlib.sha256(b"").hexdigest())
        for number in range(1, 12):
            assert audit_log.append(connection, "order", {"cap": number}, "An") == number
        assert audit_log.append_all(connection, "decision", [{"a": 1}, {"a": 2}], "Bình") == range(12, 14)
        assert audit_log.append_all(connection, "decision", [], "Bình") == range(14, 14)
        lines = [audit_log.line_of(entry) for entry in audit_log.entries(connection)]
        assert [entry.details for entry in audit_log.entries(connection, "decision")] == [{"a": 1}, {"a": 2}]
        head = audit_log.head(connection)
    tree = merkle.Tree()
    for line in lines:
        tree.add(merkle.leaf_hash(line.encode()))
    assert head == (13, tree.root().hex())


def test_an_entry_goes_with_its_transaction(stage_engine: Engine) -> None:
    row = {"day": "2026-11-22", "cap": 5, "reserved": 0, "charged": 0}

    def act() -> None:
        with state.transaction(stage_engine) as connection:
            audit_log.append(connection, "order", {"cap": 5}, "An")
            connection.execute(insert(state_tables.quota_days), [row, row])

    with pytest.raises(Terminal):
        act()
    with state.reading(stage_engine) as connection:
        assert audit_log.head(connection).size == 0


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET line = 'x'", "DELETE FROM audit_log"])
def test_the_database_itself_refuses_a_change(stage_engine: Engine, statement: str) -> None:
    with state.transaction(stage_engine) as connection:
        audit_log.append(connection, "order", {"cap": 5}, "An")
    with pytest.raises(Terminal, match="append-only"), state.transaction(stage_engine) as connection:
        connection.execute(text(statement))
    with state.reading(stage_engine) as connection:
        assert audit_log.head(connection).size == 1


def test_who_appends_at_the_same_time_waits_for_the_other(stage_engine: Engine) -> None:
    def append(who: int) -> list[int]:
        numbers = []
        for _ in range(5):
            with state.transaction(stage_engine) as connection:
                numbers.append(audit_log.append(connection, "order", {"cap": who}, f"người {who}"))
        return numbers

    with ThreadPoolExecutor(4) as threads:
        numbers = [number for each in threads.map(append, range(4)) for number in each]
    assert sorted(numbers) == list(range(1, 21))
    tree = merkle.Tree()
    with state.reading(stage_engine) as connection:
        stored = connection.execute(select(state_tables.audit_log).order_by(state_tables.audit_log.c.entry)).all()
    assert [tree.add(merkle.leaf_hash(row.line.encode())).hex() for row in stored] == [row.subtree for row in stored]


def test_unknown_kinds_and_nobody_are_refused(stage_engine: Engine) -> None:
    with state.transaction(stage_engine) as connection:
        for kind, by in (("gossip", "An"), ("order", " ")):
            with pytest.raises(ValueError, match="audit log"):
                audit_log.append(connection, kind, {}, by)


def test_a_log_with_a_hole_takes_nothing_more(settings: Settings, tmp_path: Path) -> None:
    del tmp_path
    with state.opened(settings) as engine:
        with state.transaction(engine) as connection:
            while audit_log.append(connection, "order", {}, "An") < 3:
                pass
            connection.execute(text("DROP TRIGGER audit_log_no_delete"))
            connection.execute(text("DELETE FROM audit_log WHERE entry = 2"))
        with pytest.raises(Terminal, match="audit verify"), state.transaction(engine) as connection:
            audit_log.append(connection, "order", {}, "An")


@pytest.fixture
def stage_engine(stage: Stage) -> Engine:
    return stage.engine
