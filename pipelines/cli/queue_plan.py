"""`sachsong queue plan | simulate | why`: when the backlog clears, what-ifs, why a tenant got its places."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import DEFAULT_WORKSPACE, Json, Night, OwnSectors, Workspace, settings
from pipelines.cli.show import plan as show_plan
from pipelines.config import Settings
from pipelines.errors import BadInput

if TYPE_CHECKING:
    from pipelines.quota.forecast.what_if import InForce

Days = Annotated[int, typer.Option(min=1, max=3650, help="Số ngày tính trước / days to look ahead.")]
PlannedCap = Annotated[
    int | None, typer.Option(min=0, help="Hạn mức mỗi ngày, mặc định hạn mức đang dùng / the daily cap.")
]


def simulate(
    workspace: Workspace = DEFAULT_WORKSPACE,
    tenants: Annotated[
        Path | None,
        typer.Option(help="CSV tenant,backlog,daily,weight; mặc định hàng chờ thật / default: the real queue."),
    ] = None,
    cap: PlannedCap = None,
    days: Days = 60,
    policy: Annotated[
        str | None,
        typer.Option(
            help="floor+aged, max-min, proportional, largest-first, fifo; mặc định cách chia đang dùng "
            "/ how it is shared; default: the policy in force."
        ),
    ] = None,
    outage: Annotated[list[str] | None, typer.Option(help="Ngày cổng đóng, ví dụ 3-4 / closed days, e.g. 3-4.")] = None,
    cap_change: Annotated[
        list[str] | None, typer.Option(help="Hạn mức từ một ngày trở đi, ví dụ 10:300000 / cap from a day on.")
    ] = None,
    join: Annotated[
        list[str] | None, typer.Option(help="Thêm đơn vị, dạng tên:tồn:mỗi_ngày / another tenant name:backlog:daily.")
    ] = None,
    night: Night = None,
    sectors: OwnSectors = None,
    as_json: Json = False,
) -> None:
    """Thử phương án: hạn mức khác, thêm tỉnh, cổng đóng, cách chia khác / what if, by the night's own allocation."""
    from pipelines.quota.allocation import POLICIES
    from pipelines.quota.forecast import simulate as simulation
    from pipelines.quota.forecast import what_if
    from pipelines.quota.forecast.scenario import add_tenants, caps_of, scenario_of
    from pipelines.quota.forecast.tenants_file import newcomer, read_tenants

    if policy is not None and policy not in POLICIES:
        known = ", ".join(POLICIES)
        raise BadInput("bad_policy", f"--policy «{policy}»: chọn {known} / --policy «{policy}»: choose {known}.")
    given = settings(workspace, night=night, own_sectors=sectors)
    closed, changes = what_if.closed_days(outage or ()), what_if.cap_changes(cap_change or ())
    newcomers = [newcomer(text) for text in join or ()]
    if tenants is not None:
        listed = read_tenants(tenants)
        in_force = _in_force(given)
        now = scenario_of(listed, caps_of(in_force.cap, days), in_force.policy)
    else:
        from pipelines.quota.forecast import current_queue

        now = current_queue.expected(given, days, None)
        in_force = current_queue.in_force(given)
    caps = tuple(caps_of(in_force.cap if cap is None else cap, days, closed, changes))
    changed = replace(add_tenants(now, newcomers), caps=caps, policy=policy or now.policy)
    is_other = bool(newcomers) or (changed.caps, changed.policy) != (now.caps, now.policy)
    told = what_if.answer(
        simulation.simulate(changed), in_force, now if is_other else None, None if tenants is None else tenants.name
    )
    show_plan.show_simulation(told, given.sectors_directory, as_json=as_json)


def _in_force(given: Settings) -> "InForce":
    """The workspace's terms where it has any, else the settings': a file of tenants needs no workspace."""
    from pipelines.quota.forecast.what_if import InForce

    if not given.has_state:
        return InForce(cap=given.daily_cap, cap_from="settings")
    from pipelines.quota.forecast import current_queue

    return current_queue.in_force(given)


def plan(
    workspace: Workspace = DEFAULT_WORKSPACE,
    cap: PlannedCap = None,
    days: Days = 60,
    svg: Annotated[Path | None, typer.Option(help="Vẽ vào tệp này / draw the burn-down into this file.")] = None,
    night: Night = None,
    sectors: OwnSectors = None,
    as_json: Json = False,
) -> None:
    """Khi nào từng đơn vị hết tồn đọng, sớm nhất và muộn nhất / when each tenant's backlog clears, with a band."""
    from pipelines.quota.forecast.current_queue import queue_and_arrivals
    from pipelines.quota.forecast.outlook import forecast, ready_for_json

    given = settings(workspace, night=night, daily_cap=cap, own_sectors=sectors)
    scenario, nights = queue_and_arrivals(given, days, cap)
    outlook = ready_for_json(forecast(scenario, nights))
    if svg:
        from pipelines.report.charts import burndown
        from pipelines.workspace import atomic_files

        with atomic_files.atomic(svg) as temporary:
            temporary.write_text(burndown.picture(outlook), encoding="utf-8")
    show_plan.show_plan(outlook, given.sectors_directory, as_json=as_json)


def why(
    tenant: Annotated[str, typer.Argument(help="Đơn vị, ví dụ students-79 / the tenant.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
    night: Night = None,
    as_json: Json = False,
) -> None:
    """Vì sao trong ngày đơn vị được từng ấy lượt / why a tenant got so many places on a day."""
    from pipelines.quota.why import explain_places

    show_plan.show_why(explain_places(settings(workspace, night=night), tenant), as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Adds the verbs of this file to the group `queue`."""
    for verb in (plan, simulate, why):
        app.command()(verb)
