"""`sachsong audit trace | reproduce`: one record's way from its cell to the reports; a night repeated."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import who
from pipelines.cli.options import DEFAULT_WORKSPACE, File, Json, OfRun, RecordId, Row, Sheet, Workspace
from pipelines.cli.options import settings as settings_of
from pipelines.cli.who import PasswordFd
from pipelines.errors import BadInput


def add_to(app: typer.Typer) -> None:
    """Adds the verbs to `sachsong audit`."""
    app.command("trace")(audit_trace)
    app.command("reproduce")(audit_reproduce)


def audit_trace(
    record_id: RecordId = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    run_id: OfRun = None,
    file: File = None,
    row: Row = None,
    sheet: Sheet = None,
    code: Annotated[
        str | None, typer.Option(help="Mã của ngành: mã số BHXH, mã học sinh / the department's own code.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Viết thành trang HTML / write it as an HTML page.")] = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Không che ô nào; ghi vào nhật ký / cells as they are; it is logged.")
    ] = False,
    by: Annotated[str | None, typer.Option(help="Ai đọc, khi không che / who reads, if unmasked.")] = None,
    because: Annotated[str | None, typer.Option(help="Vì sao, khi không che / why, if unmasked.")] = None,
    password_fd: PasswordFd = None,
    as_json: Json = False,
) -> None:
    """Đường đi của một hồ sơ: từ ô trong tệp đến báo cáo / a record's way, from its cell to the reports."""
    from pipelines.cli.show import trace as show_trace
    from pipelines.review.explain import Wanted
    from pipelines.review.trace import gather

    if unmasked and not (by and because):
        raise BadInput(
            "who_reads",
            "Đọc không che cần --by TÊN và --because LÝ_DO, được ghi vào nhật ký kiểm toán "
            "/ reading unmasked needs --by and --because, which are logged.",
        )
    wanted = Wanted(record_id=record_id, file=file, row=row, sheet=sheet, code=code)
    settings, reader = settings_of(workspace), None
    if unmasked and by and because:
        reader = (who.proven(settings, by, "read_unmasked", password_fd).name, because)
    found = gather.trace(settings, wanted, run_id, unmasked=reader)
    if html:
        from pipelines.review.trace import page

        page.write(found, html)
    show_trace.show(found, as_json=as_json)


def audit_reproduce(
    run_id: Annotated[str, typer.Argument(help="Lượt chạy, như 2026-11-22-1 / the run.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
    into: Annotated[
        Path | None, typer.Option(help="Thư mục rỗng để giữ lại kết quả / an empty folder that keeps the result.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Làm lại một đêm từ những gì đã lưu và so từng byte / repeat a night from what was kept, compare every byte."""
    from pipelines.cli.show.audit import show_reproduced
    from pipelines.cli.show.console import note
    from pipelines.night import reproduce

    done = reproduce.reproduce(settings_of(workspace), run_id, note, into)
    show_reproduced(done, as_json=as_json)
    if not done.is_same:
        raise typer.Exit(1)
