"""Appends to the audit log: who did what, each entry in the transaction of what it records.

Entries are never changed; their Merkle tree (RFC 6962) makes a change to any of them visible to whoever knows an
earlier root. An entry is one event, not one record of a night, and holds no personal value: names of who acted,
digests, counts and identifiers of records.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, func, insert, select

from pipelines.config import TIME_ZONE
from pipelines.errors import Terminal
from pipelines.workspace.merkle import Tree, ends_of_peaks, leaf_hash
from pipelines.workspace.state_tables import audit_log

KINDS: Mapping[str, str] = {
    "registry": "a registry snapshot that was put in force",
    "night": "a run that began: registry, rules, sector tables, model and settings in force, by digest",
    "manifest": "a run that was finished, by its manifest's digest, with the sums of the queue's books",
    "head": "a head of the log that was published: a run's outputs print it",
    "reopened": "a finished run whose hop was done again, so that its manifest holds no longer",
    "order": "an order about the queue: cap, pause, resume, policy, weight, override",
    "decision": "a human's decision about a record",
    "review_answer": "a person's answer about a record, on the pages or in a workbook",
    "answered_list": "a filled-in list that was taken: which, by the file's digest, and what became of its answers",
    "replacement": "a file that may take values away from what it replaces",
    "baseline": "rules, model and settings as they were when the workspace's first night began",
    "proposal": "a change of rules, model or settings, or an order, that waits for approval",
    "approval": "a proposal that was approved or refused",
    "sign_off": "a signature under a night or a department's list",
    "export": "files that left the workspace by an export",
    "read": "a record's own values that somebody opened on the review pages",
    "unmasked": "a read of unmasked personal data",
    "sign_in": "a sign-in or sign-out on the review pages, failed ones too",
    "refused": "a page or an act that somebody's role or tenant does not allow",
    "readers": "how many people read a tenant's records, as somebody ordered",
    "corrections": "corrections of a department's file that were approved",
    "account": "a person's account or role that was made or changed",
    "events": "changes of the registry that were read from a feed",
}
"""Kinds of entries: add one here before appending it."""

BY_NIGHT = ("registry", "events", "baseline", "night", "head", "manifest")
"""Kinds without a moment of their own: what a night does by itself is dated by the night, its manifest has the times.
So workspaces of the same input have the same log when their first night prints its head.
"""

_APPENDING = 5_005_031_947
"""The advisory lock under which PostgreSQL numbers entries as they are committed: any number that nobody else uses."""


class Entry(NamedTuple):
    """An entry as it was stored."""

    entry: int
    kind: str
    by: str
    at: str | None
    details: dict[str, Any]


class Head(NamedTuple):
    """The size of the log and the root of its tree: whoever knows both knows every entry to be unchanged."""

    size: int
    root: str
    """64 hexadecimal digits."""


def append(connection: Connection, kind: str, details: Mapping[str, Any], by: str) -> int:
    """The number of the new entry, counted from 1; it stands when the caller's transaction is committed.

    Errors: whatever the database refuses, so that the caller's transaction fails too.
    """
    return append_all(connection, kind, [details], by)[-1]


def append_once(connection: Connection, kind: str, details: Mapping[str, Any], by: str, same: Collection[str]) -> bool:
    """Whether the entry is new: it is left out where the last one of its kind says the same by these names."""
    last = select(audit_log.c.line).where(audit_log.c.kind == kind).order_by(audit_log.c.entry.desc()).limit(1)
    line = connection.execute(last).scalar()
    if line and all(entry_of(line).details.get(name) == details.get(name) for name in same):
        return False
    append(connection, kind, details, by)
    return True


def append_all(connection: Connection, kind: str, many: Iterable[Mapping[str, Any]], by: str) -> range:
    """The numbers of new entries, in the order of their details."""
    if kind not in KINDS or not by.strip():
        raise ValueError(f"audit log: no entry of kind {kind!r} by {by!r}")
    at = None if kind in BY_NIGHT else datetime.now(TIME_ZONE).isoformat(timespec="seconds")
    tree = _locked_tree(connection)
    first = tree.size + 1
    rows = []
    for details in many:
        entry = tree.size + 1
        line = line_of(Entry(entry, kind, by.strip(), at, dict(details)))
        leaf = leaf_hash(line.encode())
        rows.append({"entry": entry, "kind": kind, "line": line, "leaf": leaf.hex(), "subtree": tree.add(leaf).hex()})
    if rows:
        connection.execute(insert(audit_log), rows)
    return range(first, tree.size + 1)


def line_of(entry: Entry) -> str:
    """The text of an entry, which its hash is of."""
    return canonical(entry._asdict())


def entry_of(line: str) -> Entry:
    """The entry of a text."""
    return Entry(**json.loads(line))


def head(connection: Connection) -> Head:
    """The head of the log as this transaction sees it."""
    tree = _tree(connection)
    return Head(tree.size, tree.root().hex())


def entries(connection: Connection, *kinds: str) -> Iterator[Entry]:
    """Every entry of these kinds, the oldest first; of all kinds if none is named."""
    wanted = select(audit_log.c.line).order_by(audit_log.c.entry)
    if kinds:
        wanted = wanted.where(audit_log.c.kind.in_(kinds))
    for (line,) in connection.execute(wanted):
        yield entry_of(line)


def digest(row: Mapping[str, Any]) -> str:
    """The digest of a stored row: an entry holds it where the row holds what an entry must not."""
    return hashlib.sha256(canonical(row).encode()).hexdigest()


def digest_of_row(table: Table, row: Mapping[str, Any]) -> str:
    """The digest of a row of an append-only table, whose number does not count: equal as given and as stored."""
    return digest({column.name: row.get(column.name) for column in table.columns if not column.primary_key})


def canonical(values: Mapping[str, Any]) -> str:
    """Canonical JSON: equal values have equal text, whatever their order."""
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def newest(connection: Connection, most: int, *kinds: str) -> list[Entry]:
    """The newest entries of these kinds, the newest first."""
    wanted = select(audit_log.c.line).where(audit_log.c.kind.in_(kinds)).order_by(audit_log.c.entry.desc()).limit(most)
    return [entry_of(line) for line in connection.execute(wanted).scalars()]


def _locked_tree(connection: Connection) -> Tree:
    """The tree, which nobody else lets grow before this transaction ends."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
        connection.execute(select(func.pg_advisory_xact_lock(_APPENDING)))
    return _tree(connection)


def _tree(connection: Connection) -> Tree:
    size = connection.execute(select(func.max(audit_log.c.entry))).scalar() or 0
    ends = ends_of_peaks(size)
    found = select(audit_log.c.subtree).where(audit_log.c.entry.in_(ends)).order_by(audit_log.c.entry)
    peaks = [bytes.fromhex(subtree) for (subtree,) in connection.execute(found)]
    if len(peaks) != len(ends):
        raise Terminal(
            "Nhật ký kiểm toán thiếu mục, không ghi tiếp được; hãy chạy: sachsong audit verify "
            "/ the audit log lacks entries, nothing can be added to it."
        )
    return Tree(size, peaks)
