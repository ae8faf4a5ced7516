"""Prints what humans' decisions teach the model, and what it would do to the last night."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.language import told
from pipelines.cli.show.console import OUT, number, show_json, titled_table

if TYPE_CHECKING:
    from pipelines.review.training import Trained


def show_changed_links(title: str, changes: Sequence[Mapping[str, Any]]) -> None:
    """Prints how many records of each sector change their decision; nothing if none does."""
    table = titled_table(
        title, told("Ngành / sector"), told("Trước / before"), told("Sau / after"), told("Hồ sơ / records")
    )
    for row in changes:
        table.add_row(row["sector"], row["before"], row["after"], number(row["records"]))
    if changes:
        OUT.print(table)


def show_trained(trained: "Trained", out: Path | None, *, as_json: bool) -> None:
    """Prints the shares that move and the decisions that change; as JSON, both as lists."""
    if as_json:
        show_json({"decisions": trained.decisions, "changes": trained.changes.to_dicts(), "effects": trained.effects})
        return
    shares = titled_table(
        told("Cách viết sai, theo quyết định của cán bộ / how values are wrong, as humans decided"),
        told("Trường / field"), told("Loại / kind"), told("Mức / level"), told("Đã đếm / counted"),
        told("Trước / before"), told("Sau / after"),
    )  # fmt: skip
    for row in trained.changes.to_dicts():
        before, after = (f"{row[name]:.6f}" for name in ("before", "after"))
        shares.add_row(row["field"], row["kind"], row["level"], number(row["counted"]), before, after)
    OUT.print(shares)
    show_changed_links(told("Hồ sơ của đêm gần nhất / the last night's records"), trained.effects)
    OUT.print(f"{told('Số quyết định / decisions')}: {number(trained.decisions)}", markup=False)
    if out:
        hint = "thay matching/weights.json, rồi sachsong rules propose / put it in place, then rules propose"
        OUT.print(f"{out}: {told(hint)}", markup=False)
