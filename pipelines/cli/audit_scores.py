"""`sachsong audit scores | sample | estimate`: the four words in numbers, and what records checked by hand tell."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import DEFAULT_WORKSPACE, Json, OfRun, Workspace
from pipelines.cli.options import settings as settings_of


class Level(StrEnum):
    """Groups that are scored."""

    sector = "sector"
    province = "province"
    commune = "commune"
    unit = "unit"


class FamilyName(StrEnum):
    """The four words."""

    correct = "correct"
    complete = "complete"
    clean = "clean"
    live = "live"


def add_to(app: typer.Typer) -> None:
    """Adds the verbs to `sachsong audit`."""
    app.command("scores")(audit_scores)
    app.command("sample")(audit_sample)
    app.command("estimate")(audit_estimate)


def audit_scores(
    workspace: Workspace = DEFAULT_WORKSPACE,
    run_id: OfRun = None,
    level: Annotated[Level, typer.Option(help="Xếp theo ngành, tỉnh, xã hay đơn vị / groups.")] = Level.sector,
    family: Annotated[
        FamilyName | None, typer.Option(help="Một nhóm: đúng, đủ, sạch, sống / one family; default all.")
    ] = None,
    sector: Annotated[str | None, typer.Option(help="Một ngành / one sector.")] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Số dòng nhiều nhất mỗi nhóm / most rows a family.")] = 20,
    trend: Annotated[bool, typer.Option("--trend", help="Diễn biến qua các đêm / over the nights.")] = False,
    as_json: Json = False,
) -> None:
    """Điểm đúng, đủ, sạch, sống, xếp theo tiến bộ so với đêm trước / the four scores, ranked by progress."""
    from pipelines.audit import progress, scores
    from pipelines.cli.show import scores as show_scores
    from pipelines.night import runs
    from pipelines.review import explain

    settings = settings_of(workspace)
    if trend:
        show_scores.show_trend(progress.trend(settings), family and family.value, as_json=as_json)
        return
    run = runs.last_run(settings) if run_id is None else explain.named_run(settings, run_id)
    told = progress.compared(run.directory, scores.run_before(run))
    families = [family.value] if family else [each.value for each in FamilyName]
    ranked = {each: progress.ranked(told, level.value, each, sector).head(most) for each in families}
    show_scores.show(ranked, as_json=as_json)


def audit_sample(
    out: Annotated[Path, typer.Option(help="Tệp CSV để điền / the CSV file to be filled in.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
    run_id: OfRun = None,
    seed: Annotated[
        str | None, typer.Option(help="Chữ chọn mẫu, mặc định tên lượt chạy / by default the run's name.")
    ] = None,
    size: Annotated[int, typer.Option(min=1, help="Số hồ sơ / number of records.")] = 200,
    as_json: Json = False,
) -> None:
    """Chọn mẫu hồ sơ để kiểm tra bằng tay / draw records to be checked by hand."""
    from pipelines.cli.show.counts import show_counts
    from pipelines.night import runs
    from pipelines.report.auditor import sample
    from pipelines.review import explain

    settings = settings_of(workspace)
    run = runs.last_run(settings) if run_id is None else explain.named_run(settings, run_id)
    with runs.tables_of(run) as connection:
        drawn = sample.write(connection, run, out, seed, size)
    show_counts("audit sample", {"records": drawn}, as_json=as_json)


def audit_estimate(
    file: Annotated[Path, typer.Argument(help="Tệp mẫu đã điền / the sample, filled in.")], as_json: Json = False
) -> None:
    """Ước lượng tỷ lệ quyết định đúng từ mẫu đã điền / the share of right decisions, with its interval."""
    from pipelines.audit import estimate
    from pipelines.cli.show import scores as show_scores

    show_scores.show_estimate(estimate.estimate(file), as_json=as_json)
