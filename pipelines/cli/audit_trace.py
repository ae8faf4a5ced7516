"""`sachsong audit trace`: one record's way from its cell to the reports."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import DEFAULT_WORKSPACE, Json, Workspace
from pipelines.cli.options import settings as settings_of
from pipelines.errors import BadInput


def add_to(app: typer.Typer) -> None:
    """Adds the verb to `sachsong audit`."""
    app.command("trace")(audit_trace)


def audit_trace(
    record_id: Annotated[
        str | None, typer.Argument(help="Mã hồ sơ trong links.parquet / record_id of links.parquet.")
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    run_id: Annotated[
        str | None, typer.Option("--run", help="Lượt chạy, mặc định gần nhất / default the last.")
    ] = None,
    file: Annotated[str | None, typer.Option(help="Tệp của hồ sơ, thay cho mã / its file, instead of the id.")] = None,
    row: Annotated[int | None, typer.Option(min=1, help="Dòng trong tệp / its row.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Trang tính, nếu có nhiều / its sheet.")] = None,
    code: Annotated[
        str | None, typer.Option(help="Mã của ngành: mã số BHXH, mã học sinh … / the department's own code.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Viết thành trang HTML / write it as an HTML page.")] = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Không che ô nào; ghi vào nhật ký / cells as they are; it is logged.")
    ] = False,
    by: Annotated[str | None, typer.Option(help="Ai đọc, khi không che / who reads, if unmasked.")] = None,
    because: Annotated[str | None, typer.Option(help="Vì sao, khi không che / why, if unmasked.")] = None,
    as_json: Json = False,
) -> None:
    """Đường đi của một hồ sơ: từ ô trong tệp đến báo cáo / a record's way, from its cell to the reports."""
    from pipelines.cli.show import trace as show_trace
    from pipelines.review.explain import Wanted
    from pipelines.review.trace import gather, page

    if unmasked and not (by and because):
        raise BadInput(
            "who_reads",
            "Đọc không che cần --by TÊN và --because LÝ_DO, được ghi vào nhật ký kiểm toán "
            "/ reading unmasked needs --by and --because, which are logged.",
        )
    wanted = Wanted(record_id=record_id, file=file, row=row, sheet=sheet, code=code)
    reader = (by, because) if unmasked and by and because else None
    found = gather.trace(settings_of(workspace), wanted, run_id, unmasked=reader)
    if html:
        page.write(found, html)
    show_trace.show(found, as_json=as_json)
