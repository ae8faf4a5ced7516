"""`sachsong registry make | load | info`: makes a synthetic registry, loads one, describes the one in force."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import who
from pipelines.cli.help import Verbs
from pipelines.cli.options import (
    DATES,
    DEFAULT_WORKSPACE,
    Json,
    Replace,
    Workspace,
)
from pipelines.cli.options import settings as settings_of
from pipelines.cli.show import console
from pipelines.cli.show.counts import show_counts
from pipelines.cli.who import PasswordFd
from pipelines.errors import BadInput

app = Verbs(help="Dữ liệu dân cư / the population registry.")


class Format(StrEnum):
    """File format of a synthetic registry."""

    parquet = "parquet"
    csv = "csv"


@app.command("make")
def registry_make(
    out: Annotated[Path, typer.Option(help="Thư mục kết quả / output folder.")] = Path("synthetic"),
    people: Annotated[int, typer.Option(min=1, help="Số người / number of people.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Cùng số khởi tạo thì cùng tệp / same seed, same bytes.")] = 1,
    lists: Annotated[
        str,
        typer.Option(
            "--lists", help="Kèm tệp ngành: all, hoặc insurance=2000,students / dirty sector files with their truth."
        ),
    ] = "",
    preset: Annotated[
        str,
        typer.Option(help="Mức lỗi / how dirty: vaccination-2022, students-2023, insurance-2023, mature-2025, hard."),
    ] = "vaccination-2022",
    file_format: Annotated[
        Format,
        typer.Option("--format", help="Định dạng của dữ liệu dân cư và đáp án / the format of registry and truth."),
    ] = Format.parquet,
    night: Annotated[
        datetime, typer.Option(formats=DATES, help="Ngày tính tuổi; không theo đồng hồ / ages count from here.")
    ] = datetime(2026, 11, 22),  # noqa: DTZ001
    as_json: Json = False,
) -> None:
    """Sinh dữ liệu dân cư giả lập và tệp ngành có lỗi kèm đáp án / synthetic registry, dirty files, truth."""
    from pipelines.synthetic import requests
    from pipelines.synthetic.make import make

    with console.bar("Sinh dữ liệu / making people", quiet=as_json) as on_progress:
        made = make(
            out,
            people,
            seed,
            sectors=requests.plan(lists) if lists else None,
            preset=preset,
            night=night.date(),
            format=file_format.value,
            progress=on_progress,
        )
    show_counts("registry make", made.model_dump(mode="json"), as_json=as_json)


@app.command("load")
def registry_load(
    file: Annotated[Path | None, typer.Argument(help="Tệp CSV, XLSX, Parquet / the file.")] = None,
    registry: Annotated[Path | None, typer.Option(help="Như trên / the same, as an option.")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    replace: Replace = False,
    as_json: Json = False,
) -> None:
    """Nạp dữ liệu dân cư vào thư mục làm việc / load the registry into the workspace."""
    from pipelines.registry import load as registries
    from pipelines.workspace import lock

    settings = settings_of(workspace)
    chosen = file or registry or settings.registry
    if chosen is None:
        raise BadInput("no_file", "Thiếu tệp dữ liệu dân cư: sachsong registry load TỆP / which registry file?")
    title = "Nạp dữ liệu dân cư / loading the registry"
    with lock.exclusive(settings), console.bar(title, quiet=as_json) as on_progress:
        snapshot = registries.load(
            settings, chosen, replace=replace, on_share=lambda share: on_progress(round(100 * share), 100)
        )
    counts = {"people": snapshot.people, "rejected": snapshot.rejected}
    show_counts("registry load", counts, as_json=as_json)
    if snapshot.rejected:
        console.note(
            f"{snapshot.rejected} dòng không dùng được, xem {snapshot.path.with_suffix('.rejected.parquet')} "
            "/ rows that cannot be used are listed there."
        )


@app.command("info")
def registry_info(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Dữ liệu dân cư đang dùng / the registry in force."""
    from pipelines.registry import load as registries

    show_counts("registry info", registries.info(settings_of(workspace)), as_json=as_json)


@app.command("newborns")
def registry_newborns(
    workspace: Workspace = DEFAULT_WORKSPACE,
    out: Annotated[
        Path | None,
        typer.Option("--list", help="Ghi danh sách trẻ ra CSV; ghi vào nhật ký / who they are; it is logged."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Ai đọc danh sách / who reads the list.")] = None,
    because: Annotated[str | None, typer.Option(help="Vì sao / why.")] = None,
    password_fd: PasswordFd = None,
    as_json: Json = False,
) -> None:
    """Trẻ dưới 6 tuổi mới khai sinh, chưa có bảo hiểm / children under 6 that insurance lacks, after the last night."""
    from pipelines.review import newborns

    settings = settings_of(workspace)
    if out and not (by and because):
        raise BadInput(
            "who_reads",
            "Danh sách trẻ cần --by TÊN và --because LÝ_DO, được ghi vào nhật ký kiểm toán "
            "/ the list needs --by and --because, which are logged.",
        )
    reader = who.proven(settings, by, "read_unmasked", password_fd).name if out and by else ""
    counted = newborns.count(settings)
    if out and because:
        newborns.write_list(settings, out, reader, because)
    show_counts("registry newborns", counted, as_json=as_json)
