"""`sachsong gateway`: a simulated registry's gateway as an HTTP service on this machine, to work and test against."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import DEFAULT_WORKSPACE, Cap, Json, Workspace, settings
from pipelines.cli.output_stream import end_with_terminal
from pipelines.cli.show.counts import show_counts


def gateway(
    registry: Annotated[
        Path | None,
        typer.Option(help="Dữ liệu dân cư: CSV, XLSX, Parquet; mặc định bản đã nạp / default: the loaded one."),
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    host: Annotated[str, typer.Option(help="Địa chỉ máy / the address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: cổng trống bất kỳ / any free one.")] = 8_306,
    cap: Cap = None,
    faults: Annotated[
        Path | None, typer.Option(help="TOML: kịch bản lỗi, như pipelines/gateway/mix.toml / faults on order.")
    ] = None,
    clock: Annotated[
        str,
        typer.Option(help="real (giờ thật), thời điểm bắt đầu, hoặc @TỆP / real, an instant to run on from, or @FILE."),
    ] = "real",
    memory: Annotated[
        Path | None,
        typer.Option(help="SQLite ghi nhớ mã yêu cầu; mặc định <workspace>/gateway.sqlite / remembers requests."),
    ] = None,
    secret_file: Annotated[
        Path | None, typer.Option(help="Tệp khóa ký; mặc định biến SACHSONG_GATEWAY_SECRET / the signing secret.")
    ] = None,
    questions_per_s: Annotated[
        float | None, typer.Option("--rate", min=1.0, help="Số yêu cầu nhiều nhất mỗi giây / questions a second.")
    ] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="Đơn vị được gửi yêu cầu, mặc định mọi đơn vị / who may ask.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Cổng xác thực giả lập trên dữ liệu dân cư, lỗi theo kịch bản / a gateway over a registry, faults on order."""
    from pipelines.gateway.protocol import clock as clocks
    from pipelines.gateway.protocol import secret
    from pipelines.gateway.simulator import fault_plan, http_server, service
    from pipelines.gateway.snapshot import snapshot_for

    end_with_terminal()
    chosen = settings(workspace, daily_cap=cap)
    key, now = secret.read(secret_file), clocks.clock_of(clock)
    ordered = fault_plan.load_faults(faults) if faults else None
    people = snapshot_for(chosen, registry)
    listening = http_server.bound(host, port)
    with service.open_service(
        people,
        memory or workspace / "gateway.sqlite",
        cap=chosen.daily_cap,
        secret=key,
        now=now,
        faults=ordered,
        questions_per_s=questions_per_s,
        units=frozenset(unit) if unit else None,
    ) as far_end:
        url = f"http://{host}:{listening.getsockname()[1]}"
        show_counts("gateway", {"url": url, "cap": chosen.daily_cap, "clock": now().isoformat()}, as_json=as_json)
        http_server.service(far_end).run(sockets=[listening])
