"""Checks the audit log by itself: every hash of its tree computed again, and every head that was published or kept.

One pass over the entries. The entry that was flipped, deleted, inserted or exchanged is named; a log that was
rewritten as a whole is found by any head that was kept elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from pipelines.audit.finding import Fault
from pipelines.workspace import audit_log
from pipelines.workspace.audit_log import Entry
from pipelines.workspace.merkle import HASH_BYTES, Tree, leaf_hashes
from pipelines.workspace.state_tables import audit_log as table
from pipelines.workspace.tree_heads import TreeHead

PART = 1 << 10
"""Entries that are read at a time: their part of the tree is perfect, and they fit into a processor's cache."""
OF_ROWS = ("decision", "order", "replacement", "review_answer")
"""Kinds of entries that hold the digest of a stored row: `"row":` and 64 digits."""
READ = ("approval", "head", "manifest", "reopened", "sign_off")
"""Kinds of entries that are looked into."""
_KEPT = frozenset((*OF_ROWS, *READ))


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
    columns = (table.c.entry, table.c.kind, table.c.line, table.c.leaf, table.c.subtree)
    wanted = select(*columns).order_by(table.c.entry).limit(PART)
    last = 0
    while part := _tuples(connection, wanted.where(table.c.entry > last)):
        last = part[-1][0]
        _read_part(log, tree, _Part(*zip(*part, strict=True)), sizes)
    log.size = tree.size
    log.roots[tree.size] = tree.root().hex()
    return log


def _tuples(connection: Connection, query: Select[Any]) -> list[tuple[Any, ...]]:
    """The rows as the driver gives them: SQLAlchemy's own would cost as much again as reading them."""
    with connection.execute(query) as result:
        assert result.cursor is not None
        return list(result.cursor.fetchall())


class _Part(NamedTuple):
    """Some entries as they are stored, column by column."""

    entries: tuple[int, ...]
    kinds: tuple[str, ...]
    lines: tuple[str, ...]
    leaves: tuple[str, ...]
    subtrees: tuple[str, ...]


def _read_part(log: Log, tree: Tree, part: _Part, sizes: set[int]) -> None:
    """Adds the entries to the log and to its tree."""
    first = tree.size
    kept = [(at, kind) for at, kind in enumerate(part.kinds) if kind in _KEPT]
    asked = {size - first for size in sizes if first <= size < first + len(part.lines)}
    leaves = leaf_hashes(part.lines)
    subtrees: list[bytes] = []
    roots: dict[int, str] = {}
    for at in sorted(asked | {at for at, kind in kept if kind == "head"}):
        subtrees += tree.extend(leaves[len(subtrees) : at])
        roots[at] = tree.root().hex()
    subtrees += tree.extend(leaves[len(subtrees) :])
    log.roots |= {first + at: roots[at] for at in asked}
    _tell(log, part, first, leaves, subtrees)
    for at, kind in kept:
        entry, line = part.entries[at], part.lines[at]
        if kind in OF_ROWS:
            log.rows[kind].append((entry, line.partition('"row":"')[2][:64]))
        else:
            _keep(log, entry, line, roots.get(at, ""))


def _tell(log: Log, part: _Part, first: int, leaves: list[bytes], subtrees: list[bytes]) -> None:
    """Names the first entry that is not as it was; `first` entries came before."""
    are_its = [
        line.endswith(f',"entry":{entry},"kind":"{kind}"}}')
        for entry, kind, line in zip(part.entries, part.kinds, part.lines, strict=True)
    ]
    expected = range(first + 1, first + 1 + len(part.entries))
    are_same = _joined(leaves) == "\n".join(part.leaves) and _joined(subtrees) == "\n".join(part.subtrees)
    if log.faults or (all(are_its) and part.entries == tuple(expected) and are_same):
        return
    for at, entry in enumerate(part.entries):
        is_same_line = are_its[at] and leaves[at].hex() == part.leaves[at]
        if entry == expected[at] and is_same_line and subtrees[at].hex() == part.subtrees[at]:
            continue
        began = entry - (entry & -entry) + 1
        if entry != expected[at]:
            log.faults.append(_fault(expected[at], "không còn / is gone"))
        elif is_same_line and began < entry:
            log.faults.append(_fault(f"{began}–{entry}", "một trong các mục này đã bị sửa / one of these was changed"))
        else:
            log.faults.append(_fault(entry, "đã bị sửa / was changed"))
        return


def _joined(hashes: list[bytes]) -> str:
    """The hashes in hexadecimal, a line each."""
    return b"".join(hashes).hex("\n", HASH_BYTES)


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
