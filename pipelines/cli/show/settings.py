"""Prints the settings with their origins, and what the doctor found."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipelines.cli.language import say, told, told_whole
from pipelines.cli.show.console import OUT, show_json, titled_table
from pipelines.gateway.protocol import secret
from pipelines.workspace import settings_sources

if TYPE_CHECKING:
    from pipelines.night.doctor.finding import Finding
    from pipelines.workspace.settings_sources import Gathered

FROM = {
    "command line": "dòng lệnh / command line",
    "environment": "môi trường / environment",
    "file": "tệp / file",
    "default": "mặc định / default",
}
IN_FORCE = {"inbox": "inbox_directory", "own_sectors": "sectors_directory", "worker": "worker_name"}
"""Setting → the property that says what holds where nobody set it."""
MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "fault": "[red]✗[/]"}


def rows(gathered: "Gathered") -> dict[str, dict[str, Any]]:
    """Name of each setting → its value, where it comes from and at which place; the secret is never shown."""
    told_of = {
        name: {
            "value": settings_sources.masked(getattr(gathered.settings, IN_FORCE.get(name, name))),
            "from": origin.source.value,
            "place": origin.place,
        }
        for name, origin in gathered.origins.items()
    }
    is_set = bool(os.environ.get(secret.VARIABLE))
    told_of["gateway_secret"] = {
        "value": "***" if is_set else None,
        "from": "environment" if is_set else "default",
        "place": secret.VARIABLE if is_set else "",
    }
    return told_of


def show(gathered: "Gathered", *, as_json: bool) -> None:
    """Prints each setting's value and origin."""
    file = gathered.settings.workspace / settings_sources.FILE
    if as_json:
        show_json({"file": str(file), "file_exists": file.is_file(), "settings": rows(gathered)})
        return
    table = titled_table(
        str(file) + ("" if file.is_file() else say(" (chưa có)", " (there is none)")),
        *("Cài đặt / setting", "Giá trị / value", "Từ đâu / from", "Là gì / is"),
    )
    for column in table.columns:
        column.justify = "left"
    described = {**settings_sources.settable(), "gateway_secret": {"is": "khóa ký / the signing secret"}}
    for name, row in rows(gathered).items():
        value = "—" if row["value"] is None else str(row["value"])
        table.add_row(name, value, row["place"] or told(FROM[row["from"]]), told(described[name]["is"]))
    OUT.print(table)


def show_example() -> None:
    """Prints a settings file in which every line is still a comment."""
    OUT.print(
        say(
            "# sachsong.toml, trong thư mục làm việc: bỏ dấu # ở dòng cần đặt.",
            "# sachsong.toml, in the workspace: take the # away from what you set.",
        )
    )
    for name, row in settings_sources.settable().items():
        OUT.print(f"\n# {told(row['is'])}\n# {name} = {row['like']}", markup=False)


def show_findings(findings: Sequence["Finding"], *, as_json: bool) -> None:
    """Prints what was found, each fault and warning with its remedy."""
    if as_json:
        show_json([each._asdict() for each in findings])
        return
    for each in findings:
        OUT.print(MARKS[each.grade], end=" ")
        OUT.print(f"{told(each.title)}: {told_whole(each.found)}", markup=False)
        if each.remedy:
            OUT.print(f"    → {told(each.remedy)}", markup=False)
    faults, warnings = (sum(each.grade == grade for each in findings) for grade in ("fault", "warning"))
    OUT.print(say(f"Lỗi: {faults}; cần xem: {warnings}.", f"Faults: {faults}; warnings: {warnings}."))
