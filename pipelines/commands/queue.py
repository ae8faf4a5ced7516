"""`sachsong queue`: what waits for the gateway, and who may ask how much today."""

import typer

from pipelines import terminal
from pipelines.commands.options import DEFAULT_CAP, DEFAULT_WORKSPACE, Cap, Json, Night, Workspace, settings

app = typer.Typer(help="Hàng chờ xác thực / the verification queue.", no_args_is_help=True)


@app.command("status")
def queue_status(
    workspace: Workspace = DEFAULT_WORKSPACE,
    night: Night = None,
    cap: Cap = DEFAULT_CAP,
    as_json: Json = False,
) -> None:
    """Hàng chờ, hạn mức và phần của từng đơn vị / the queue, the cap and each tenant's part."""
    from pipelines.verify.status import status

    terminal.show_queue(status(settings(workspace, night=night, daily_cap=cap)), as_json=as_json)
