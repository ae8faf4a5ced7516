"""`sachsong nightly | match | report`: the whole night, one file without a workspace, the last night's results."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import (
    DEFAULT_WORKSPACE,
    AskPast,
    Cap,
    Json,
    Night,
    OwnSectors,
    Replace,
    Share,
    Workspace,
    require_share,
)
from pipelines.cli.options import settings as settings_of
from pipelines.cli.show.console import note
from pipelines.cli.show.counts import show_counts
from pipelines.cli.show.night import night_progress, show_night
from pipelines.config import Settings


def nightly(
    workspace: Workspace = DEFAULT_WORKSPACE,
    inbox: Annotated[Path | None, typer.Option(help="Thư mục tệp đến, mặc định <workspace>/inbox / the inbox.")] = None,
    registry: Annotated[
        Path | None, typer.Option(help="Nạp dữ liệu dân cư này trước / load this registry first.")
    ] = None,
    night: Night = None,
    ask_past: AskPast = False,
    cap: Cap = None,
    sectors: OwnSectors = None,
    replace: Replace = False,
    full: Annotated[bool, typer.Option("--full", help="Đối chiếu lại mọi hồ sơ / look up every record again.")] = False,
    min_linked: Share = None,
    as_json: Json = False,
) -> None:
    """Chạy trọn một đêm; mã thoát 4: không gửi được yêu cầu xác thực / the whole night; code 4: it could not ask."""
    from pipelines.link import hop as link
    from pipelines.night.launch import launch
    from pipelines.registry import load as registries
    from pipelines.report import asking
    from pipelines.report.figures import linked_share
    from pipelines.sectors import custom
    from pipelines.workspace import lock, owner_only

    settings = settings_of(
        workspace, inbox=inbox, night=night, daily_cap=cap, own_sectors=sectors, asks=ask_past or None
    )
    custom.tables(settings)  # before any work
    # Never under a night that is running: its hops must all see the same people.
    if full:
        with lock.exclusive(settings):
            link.forget(settings)
    if people := registry or settings.registry:
        with lock.exclusive(settings):
            registries.load(settings, people, replace=replace)
    _check_inbox(settings)
    with night_progress(quiet=as_json, own_sectors=settings.sectors_directory) as on_progress:
        result = launch(settings, on_progress)
    figures, linked = result.figures, linked_share(result.figures)
    code = 2 if result.counts["read"]["files_refused"] else asking.exit_code(figures["asking"])
    if min_linked is not None and linked < min_linked:
        code = 1
    show_night(result.run, figures, exit_code=code, as_json=as_json)
    if told := owner_only.exposed(workspace):
        note(told)
    require_share(min_linked, linked)
    if code:
        raise typer.Exit(code)


def match(
    registry: Annotated[Path, typer.Option(help="Tệp dữ liệu dân cư / registry file.")],
    sector: Annotated[
        str,
        typer.Option(
            help="Ngành: insurance, students, vaccination, hoặc tệp tên.toml / the sector, or a file name.toml."
        ),
    ],
    input_file: Annotated[Path, typer.Option("--input", help="Tệp của ngành / sector file.")],
    out: Annotated[Path, typer.Option(help="Thư mục kết quả / output folder.")],
    mapping: Annotated[
        Path | None, typer.Option(help="mapping.toml: tiêu đề nào là cột nào / which header is which column.")
    ] = None,
    night: Night = None,
    min_linked: Share = None,
    as_json: Json = False,
) -> None:
    """Đối chiếu một tệp với một tệp dữ liệu dân cư, không cần thư mục làm việc / one file, no workspace."""
    from pipelines.night import one_shot

    settings = settings_of(out, night=night)
    counts = one_shot.match(settings, registry, sector, input_file, out, mapping)
    show_counts("match", counts, as_json=as_json)
    require_share(min_linked, counts["link"] / max(counts["rows_counted"], 1))


def report(
    workspace: Workspace = DEFAULT_WORKSPACE,
    again: Annotated[bool, typer.Option("--again", help="Viết lại báo cáo / write the reports again.")] = False,
    as_json: Json = False,
) -> None:
    """Số liệu và đường dẫn báo cáo của đêm gần nhất / the last night's figures and reports."""
    from pipelines.audit.manifest import counts_of
    from pipelines.night import hops, runs
    from pipelines.workspace import lock

    run = runs.last_run(settings_of(workspace))
    runs.require_tables(run)
    if again:
        with lock.exclusive(run.settings):
            hops.run_again(run, "report")
    show_night(run, counts_of(run), as_json=as_json)


def _check_inbox(settings: Settings) -> None:
    """Before anything slow starts: is there something to do?"""
    from pipelines.read.hop import require_files
    from pipelines.registry import snapshot
    from pipelines.report import recipients
    from pipelines.sectors import schema

    snapshot.current(settings)
    require_files(settings)
    recipients.read(settings, schema.of_settings(settings))
