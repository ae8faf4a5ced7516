"""Defines the options that several verbs share, and makes the settings of them. Imports nothing heavy."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.show import console
from pipelines.config import Settings
from pipelines.workspace import settings_sources

DATES = ["%Y-%m-%d", "%d/%m/%Y"]
"""Formats of dates on the command line: 2026-11-28 or 28/11/2026."""

Workspace = Annotated[
    Path, typer.Option("--workspace", "-w", envvar="SACHSONG_WORKSPACE", help="Thư mục làm việc / the workspace.")
]
OwnSectors = Annotated[
    Path | None,
    typer.Option(
        "--sectors", help="Thư mục bảng ngành tự thêm, mặc định <workspace>/sectors / tables of sectors of your own."
    ),
]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help="Thay dữ liệu dân cư dù tệp mới thiếu hoặc khác nhiều người / whatever the new registry holds.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Kết quả dạng JSON / JSON for scripts.")]
Night = Annotated[
    datetime | None,
    typer.Option(formats=DATES, help="Ngày tính hạn mức, mặc định hôm nay / the quota day."),
]
AskPast = Annotated[
    bool,
    typer.Option("--ask-past", help="Đêm đã qua vẫn gửi yêu cầu xác thực / a past night asks all the same."),
]
Cap = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Hạn mức xác thực mỗi ngày của cả nước, mặc định theo sachsong.toml, không có thì 200000 "
        "/ the daily cap, by default that of sachsong.toml, else 200000.",
    ),
]

CapOfRun = Annotated[
    int | None, typer.Option(min=0, help="Hạn mức, mặc định như lượt chạy đó / the cap, by default the run's.")
]
RecordId = Annotated[str | None, typer.Argument(help="Mã hồ sơ trong links.parquet / record_id of links.parquet.")]
OfRun = Annotated[str | None, typer.Option("--run", help="Lượt chạy, mặc định gần nhất / default the last.")]
File = Annotated[str | None, typer.Option(help="Tệp của hồ sơ, thay cho mã / its file, instead of the id.")]
Row = Annotated[int | None, typer.Option(min=1, help="Dòng trong tệp / its row.")]
Sheet = Annotated[str | None, typer.Option(help="Trang tính, nếu có nhiều / its sheet.")]

Share = Annotated[float | None, typer.Option(min=0.0, max=1.0, help="Mã thoát 1 nếu thấp hơn / exit code 1 if lower.")]

DEFAULT_WORKSPACE = Path("workspace")


def workspace_in(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Path:
    """The workspace that a command will use, before the command line is read as a whole."""
    for place, argument in enumerate(arguments):
        if argument in ("--workspace", "-w") and place + 1 < len(arguments):
            return Path(arguments[place + 1])
        if argument.startswith("--workspace="):
            return Path(argument.partition("=")[2])
    return Path(environment.get("SACHSONG_WORKSPACE") or DEFAULT_WORKSPACE)


def settings(workspace: Path, night: datetime | None = None, **values: Any) -> Settings:
    """The settings that a verb's options, the environment and the workspace's `sachsong.toml` name; all others keep
    their default.
    """
    typed = {name: value for name, value in values.items() if value is not None}
    # Left out where it was not named, so that a run of before is taken up with its own night.
    named: dict[str, Any] = {"night": night.date()} if night else {}
    return settings_sources.gathered(workspace, named | typed).settings


def require_share(threshold: float | None, value: float) -> None:
    """Ends the verb with exit code 1 if the share is lower than what was asked for."""
    if threshold is not None and value < threshold:
        console.note(f"{value:.4f} thấp hơn mức yêu cầu {threshold:.4f} / below the threshold asked for.")
        raise typer.Exit(1)
