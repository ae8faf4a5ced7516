"""`sachsong evaluate | audit verify`: against known truth, and against the manifest."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli import audit_log
from pipelines.cli.help import Verbs
from pipelines.cli.options import DEFAULT_WORKSPACE, Json, OfRun, Share, Workspace, require_share
from pipelines.cli.options import settings as settings_of
from pipelines.cli.show.audit import show_audit

app = Verbs(help="Kiểm toán / audit.")
audit_log.add_to(app)


def evaluate(
    truth: Annotated[Path, typer.Option(help="Tệp đáp án / truth file.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
    links: Annotated[
        Path | None, typer.Option(help="links.parquet; mặc định của đêm gần nhất / of the last night.")
    ] = None,
    chart: Annotated[
        Path | None, typer.Option(help="Vẽ xác suất dự báo và tỷ lệ đúng thực tế vào tệp SVG / calibration chart.")
    ] = None,
    min_precision: Share = None,
    min_recall: Share = None,
    as_json: Json = False,
) -> None:
    """So kết quả đối chiếu với đáp án / precision, recall and calibration against known truth."""
    from pipelines.cli.show import evaluation as show_evaluation
    from pipelines.night import runs
    from pipelines.report import evaluation

    settings = settings_of(workspace)
    found = links or runs.last_run(settings).directory / "links.parquet"
    figures: Any = evaluation.evaluate(found, truth)
    if chart:
        evaluation.draw(figures["calibration"], chart)
    show_evaluation.show(figures, as_json=as_json, own_sectors=settings.sectors_directory)
    require_share(min_precision, figures["automatic_precision"]["share"])
    require_share(min_recall, figures["automatic_recall"]["share"])


@app.command("verify")
def audit_verify(
    workspace: Workspace = DEFAULT_WORKSPACE,
    run_id: OfRun = None,
    every: Annotated[bool, typer.Option("--all", help="Mọi lượt chạy / every run.")] = False,
    inbox: Annotated[
        Path | None, typer.Option(help="Nơi giữ tệp đến, nếu đã chuyển / where the inputs are now.")
    ] = None,
    head: Annotated[
        list[Path] | None,
        typer.Option("--head", help="Đầu nhật ký đã giữ ở nơi khác: tệp JSON hoặc manifest / a head kept elsewhere."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Kiểm tra nhật ký, sổ hạn mức, mọi quyết định và mọi tệp / the log, the books, every decision and file again."""
    from pipelines.audit import verify_all
    from pipelines.night import runs

    settings = settings_of(workspace)
    if not settings.has_state:
        runs.last_run(settings)  # nothing was ever run here, which is no loss of the log
    chosen = None if every else run_id or runs.last_run_id(settings)
    faults = verify_all.verify_all(settings, chosen, inbox=inbox, heads=head or [])
    show_audit(faults, as_json=as_json)
    if faults:
        raise typer.Exit(1)
