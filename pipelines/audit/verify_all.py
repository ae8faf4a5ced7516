"""Verifies a workspace: its log, what the log records, the queue's books, and the files of its runs."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from pipelines.audit import books, log_check, records_check, sign_off
from pipelines.audit import verify as files
from pipelines.audit.finding import Fault
from pipelines.audit.manifest import MANIFEST
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.workspace import state, tree_heads
from pipelines.workspace.tree_heads import TreeHead


def verify_all(
    settings: Settings, run_id: str | None = None, *, inbox: Path | None = None, heads: Sequence[Path] = ()
) -> list[Fault]:
    """Every difference from what was recorded; empty if there is none.

    The log, all manifests' digests and the books are checked whatever run is named; of that run, or of every run if
    none is named, each file is read again. `heads` are files with a head that was kept elsewhere.
    Errors: BadInput if such a file holds no head, or if there is no such run and there never was.
    """
    kept = {str(path): read_head(path) for path in heads}
    faults = _of_state(settings, kept)
    chosen = settings.workspace if run_id is None else settings.runs_directory / run_id / MANIFEST
    is_there = chosen.is_file() or (run_id is None and any(settings.runs_directory.glob(f"*/{MANIFEST}")))
    if is_there or not any(fault.kind in ("missing", "log") for fault in faults):
        faults += files.verify(chosen, inbox=inbox)
    return [*faults, *_void(settings)]


def _void(settings: Settings) -> Iterator[Fault]:
    """Signatures that hold no longer, and that their person has not given anew."""
    for signed in sign_off.signatures(settings):
        for each in signed.signatures:
            if each.void:
                told = f"chữ ký của {each.by} không còn hiệu lực / the signature of {each.by} is void"
                yield Fault(f"log: {each.entry}", "sign_off", f"{told} ({signed.run_id})")


def read_head(path: Path) -> TreeHead:
    """The head in a file of `heads/`, of `sachsong audit head` or in a manifest. Errors: BadInput if there is none."""
    head = _head_in(path)
    if head is None:
        raise BadInput("no_head", f"«{path}» không chứa đầu nhật ký kiểm toán / holds no head of the audit log.")
    return head


def _of_state(settings: Settings, kept: dict[str, TreeHead]) -> list[Fault]:
    """What is wrong with the log, with what it records and with the books."""
    own, faults = _own_heads(settings)
    if not settings.has_state:
        told = "cơ sở dữ liệu trạng thái không còn, cùng với nhật ký / the state database is gone, and the log with it"
        return [*faults, Fault("log: 1", "log", told)]
    with state.opened(settings) as engine, state.reading(engine) as connection:
        log = log_check.read(connection, {head.size for head in (kept | own).values()})
        manifests = [(entry.entry, entry.details["books"]) for entry in log.of_kind("manifest")]
        return [
            *faults,
            *log.faults,
            *log_check.head_faults(kept | own, log, tree_heads.public_key(settings.signing_key_file)),
            *records_check.check(connection, settings.runs_directory, log),
            *books.check(connection, manifests),
        ]


def _own_heads(settings: Settings) -> tuple[dict[str, TreeHead], list[Fault]]:
    """The heads that the workspace itself keeps outside its log, and the files that hold none any more."""
    heads, faults = {}, []
    for path in sorted(settings.heads_directory.glob("*.json")):
        head, name = _head_in(path), path.relative_to(settings.workspace).as_posix()
        if head is None:
            faults.append(Fault(name, "head", "không đọc được đầu nhật ký / the head cannot be read"))
        else:
            heads[name] = head
    for path in sorted(settings.runs_directory.glob(f"*/{MANIFEST}")):
        if head := _head_in(path):
            heads[path.relative_to(settings.runs_directory).as_posix()] = head
    return heads, faults


def _head_in(path: Path) -> TreeHead | None:
    try:
        content = json.loads(path.read_bytes())
        return TreeHead.model_validate(content.get("log_head", content))
    except (OSError, ValueError, AttributeError, ValidationError):
        return None
