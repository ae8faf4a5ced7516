"""Reads the audit log for people: its last entries, its head to be kept elsewhere, a proof for one entry."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.workspace import atomic_files, merkle, state, tree_heads
from pipelines.workspace.audit_log import KINDS, Entry, entry_of
from pipelines.workspace.state import require_workspace
from pipelines.workspace.state_tables import audit_log as table
from pipelines.workspace.tree_heads import TreeHead


def last_entries(settings: Settings, kinds: Sequence[str], count: int) -> list[Entry]:
    """The last entries of these kinds, or of all, the oldest first. Errors: BadInput if there is no such kind."""
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise BadInput("bad_kind", f"--kind «{unknown[0]}»: chọn / choose {', '.join(KINDS)}.")
    require_workspace(settings)
    wanted = select(table.c.line).order_by(table.c.entry.desc()).limit(count)
    if kinds:
        wanted = wanted.where(table.c.kind.in_(kinds))
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return [entry_of(line) for (line,) in connection.execute(wanted)][::-1]


def current_head(settings: Settings, out: Path | None = None) -> TreeHead:
    """The log's head as it is, written to `out` too. Errors: BadInput if `out` cannot be written."""
    require_workspace(settings)
    head = tree_heads.current(settings)
    if out is not None:
        try:
            with atomic_files.atomic(out) as temporary:
                temporary.write_text(head.model_dump_json(indent=1) + "\n", encoding="utf-8")
        except OSError as refused:
            raise BadInput("bad_output", f"Không ghi được «{out}» ({refused.strerror}) / cannot write it.") from refused
    return head


def proof(settings: Settings, entry: int) -> dict[str, Any]:
    """An entry with the hashes that lead from it to the log's root, ready for JSON.

    Errors: BadInput if there is no such entry.
    """
    require_workspace(settings)
    with state.opened(settings) as engine, state.reading(engine) as connection:
        line = connection.execute(select(table.c.line).where(table.c.entry == entry)).scalar()
        if line is None:
            raise BadInput("no_entry", f"Nhật ký không có mục {entry} / the log has no such entry.")
        leaves = [bytes.fromhex(leaf) for (leaf,) in connection.execute(select(table.c.leaf).order_by(table.c.entry))]
    hashes = merkle.inclusion_proof(leaves, entry)
    root = merkle.root_by_proof(line.encode(), entry, len(leaves), hashes)
    return {
        "entry": entry,
        "line": line,
        "size": len(leaves),
        "proof": [each.hex() for each in hashes],
        "root": root.hex() if root else None,
    }
