"""Prints the audit log: entries, heads, proofs, keys and signatures."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipelines.cli.language import told
from pipelines.cli.show.console import OUT, note, show_json

if TYPE_CHECKING:
    from pipelines.audit.sign_off import Signed
    from pipelines.workspace.audit_log import Entry
    from pipelines.workspace.tree_heads import TreeHead

UNSIGNED = (
    "Chưa ký: máy này không có khóa; hãy chạy: sachsong audit key make "
    "/ unsigned, there is no key here; run: sachsong audit key make"
)
HOLDS = "còn hiệu lực / holds"
VOID = "KHÔNG CÒN HIỆU LỰC / VOID"


def show_entries(entries: Sequence["Entry"], *, as_json: bool) -> None:
    """Prints entries, one a line."""
    if as_json:
        show_json([entry._asdict() for entry in entries])
        return
    for entry in entries:
        details = json.dumps(entry.details, ensure_ascii=False, sort_keys=True)
        shown = details if len(details) <= 160 else f"{details[:159]}…"
        OUT.print(f"{entry.entry}  {entry.at or '—'}  {entry.kind}  {entry.by}  {shown}", markup=False)


def show_head(head: "TreeHead", *, as_json: bool) -> None:
    """Prints a head."""
    if as_json:
        show_json(head.model_dump())
        return
    for name, value in head.model_dump().items():
        OUT.print(f"{name}: {'—' if value is None else value}", markup=False, soft_wrap=True)
    if head.signature is None:
        note(f"{UNSIGNED}.")


def show_proof(proof: dict[str, Any], *, as_json: bool) -> None:
    """Prints a proof."""
    if as_json:
        show_json(proof)
        return
    for name in ("line", "size", "root"):
        OUT.print(f"{name}: {proof[name]}", markup=False, soft_wrap=True)
    for each in proof["proof"]:
        OUT.print(f"  {each}", markup=False, soft_wrap=True)


def show_key(file: str, public: str | None, *, as_json: bool) -> None:
    """Prints where the signing key lies and its public half."""
    if as_json:
        show_json({"file": file, "public_key": public})
        return
    if public is None:
        note(f"{UNSIGNED}.")
    else:
        OUT.print(f"{file}\n{public}", markup=False, soft_wrap=True)


def show_signed(signed: Sequence["Signed"], *, as_json: bool) -> None:
    """Prints who has signed what."""
    if as_json:
        show_json(
            [
                {
                    "run_id": each.run_id,
                    "list": each.listed,
                    "persons": each.persons,
                    "complete": each.is_complete,
                    "signatures": [vars(signature) for signature in each.signatures],
                }
                for each in signed
            ]
        )
        return
    for each in signed:
        whole = told("đủ hai người ký / signed by two" if each.is_complete else "chưa đủ hai người / not yet two")
        OUT.print(f"{each.run_id}{f' · {each.listed}' if each.listed else ''}: {whole}", markup=False)
        for signature in each.signatures:
            state = told(HOLDS) if signature.void is None else f"{told(VOID)}: {told(signature.void)}"
            OUT.print(f"  {signature.by}, {signature.at}: {state}", markup=False)
    if not signed:
        OUT.print(f"{told('Chưa ai ký / nobody has signed')}.", markup=False)
