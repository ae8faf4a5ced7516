"""`sachsong settings | doctor`: what is set and by whom, and what is missing on this machine."""

from typing import Annotated

import typer

from pipelines.cli.options import DEFAULT_WORKSPACE, Json, Workspace
from pipelines.workspace import settings_sources


def settings(
    workspace: Workspace = DEFAULT_WORKSPACE,
    example: Annotated[
        bool, typer.Option("--example", help="In một tệp sachsong.toml mẫu / print a sachsong.toml to begin with.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Mỗi cài đặt, giá trị và nơi đặt nó / each setting, its value and where it comes from."""
    from pipelines.cli.show import settings as show_settings

    if example:
        show_settings.show_example()
        return
    show_settings.show(settings_sources.gathered(workspace, {}), as_json=as_json)


def doctor(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Máy này còn thiếu gì, và cách sửa; mã thoát 1 nếu có lỗi / what this machine lacks; code 1: a fault."""
    from pipelines.cli.show import settings as show_settings
    from pipelines.night.doctor import examine

    findings = examine.examine(workspace)
    show_settings.show_findings(findings, as_json=as_json)
    if any(each.grade == "fault" for each in findings):
        raise typer.Exit(1)
