"""`sachsong publish`: counts by place for people outside the owning department, small ones hidden."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import DEFAULT_WORKSPACE, Json, Workspace
from pipelines.cli.options import settings as settings_of
from pipelines.cli.show.counts import show_counts


def publish(
    workspace: Workspace = DEFAULT_WORKSPACE,
    out: Annotated[
        Path | None,
        typer.Option(help="Thư mục kết quả, mặc định <workspace>/published/<lượt chạy> / the folder of the tables."),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Ai công bố, mặc định tên đăng nhập máy / who publishes, default the login.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Bảng số công bố ra ngoài đơn vị, giấu số nhỏ / counts for people outside the department, small ones hidden."""
    from pipelines.night import runs
    from pipelines.report import published
    from pipelines.workspace import lock

    run = runs.last_run(settings_of(workspace))
    runs.require_tables(run)
    folder = out or workspace / "published" / run.run_id
    with lock.exclusive(run.settings):
        counts = published.write(run, folder, by or getpass.getuser())
    show_counts("publish", {**counts, "folder": str(folder)}, as_json=as_json)
