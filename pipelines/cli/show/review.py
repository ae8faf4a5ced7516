"""Prints the decisions that were stored."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.cli.show.console import OUT, show_json, titled_table

if TYPE_CHECKING:
    from pipelines.review.decide import Kept


def show_decisions(kept: Sequence["Kept"], *, as_json: bool) -> None:
    """Prints the decisions, the persons' numbers masked."""
    rows = [
        {
            "record_id": each.record_id,
            "verdict": each.decision.verdict,
            "person": each.person,
            "by": each.decision.decided_by,
        }
        for each in kept
    ]
    if as_json:
        show_json(rows)
        return
    table = titled_table("decide", "Hồ sơ / record", "Quyết định / verdict", "Người / person", "Ai / by")
    for row in rows:
        table.add_row(*(value or "—" for value in row.values()))
    OUT.print(table)
