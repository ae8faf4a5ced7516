"""`sachsong queue cap | pause | resume | policy | weight | override`: humans' orders about the queue, stored for
good.
"""

from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import who
from pipelines.cli.options import DATES, DEFAULT_WORKSPACE, Json, Night, OwnSectors, Workspace, settings
from pipelines.cli.show import queue as show_queue
from pipelines.cli.who import PasswordFd
from pipelines.config import Settings

if TYPE_CHECKING:
    from pipelines.quota.give_order import Signed

By = Annotated[str, typer.Option(help="Ai ra lệnh / who orders it.")]
Reason = Annotated[str, typer.Option(help="Vì sao; được lưu lại mãi / why; kept for good.")]
Tenant = Annotated[str, typer.Argument(help="Đơn vị, ví dụ students-79 / the tenant.")]


def cap(
    cap: Annotated[int, typer.Argument(min=0, help="Số yêu cầu mỗi ngày của cả nước / questions a day.")],
    by: By,
    reason: Reason,
    workspace: Workspace = DEFAULT_WORKSPACE,
    night: Night = None,
    password_fd: PasswordFd = None,
    as_json: Json = False,
) -> None:
    """Đổi hạn mức từ ngày này, kể cả khi đang gửi; thay cho --cap / the cap from this day on, also while asking."""
    from pipelines.quota import give_order, orders

    given = settings(workspace, night=night)
    kept = give_order.plain(given, orders.CAP, _proven(given, by, reason, password_fd), {"cap": cap})
    show_queue.show_order(kept, as_json=as_json)


def pause(by: By, reason: Reason, workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Ngừng gửi yêu cầu sau lô đang gửi, đến khi có lệnh resume / stop asking after the message that is under way."""
    from pipelines.quota import give_order, orders

    show_queue.show_order(give_order.plain(settings(workspace), orders.PAUSE, _signed(by, reason)), as_json=as_json)


def resume(by: By, reason: Reason, workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Gửi tiếp / go on asking."""
    from pipelines.quota import give_order, orders

    show_queue.show_order(give_order.plain(settings(workspace), orders.RESUME, _signed(by, reason)), as_json=as_json)


def policy(
    name: Annotated[
        str,
        typer.Argument(
            help="Cách chia hạn mức / how places are shared: floor+aged, max-min, proportional, largest-first, fifo."
        ),
    ],
    by: By,
    reason: Reason,
    workspace: Workspace = DEFAULT_WORKSPACE,
    password_fd: PasswordFd = None,
    as_json: Json = False,
) -> None:
    """Đổi cách chia hạn mức, kể cả khi đang gửi; nêu rõ ai thiệt gì / how places are shared; what it costs whom."""
    from pipelines.quota import give_order

    given = settings(workspace)
    kept = give_order.policy(given, name, _proven(given, by, reason, password_fd))
    show_queue.show_order(kept, as_json=as_json)


def weight(
    tenant: Tenant,
    weight: Annotated[str, typer.Argument(help="Trọng số, ví dụ 2, 1.5 hoặc 3/2; 1 là rút lệnh / 1 takes it back.")],
    by: By,
    reason: Reason,
    workspace: Workspace = DEFAULT_WORKSPACE,
    sectors: OwnSectors = None,
    password_fd: PasswordFd = None,
    as_json: Json = False,
) -> None:
    """Trọng số của một đơn vị khi chia hạn mức / a tenant's weight when places are shared."""
    from pipelines.quota import give_order

    given = settings(workspace, own_sectors=sectors)
    kept = give_order.weight(given, tenant, weight, _proven(given, by, reason, password_fd))
    show_queue.show_order(kept, as_json=as_json)


def override(
    tenant: Tenant,
    until: Annotated[
        datetime, typer.Option(formats=DATES, help="Hạn phải xong; ngày đã qua là rút lệnh / the deadline.")
    ],
    by: By,
    reason: Reason,
    percent: Annotated[
        float, typer.Option(help="Tối đa bao nhiêu phần trăm hạn mức mỗi ngày, không quá 20 / of the cap.")
    ] = 10,
    workspace: Workspace = DEFAULT_WORKSPACE,
    sectors: OwnSectors = None,
    password_fd: PasswordFd = None,
    as_json: Json = False,
) -> None:
    """Ưu tiên một đơn vị đến một hạn, có giới hạn và lưu vết / a deadline before the policy, limited and kept."""
    from pipelines.quota import give_order

    given = settings(workspace, own_sectors=sectors)
    kept = give_order.deadline(given, tenant, until.date(), _limit(percent), _proven(given, by, reason, password_fd))
    show_queue.show_order(kept, as_json=as_json)


def _limit(percent: float) -> Fraction:
    try:
        return Fraction(str(percent)) / 100
    except ValueError:  # not a number, or without end
        return Fraction(0)


def _proven(given: Settings, by: str, reason: str, password_fd: int | None) -> "Signed":
    """Who orders what waits for a second person is proven; one person's order stands under the name that was typed."""
    if given.approval == "single":
        return _signed(by, reason)
    name, role = who.proven(given, by, "propose", password_fd)
    return _signed(name, reason, role)


def _signed(by: str, reason: str, role: str | None = None) -> "Signed":
    from pipelines.config import TIME_ZONE
    from pipelines.quota.give_order import Signed

    return Signed(by, datetime.now(TIME_ZONE), reason, role)


def add_to(app: typer.Typer) -> None:
    """Adds the verbs of this file to the group `queue`."""
    for verb in (cap, pause, resume, policy, weight, override):
        app.command()(verb)
