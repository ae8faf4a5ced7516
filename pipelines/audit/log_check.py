"""Checks the audit log by itself: every hash of its tree computed again, and every head that was published or kept.

One pass over the entries. The entry that was flipped, deleted, inserted or exchanged is named; a log that was
rewritten as a whole is found by any head that was kept elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from pipelines.audit.finding import Fault
from pipelines.workspace import audit_log
from pipelines.workspace.audit_log import Entry
from pipelines.workspace.merkle import Tree, leaf_hash
from pipelines.workspace.state_tables import audit_log as table
from pipelines.workspace.tree_heads import TreeHead

PART = 10_000
"""Entries that are read at a time."""
OF_ROWS = ("decision", "order", "replacement", "review_answer")
"""Kinds of entries that hold the digest of a stored row: `"row":` and 64 digits."""
READ = ("approval", "head", "manifest", "reopened", "sign_off")
"""Kinds of entries that are looked into."""


@dataclass
class Log:
    """The log as it was read, with what is wrong with it."""

    faults: list[Fault] = field(default_factory=list)
    size: int = 0
    roots: dict[int, str] = field(default_factory=dict)
    """Size → root of the tree, for the sizes that were asked for."""
    rows: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: {kind: [] for kind in OF_ROWS})
    """Kind of entry → its entries: number, and digest of the row that it is about."""
    entries: list[Entry] = field(default_factory=list)
    """The entries of the kinds READ."""

    def of_kind(self, kind: str) -> list[Entry]:
        """The entries of one of the kinds READ, the oldest first."""
        return [entry for entry in self.entries if entry.kind == kind]


def read(connection: Connection, sizes: set[int]) -> Log:
    """The log, its tree computed again from its lines; only the first entry at fault is told."""
    log, tree = Log(), Tree()
    columns = (table.c.entry, table.c.kind, table.c.line, table.c.leaf.concat(table.c.subtree))
    rows = connection.execution_options(yield_per=PART).execute(select(*columns).order_by(table.c.entry))
    for part in rows.partitions():
        for entry, kind, line, stored in part:
            size = tree.size
            if size in sizes:
                log.roots[size] = tree.root().hex()
            before = tree.root().hex() if kind == "head" else ""
            leaf = leaf_hash(line.encode())
            hashes = (leaf + tree.add(leaf)).hex()
            is_its = line.endswith(f',"entry":{entry},"kind":"{kind}"}}')
            if not is_its or hashes != stored or entry != size + 1:
                _tell(log, entry, size + 1, is_same_line=is_its and hashes[:64] == stored[:64])
            if kind in OF_ROWS:
                log.rows[kind].append((entry, line.partition('"row":"')[2][:64]))
            elif kind in READ:
                _keep(log, entry, line, before)
    log.size = tree.size
    log.roots[tree.size] = tree.root().hex()
    return log


def _tell(log: Log, entry: int, expected: int, *, is_same_line: bool) -> None:
    """Names the first entry that is not as it was."""
    if log.faults:
        return
    first = entry - (entry & -entry) + 1
    if entry != expected:
        log.faults.append(_fault(expected, "không còn / is gone"))
    elif is_same_line and first < entry:
        log.faults.append(_fault(f"{first}–{entry}", "một trong các mục này đã bị sửa / one of these was changed"))
    else:
        log.faults.append(_fault(entry, "đã bị sửa / was changed"))


def _keep(log: Log, entry: int, line: str, before: str) -> None:
    try:
        kept = audit_log.entry_of(line)
    except (ValueError, TypeError):
        return  # then its hash is not what was stored, and it has been named
    log.entries.append(kept)
    if kept.kind == "head" and not log.faults and (kept.details["size"], kept.details["root"]) != (entry - 1, before):
        told = f"khác đầu đã công bố ở mục {entry} / not the head that entry {entry} published"
        log.faults.append(_fault(f"1–{entry - 1}", told))


def head_faults(heads: Mapping[str, TreeHead], log: Log, key: str | None) -> Iterator[Fault]:
    """Faults of heads that were kept outside the log. Shape: where each stands → the head, read with its size.

    `key` is the public key that signs here; None if this machine has none: then any good signature passes.
    """
    agreed = max((head.size for head in heads.values() if log.roots.get(head.size) == head.root), default=0)
    for where, head in sorted(heads.items()):
        if head.signature and not head.is_signed():
            yield Fault(where, "head", "chữ ký của đầu nhật ký sai / the head's signature is wrong")
        elif head.signature and key and head.key != key:
            yield Fault(where, "head", f"ký bằng khóa lạ {head.key} / signed by another key than this machine's")
        elif head.size > log.size:
            yield Fault(
                where,
                "head",
                f"nhật ký chỉ còn {log.size} mục, đầu này có {head.size} / the log was cut: entries "
                f"{log.size + 1}–{head.size} are gone",
            )
        elif log.roots.get(head.size) != head.root:
            since = agreed + 1 if agreed < head.size else 1
            yield Fault(
                where,
                "head",
                f"nhật ký không phải là nhật ký của đầu này: các mục {since}–{head.size} đã bị viết lại "
                f"/ entries {since}–{head.size} were rewritten since this head",
            )


def _fault(entry: int | str, message: str) -> Fault:
    return Fault(f"log: {entry}", "log", message)
