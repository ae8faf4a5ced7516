"""`sachsong queue status | explain | work`: the queue, a question's position in it, one more worker that asks."""

from datetime import datetime
from typing import Annotated

import typer

from pipelines.cli.help import Verbs
from pipelines.cli.options import DEFAULT_WORKSPACE, Cap, Json, Night, OwnSectors, Workspace, settings
from pipelines.cli.show import console
from pipelines.cli.show import queue as show_queue

app = Verbs(help="Hàng chờ xác thực / the verification queue.")

Opens = Annotated[
    datetime | None,
    typer.Option(
        "--opens", formats=["%H:%M"], help="Giờ bắt đầu gửi yêu cầu, ví dụ 07:00; cần cả --closes / first hour."
    ),
]
Closes = Annotated[
    datetime | None,
    typer.Option("--closes", formats=["%H:%M"], help="Giờ ngừng gửi, ví dụ 17:00; gửi rải đều đến giờ đó / last hour."),
]


@app.command("status")
def queue_status(
    workspace: Workspace = DEFAULT_WORKSPACE,
    night: Night = None,
    cap: Cap = None,
    watch: Annotated[bool, typer.Option("--watch", help="Xem trực tiếp, Ctrl-C để thôi / live.")] = False,
    every: Annotated[float, typer.Option(min=0.2, help="Giây giữa hai lần xem / seconds between looks.")] = 2.0,
    sectors: OwnSectors = None,
    as_json: Json = False,
) -> None:
    """Hàng chờ, hạn mức, tiến trình đang gửi, tốc độ, bao giờ xong / states, places, rate, ETA, last error."""
    from pipelines.verify.queue.status import brief_status, status

    given = settings(workspace, night=night, daily_cap=cap, own_sectors=sectors)
    if watch and not as_json:
        show_queue.watch(lambda: brief_status(given), every)
    else:
        show_queue.show_queue(status(given), given.sectors_directory, as_json=as_json)


@app.command("explain")
def queue_explain(
    key: Annotated[str, typer.Argument(help="Mã hồ sơ của đêm gần nhất hoặc mã yêu cầu / a record or a request.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
    night: Night = None,
    sectors: OwnSectors = None,
    as_json: Json = False,
) -> None:
    """Vì sao yêu cầu xác thực của một hồ sơ đứng ở vị trí này / why a record's question is asked in its place."""
    from pipelines.review import records
    from pipelines.verify.queue import position

    given = settings(workspace, night=night, own_sectors=sectors)
    told = position.explain_position(given, records.request_of(given, key))
    show_queue.show_place(told, given.sectors_directory, as_json=as_json)


@app.command("work")
def queue_work(
    workspace: Workspace = DEFAULT_WORKSPACE,
    cap: Cap = None,
    opens: Opens = None,
    closes: Closes = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Số phút đợi khi mất đường truyền / minutes to wait for a lost line.")
    ] = 0.0,
    worker: Annotated[
        str | None, typer.Option(help="Tên tiến trình, mặc định theo máy và thư mục / its name among the workers.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Gửi yêu cầu đang chờ đến khi hết hạn mức, hết hàng hoặc mất đường truyền / ask until cap, queue or line end."""
    from pipelines.errors import BadInput
    from pipelines.verify.worker.options import WorkerOptions
    from pipelines.verify.worker.pacing import Hours
    from pipelines.verify.worker.work import work

    if (opens is None) != (closes is None) or (opens and closes and opens >= closes):
        raise BadInput("bad_hours", "--opens phải sớm hơn --closes, và cần cả hai / both hours, the earlier one first.")
    hours = Hours(opens.time(), closes.time()) if opens and closes else None
    given = settings(workspace, daily_cap=cap, worker=worker)
    with console.bar("Đang gửi / asking", quiet=as_json) as on_progress:
        ended = work(given, WorkerOptions(hours=hours, patience_s=patience * 60), on_progress)
    show_queue.show_ended(ended, as_json=as_json)
