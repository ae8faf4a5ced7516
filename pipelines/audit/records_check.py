"""Compares what the audit log records with what stands: manifests, nights' figures, decisions, orders, permissions."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from pipelines.audit.finding import Fault
from pipelines.audit.log_check import Log
from pipelines.audit.manifest import MANIFEST
from pipelines.workspace import audit_log, state_tables
from pipelines.workspace.checksums import sha256

ROWS: Mapping[str, Table] = {
    "decision": state_tables.decisions,
    "order": state_tables.orders,
    "replacement": state_tables.replacements,
    "review_answer": state_tables.review_answers,
}
"""Kind of entry → the append-only table whose rows have one entry each."""


def check(connection: Connection, runs: Path, log: Log) -> Iterator[Fault]:
    """Everything that is not as the log records it."""
    yield from manifests(runs, log)
    yield from _figures(connection, runs)
    for kind, table in ROWS.items():
        yield from _rows(connection, kind, table, log)


def expected_manifests(log: Log) -> dict[str, tuple[int, str]]:
    """Run → number of the entry and digest of its manifest; runs whose last manifest no longer holds are left out."""
    expected: dict[str, tuple[int, str]] = {}
    for entry in log.entries:
        if entry.kind == "manifest":
            expected[entry.details["run_id"]] = (entry.entry, entry.details["sha256"])
        elif entry.kind == "reopened":
            expected.pop(entry.details["run_id"], None)
    return expected


def manifests(runs: Path, log: Log, only: str | None = None) -> Iterator[Fault]:
    """Manifests that are not those of the log, of every run or of one; runs that it does not know, and runs that are
    gone.
    """
    expected = expected_manifests(log)
    for run_id in sorted({*expected, *(path.parent.name for path in runs.glob(f"*/{MANIFEST}"))}):
        if only not in (None, run_id):
            continue
        manifest = runs / run_id / MANIFEST
        entry, digest = expected.get(run_id, (0, ""))
        where = f"{run_id}/{MANIFEST}"
        if not manifest.is_file():
            told = f"nhật ký (mục {entry}) có lượt chạy này, tệp thì không còn; nếu đêm đó bị ngắt, hãy chạy lại nó"
            yield Fault(where, "missing", f"{told} / the run of entry {entry} is gone, or was interrupted at its end")
        elif not entry:
            yield Fault(where, "manifest", "lượt chạy không có trong nhật ký / the log knows no such finished run")
        elif sha256(manifest) != digest:
            yield Fault(where, "manifest", f"khác mã băm ở mục {entry} của nhật ký / not as in the log's entry {entry}")


def _figures(connection: Connection, runs: Path) -> Iterator[Fault]:
    """The stored figures of each night, which the trend shows, against its manifest's."""
    table = state_tables.nights
    stored = {row.run_id: row.figures for row in connection.execute(select(table.c.run_id, table.c.figures))}
    for run_id in sorted({*stored, *(path.parent.name for path in runs.glob(f"*/{MANIFEST}"))}):
        counts = _counts(runs / run_id / MANIFEST)
        if counts is not None and stored.get(run_id) != counts:
            told = "số liệu của đêm khác manifest / the night's stored figures are not its manifest's"
            yield Fault(f"state: nights {run_id}", "figures", told)


def _counts(manifest: Path) -> Any:
    """The figures of a manifest; None if there are none: that is told elsewhere."""
    try:
        return json.loads(manifest.read_bytes()).get("counts")
    except (OSError, ValueError, AttributeError):
        return None


def _rows(connection: Connection, kind: str, table: Table, log: Log) -> Iterator[Fault]:
    """Rows of a table against their entries: each has one, and none is without a row."""
    left = Counter(digest for _, digest in log.rows[kind])
    key = next(iter(table.primary_key.columns))
    for row in connection.execute(select(table).order_by(key)).mappings():
        digest = audit_log.digest_of_row(table, dict(row))
        if left[digest]:
            left[digest] -= 1
        else:
            told = "không có trong nhật ký: đã bị thêm hoặc sửa / is not in the log: it was inserted or changed"
            yield Fault(f"state: {table.name} {row[key.name]}", kind, told)
    for entry, digest in log.rows[kind]:
        if left[digest]:
            left[digest] -= 1
            yield Fault(
                f"log: {entry}", kind, f"dòng của mục này trong {table.name} đã bị xóa hoặc sửa / its row is gone"
            )
