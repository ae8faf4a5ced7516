"""`sachsong digest`: the week in one text, and a letter to each department and unit, ready to paste."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import DEFAULT_WORKSPACE, Json, Workspace
from pipelines.cli.options import settings as settings_of
from pipelines.cli.show.counts import show_counts


def digest(
    workspace: Workspace = DEFAULT_WORKSPACE,
    out: Annotated[
        Path | None,
        typer.Option(help="Thư mục kết quả, mặc định <workspace>/digest/<lượt chạy> / the folder of the texts."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tổng hợp tuần và thư gửi từng đơn vị, cơ sở / the week's summary, a letter to each department and unit."""
    from pipelines.night import runs
    from pipelines.report import letters
    from pipelines.workspace import lock

    run = runs.last_run(settings_of(workspace))
    runs.require_tables(run)
    folder = out or workspace / "digest" / run.run_id
    with lock.exclusive(run.settings):
        counts = letters.write(run, folder)
    show_counts(
        "digest", {**counts, "folder": str(folder)}, as_json=as_json, own_sectors=run.settings.sectors_directory
    )
