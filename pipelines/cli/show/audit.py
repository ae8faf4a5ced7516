"""Prints the result of an audit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.cli.language import told
from pipelines.cli.show.console import OUT, show_json

if TYPE_CHECKING:
    from pipelines.audit.finding import Fault
    from pipelines.night.reproduce import Reproduced

ALL_IS_WELL = "Nhật ký, sổ hạn mức và mọi tệp đúng như đã ghi / the log, the books and every file are as recorded"


def show_audit(faults: Sequence["Fault"], *, as_json: bool) -> None:
    """Prints the differences from what was recorded."""
    if as_json:
        show_json([{"path": fault.path, "kind": fault.kind, "message": fault.message} for fault in faults])
        return
    for fault in faults:
        OUT.print(f"✗ {fault.path}: {told(fault.message)}", markup=False)
    if not faults:
        OUT.print(f"✓ {told(ALL_IS_WELL)}.", markup=False)


def show_reproduced(done: "Reproduced", *, as_json: bool) -> None:
    """Prints which outputs of a repeated night have the same bytes."""
    if as_json:
        show_json({**done.model_dump(), "is_same": done.is_same})
        return
    for sign, paths in (("≠", done.different), ("−", done.missing), ("+", done.extra)):
        for path in paths:
            OUT.print(f"{sign} {path}", markup=False)
    mark, total = "✓" if done.is_same else "✗", done.same + len(done.different) + len(done.missing)
    OUT.print(f"{mark} {done.run_id}: {done.same}/{total} {told('đúng từng byte / the same bytes')}", markup=False)
