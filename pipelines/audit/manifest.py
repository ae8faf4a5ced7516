"""Writes the manifest: a checksum of every input and output, versions, counts."""

import hashlib
import json
import platform
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.audit import books
from pipelines.config import TIME_ZONE, Run, Settings
from pipelines.errors import BadInput
from pipelines.registry import snapshot as snapshots
from pipelines.workspace import atomic_files, audit_log, provenance, state, tree_heads
from pipelines.workspace.checksums import describe, sha256
from pipelines.workspace.tree_heads import TreeHead

MANIFEST = "manifest.json"
TIMES = "times.html"
"""Page of what each hop took: no output, because the same night takes another time elsewhere."""

SCHEMA = 1


def write_manifest(
    run: Run,
    files: pl.DataFrame,
    account: pl.DataFrame,
    counts: dict[str, Any],
    spent: list[dict[str, Any]],
    started: datetime,
) -> Path:
    """Path of the manifest, which is written after every other output of the run.

    Its digest is in the audit log before it stands: a run whose entry cannot be written is not finished.
    Shape: `files` as that table, `spent` the rows of that table, `account` as `conservation.balance`. What the report
    itself cost is not known while it is written.
    """
    head = tree_heads.of_run(run)
    manifest = {
        "schema": SCHEMA,
        "run_id": run.run_id,
        "night": run.settings.night.isoformat(),
        "inputs": _inputs(files),
        "registry": registry_snapshot(run.settings),
        "archive": _archived(run),
        "log_head": head.model_dump() if head else None,
        "outputs": [describe(path, run.directory) for path in _outputs(run.directory)],
        "conservation": account.drop("sha256").to_dicts(),
        "counts": counts,
        "settings": {"night": run.settings.night.isoformat(), "daily_cap": run.settings.daily_cap},
        "versions": provenance.versions(),
        "sources": provenance.sources(run.settings.sectors_directory),
        "execution": {
            "started": started.astimezone(TIME_ZONE).isoformat(timespec="seconds"),
            "finished": datetime.now(TIME_ZONE).isoformat(timespec="seconds"),
            "inbox": _inbox(run),
            "threads": run.settings.threads,
            "memory_mb": run.settings.memory_mb,
            "machine": platform.platform(),
            "hops": spent,
        },
    }
    path = run.directory / MANIFEST
    content = (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    last = _note(run, hashlib.sha256(content).hexdigest())
    with atomic_files.atomic(path) as temporary:
        temporary.write_bytes(content)
    with atomic_files.atomic(run.settings.heads_directory / f"{run.run_id}.json") as temporary:
        temporary.write_text(last.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


def _note(run: Run, digest: str) -> TreeHead:
    """The head of the audit log with the run's entry in it."""
    with state.opened(run.settings) as engine, state.transaction(engine) as connection:
        earlier = [entry.details["books"] for entry in audit_log.entries(connection, "manifest")]
        details = {
            "run_id": run.run_id,
            "sha256": digest,
            "books": books.sums(connection, earlier[-1] if earlier else None),
        }
        audit_log.append(connection, "manifest", details, tree_heads.BY)
        return tree_heads.publish(connection, run.run_id, "finished", run.settings.signing_key_file)


def _archived(run: Run) -> str | None:
    """Checksum of the list of what the run was made from (`pipelines.night.keep`); None outside a night."""
    index = run.settings.archive_directory / f"{run.run_id}.json"
    return sha256(index) if index.is_file() else None


def counts_of(run: Run) -> dict[str, Any]:
    """The night's figures from its manifest: every reader of figures shows what an auditor reads."""
    counts: dict[str, Any] = json.loads((run.directory / MANIFEST).read_bytes())["counts"]
    return counts


def _inbox(run: Run) -> str:
    """Within the workspace as a relative path, so that a workspace may move."""
    inbox, workspace = run.settings.inbox_directory.resolve(), run.settings.workspace.resolve()
    return str(inbox.relative_to(workspace) if inbox.is_relative_to(workspace) else inbox)


def _inputs(files: pl.DataFrame) -> list[dict[str, Any]]:
    """One entry a file in the inbox (its sheets and what it holds added up), with the checksum of its bytes.

    What was never opened (a link, a pipe) has none and is no input.
    """
    return (
        files.filter(pl.col("arrived_sha256").is_not_null())
        .group_by("sector", "arrived_as")
        .agg(
            pl.concat_str("sector", "arrived_as", separator="/").first().str.strip_chars_start("/").alias("path"),
            pl.col("arrived_sha256").min().alias("sha256"),
            pl.col("bytes").max(),
            pl.col("rows_counted").sum().alias("rows"),
        )
        .sort("sector", "arrived_as")
        .select("path", "sector", "sha256", "bytes", "rows")
        .to_dicts()
    )


def _outputs(directory: Path) -> list[Path]:
    beside = (directory / MANIFEST, directory / TIMES)
    return sorted(path for path in directory.rglob("*") if path.is_file() and path not in beside)


def registry_snapshot(settings: Settings) -> dict[str, Any] | None:
    """The registry snapshot that the run linked to: its `path, sha256, bytes, rows` and the file it was made from."""
    try:
        snapshot = snapshots.current(settings)
    except BadInput:
        return None
    described = describe(snapshot.path, settings.registry_directory)
    return {**described, "source_file": snapshot.source_file, "source_sha256": snapshot.sha256}
