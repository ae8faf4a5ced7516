"""Prints the result of an audit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.cli.language import told
from pipelines.cli.show.console import OUT, show_json

if TYPE_CHECKING:
    from pipelines.audit.finding import Fault

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
