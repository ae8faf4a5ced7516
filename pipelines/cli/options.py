"""Defines the options that several verbs share, and makes the settings of them. Imports nothing heavy."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from pipelines.cli.show import console
from pipelines.config import Settings
from pipelines.errors import BadInput

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
Cap = Annotated[int, typer.Option(min=0, help="Hạn mức xác thực mỗi ngày của cả nước / the daily cap.")]

CapOfRun = Annotated[
    int | None, typer.Option(min=0, help="Hạn mức, mặc định như lượt chạy đó / the cap, by default the run's.")
]
Share = Annotated[float | None, typer.Option(min=0.0, max=1.0, help="Mã thoát 1 nếu thấp hơn / exit code 1 if lower.")]

MACHINE = {
    "state_url": "SACHSONG_STATE_URL",
    "gateway_url": "SACHSONG_GATEWAY",
    "gateway_unit": "SACHSONG_GATEWAY_UNIT",
    "gateway_officer": "SACHSONG_GATEWAY_OFFICER",
    "gateway_secret_file": "SACHSONG_GATEWAY_SECRET_FILE",
    "gateway_clock": "SACHSONG_GATEWAY_CLOCK",
}
"""Setting → environment variable, for properties of the machine: where the state is, which gateway is asked, in whose
name.
"""

DEFAULT_WORKSPACE = Path("workspace")
DEFAULT_CAP = Settings.model_fields["daily_cap"].default


def settings(workspace: Path, night: datetime | None = None, **values: Any) -> Settings:
    """The settings that a verb's options and the environment (MACHINE) name; all others keep their default."""
    machine = {name: os.environ[variable] for name, variable in MACHINE.items() if os.environ.get(variable)}
    given = machine | {name: value for name, value in values.items() if value is not None}
    # Left out where it was not named, so that a run of before is taken up with its own night.
    named: dict[str, Any] = {"night": night.date()} if night else {}
    try:
        return Settings(workspace=workspace, **named, **given)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        raise BadInput("bad_setting", f"{MACHINE.get(name, name)}: {first['msg']}.") from None


def require_share(threshold: float | None, value: float) -> None:
    """Ends the verb with exit code 1 if the share is lower than what was asked for."""
    if threshold is not None and value < threshold:
        console.note(f"{value:.4f} thấp hơn mức yêu cầu {threshold:.4f} / below the threshold asked for.")
        raise typer.Exit(1)
