"""A thousand ways to tamper with the log, drawn by a seed: all found, with the entry's name or the head's."""

import random
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine, delete, event, insert, select, update

from pipelines.audit import log_check
from pipelines.audit.log_check import head_faults
from pipelines.workspace import audit_log, state_tables
from pipelines.workspace.audit_log import Head
from pipelines.workspace.merkle import Tree, leaf_hash
from pipelines.workspace.state import connect
from pipelines.workspace.tree_heads import TreeHead

TRIALS = 1_000
SIZE = 45
TABLE = state_tables.audit_log
Log = list[dict[str, object]]
Tamper = Callable[[random.Random, Log], set[str]]


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """An empty log without its triggers."""
    engine: Engine = connect("sqlite://")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA recursive_triggers=OFF"))
    with engine.connect() as opened:
        state_tables.METADATA.create_all(opened, tables=[TABLE])
        for name in ("audit_log_no_update", "audit_log_no_delete"):
            opened.exec_driver_sql(f"DROP TRIGGER {name}")
        yield opened
    engine.dispose()


def flip(chance: random.Random, log: Log) -> set[str]:
    """One character of a line."""
    row = chance.choice(log)
    line = str(row["line"])
    at = chance.randrange(len(line))
    row["line"] = line[:at] + chr(ord(line[at]) ^ 1) + line[at + 1 :]
    return {f"log: {row['entry']}"}


def drop(chance: random.Random, log: Log) -> set[str]:
    """An entry that is not the last."""
    at = chance.randrange(len(log) - 1)
    del log[at]
    return {f"log: {at + 1}"}


def slip_in(chance: random.Random, log: Log) -> set[str]:
    """An entry between others, which move up."""
    at = chance.randrange(len(log))
    new = dict(chance.choice(log))
    for row in log[at:]:
        row["entry"] = int(str(row["entry"])) + 1
    log.insert(at, new | {"entry": at + 1})
    return {f"log: {at + 1}", f"log: {at + 2}"}  # the second, where it is the copy of what stood there


def exchange(chance: random.Random, log: Log) -> set[str]:
    """Two entries in each other's place."""
    one, other = sorted(chance.sample(range(len(log)), 2))
    log[one], log[other] = log[other] | {"entry": one + 1}, log[one] | {"entry": other + 1}
    return {f"log: {one + 1}"}


def cut(chance: random.Random, log: Log) -> set[str]:
    """The last entries."""
    del log[chance.randrange(1, len(log)) :]
    return {"kept"}


def rewrite(chance: random.Random, log: Log) -> set[str]:
    """An entry changed, and every hash after it computed anew."""
    row = chance.choice(log)
    row["line"] = str(row["line"]).replace('"An"', '"Chi"')
    rehash(log)
    return {"kept"}


def rewrite_leaf(chance: random.Random, log: Log) -> set[str]:
    """An entry and the hashes of its own row changed, not those of later rows."""
    row = chance.choice(log[:-1])
    row["line"] = str(row["line"]).replace('"An"', '"Chi"')
    entry = int(str(row["entry"]))
    tree = Tree()
    for each in log[:entry]:
        subtree = tree.add(leaf_hash(str(each["line"]).encode()))
    row["leaf"], row["subtree"] = leaf_hash(str(row["line"]).encode()).hex(), subtree.hex()
    last = next(n for n in range(entry + 1, 1_000) if n - (n & -n) < entry)
    names = {f"log: {n - (n & -n) + 1}–{n}" for n in range(entry + 1, last + 1)}
    return names | {"kept"}


def rehash(log: Log) -> None:
    tree = Tree()
    for row in log:
        leaf = leaf_hash(str(row["line"]).encode())
        row["leaf"], row["subtree"] = leaf.hex(), tree.add(leaf).hex()


TAMPERS: list[Tamper] = [flip, drop, slip_in, exchange, cut, rewrite, rewrite_leaf]


def found(connection: Connection, log: Log, kept: TreeHead) -> set[str]:
    connection.execute(delete(TABLE))
    connection.execute(insert(TABLE), log)
    read = log_check.read(connection, {kept.size})
    return {fault.path for fault in (*read.faults, *head_faults({"kept": kept}, read, None))}


@pytest.mark.parametrize("part", [log_check.PART, 7])
def test_a_thousand_tamper_trials_are_found_with_the_right_name(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(log_check, "PART", part)
    connection.execute(delete(TABLE))
    for number in range(SIZE):
        audit_log.append(connection, ("order", "decision", "export")[number % 3], {"n": number, "row": "0" * 64}, "An")
    original = [dict(row) for row in connection.execute(select(TABLE).order_by(TABLE.c.entry)).mappings()]
    head: Head = audit_log.head(connection)
    kept = TreeHead(**head._asdict())
    assert found(connection, [dict(row) for row in original], kept) == set(), "nothing changed is no fault"
    for trial in range(TRIALS):
        chance = random.Random(trial)
        tamper = TAMPERS[trial % len(TAMPERS)]
        log = [dict(row) for row in original]
        expected = tamper(chance, log)
        told = found(connection, log, kept)
        assert told, (trial, tamper.__name__)
        assert told <= expected | {"kept"}, (trial, tamper.__name__)
        assert told & expected, (trial, tamper.__name__)


def test_what_was_rewritten_lies_between_two_heads(connection: Connection) -> None:
    connection.execute(delete(TABLE))
    for number in range(10):
        audit_log.append(connection, "order", {"n": number}, "An")
    early = TreeHead(**audit_log.head(connection)._asdict())
    for number in range(10):
        audit_log.append(connection, "order", {"n": number}, "An")
    late = TreeHead(**audit_log.head(connection)._asdict())
    log = [dict(row) for row in connection.execute(select(TABLE).order_by(TABLE.c.entry)).mappings()]
    log[14]["line"] = str(log[14]["line"]).replace("An", "Chi")
    rehash(log)
    for row in log:
        connection.execute(update(TABLE).where(TABLE.c.entry == row["entry"]).values(row))
    read = log_check.read(connection, {10, 20})
    assert read.faults == [], "the log itself is whole"
    (fault,) = head_faults({"early": early, "late": late}, read, None)
    assert fault.path == "late"
    assert "11–20" in fault.message
