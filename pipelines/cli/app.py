"""The command line `sachsong`: one verb for each thing that an officer, a department or an auditor does.

Heavy packages are imported inside the verbs, so that `--help` answers at once.
"""

import errno
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli import queue, queue_orders, queue_plan
from pipelines.cli.gateway import gateway
from pipelines.cli.load import load
from pipelines.cli.options import DEFAULT_CAP, DEFAULT_WORKSPACE, Cap, Json, Night, OwnSectors, Workspace
from pipelines.cli.options import settings as settings_of
from pipelines.cli.show import console
from pipelines.config import Settings
from pipelines.errors import BadInput, PipelineError, place_of
from pipelines.order import ORDER

app = typer.Typer(
    name="sachsong",
    help="Làm sạch dữ liệu hằng đêm theo cơ sở dữ liệu dân cư: đúng, đủ, sạch, sống.\n\n"
    "Nightly data cleaning against the population registry.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
registry_app = typer.Typer(help="Sổ dân cư / the population registry.", no_args_is_help=True)
audit_app = typer.Typer(help="Kiểm toán / audit.", no_args_is_help=True)
app.add_typer(registry_app, name="registry")
queue_plan.add_to(queue.app)
queue_orders.add_to(queue.app)
app.add_typer(queue.app, name="queue")
app.add_typer(audit_app, name="audit")
app.command()(gateway)
app.command()(load)

CapOfRun = Annotated[
    int | None, typer.Option(min=0, help="Hạn mức, mặc định như lượt đó đã chạy / the cap, by default the run's.")
]
Share = Annotated[float | None, typer.Option(min=0.0, max=1.0, help="Mã thoát 1 nếu thấp hơn / exit code 1 if lower.")]


class Format(StrEnum):
    """How a registry is written."""

    parquet = "parquet"
    csv = "csv"


class Verdict(StrEnum):
    """A human's word about a record."""

    same = "same"
    different = "different"
    nobody = "nobody"
    revoked = "revoked"


INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and ends the process: 0 done, 1 below the threshold asked for, 2 bad input, 3 our fault."""
    try:
        app(
            args=list(arguments) if arguments is not None else None,
            prog_name="sachsong",
            standalone_mode=True,
        )
    except PipelineError as error:
        console.error(str(error))
        raise SystemExit(error.exit_code) from None
    except SystemExit as end:
        # Typer turns a Ctrl-C into this code without a word.
        if end.code == INTERRUPTED:
            console.error("Đã dừng; chạy lại lệnh này để đi tiếp / interrupted: the same command goes on from here.")
        raise
    except Exception as error:
        if os.environ.get("SACHSONG_DEBUG"):
            raise
        _exit_for_disk(error)
        # The text of an unforeseen error may hold a record's values: only its kind and place are shown.
        console.error(f"Lỗi của chương trình / our fault: {place_of(error)}. SACHSONG_DEBUG=1 hiện chi tiết.")
        raise SystemExit(3) from None


def _exit_for_disk(error: Exception) -> None:
    """Ends the process with the remedy, if the error says that the disk is full or may not be written."""
    code = error.errno if isinstance(error, OSError) else None
    # DuckDB and Polars say it in words only.
    if code in (errno.ENOSPC, errno.EDQUOT) or "No space left on device" in str(error):
        console.error("Ổ đĩa đã đầy; dọn chỗ rồi chạy lại lệnh này / the disk is full: make room, run again.")
        raise SystemExit(3) from None
    if isinstance(error, OSError) and code in (errno.EACCES, errno.EPERM, errno.EROFS):
        console.error(f"Không được phép ghi hoặc đọc «{error.filename}» / no permission ({error.strerror}).")
        raise SystemExit(2) from None


@app.command()
def nightly(
    workspace: Workspace = DEFAULT_WORKSPACE,
    inbox: Annotated[Path | None, typer.Option(help="Thư mục tệp đến, mặc định <workspace>/inbox.")] = None,
    registry: Annotated[Path | None, typer.Option(help="Nạp sổ dân cư này trước / load this registry first.")] = None,
    night: Night = None,
    cap: Cap = DEFAULT_CAP,
    sectors: OwnSectors = None,
    full: Annotated[bool, typer.Option("--full", help="Đối chiếu lại mọi hồ sơ / look up every record again.")] = False,
    min_linked: Share = None,
    as_json: Json = False,
) -> None:
    """Chạy trọn một đêm: đọc, chuẩn hóa, kiểm tra, đối chiếu, xác thực, báo cáo / the whole night."""
    from importlib.metadata import entry_points

    from pipelines import link, runs
    from pipelines import registry as registries
    from pipelines.report import summary
    from pipelines.sectors import own

    settings = settings_of(workspace, inbox=inbox, night=night, daily_cap=cap, own_sectors=sectors)
    own.tables(settings)  # before any work
    # Never under a night that is running: its hops must all see the same people.
    if full:
        with runs.exclusive(settings):
            link.forget(settings)
    if registry is not None:
        with runs.exclusive(settings):
            registries.load(settings, registry)
    _check_inbox(settings)
    with console.night_progress(quiet=as_json, own_sectors=settings.sectors_directory) as on_progress:
        run_nightly = next(iter(entry_points(group="sachsong.nightly"))).load()
        result = run_nightly(settings, on_progress=on_progress)
    figures = summary.figures(result.run)
    console.show_night(result.run, figures, as_json=as_json)
    _below(min_linked, summary.linked_share(figures))
    if result.counts["read"]["files_refused"]:
        raise typer.Exit(2)


@app.command()
def match(
    registry: Annotated[Path, typer.Option(help="Tệp sổ dân cư / registry file.")],
    sector: Annotated[
        str,
        typer.Option(help="Lĩnh vực / sector: insurance, students, vaccination, hoặc tệp / or a file tên.toml."),
    ],
    input_file: Annotated[Path, typer.Option("--input", help="Tệp của ngành / sector file.")],
    out: Annotated[Path, typer.Option(help="Thư mục kết quả / output folder.")],
    mapping: Annotated[
        Path | None, typer.Option(help="mapping.toml: tiêu đề nào là cột nào / which header is which column.")
    ] = None,
    night: Night = None,
    min_linked: Share = None,
    as_json: Json = False,
) -> None:
    """Đối chiếu một tệp với một sổ dân cư, không cần thư mục làm việc / one file, no workspace."""
    from pipelines import one_shot

    settings = settings_of(out, night=night)
    counts = one_shot.match(settings, registry, sector, input_file, out, mapping)
    console.show_counts("match", counts, as_json=as_json)
    _below(min_linked, counts["link"] / max(counts["rows_counted"], 1))


@registry_app.command("make")
def registry_make(
    out: Annotated[Path, typer.Option(help="Thư mục kết quả / output folder.")] = Path("synthetic"),
    people: Annotated[int, typer.Option(min=1, help="Số người / number of people.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Cùng hạt giống, cùng tệp / same seed, same bytes.")] = 1,
    sectors: Annotated[
        str,
        typer.Option(help="Kèm tệp ngành: all, hoặc insurance=2000,students / dirty sector files with their truth."),
    ] = "",
    preset: Annotated[
        str, typer.Option(help="Mức lỗi: vaccination-2022, students-2023, insurance-2023, mature-2025, hard.")
    ] = "vaccination-2022",
    file_format: Annotated[Format, typer.Option("--format", help="Dạng của sổ dân cư và đáp án.")] = Format.parquet,
    night: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Ngày tính tuổi; không theo đồng hồ / ages count from here.")
    ] = datetime(2026, 11, 22),  # noqa: DTZ001
    as_json: Json = False,
) -> None:
    """Sinh sổ dân cư giả lập và tệp ngành có lỗi kèm đáp án / synthetic registry, dirty files, truth."""
    from pipelines.synthetic import requests
    from pipelines.synthetic.make import make

    with console.bar("Sinh dữ liệu / making people", quiet=as_json) as on_progress:
        made = make(
            out,
            people,
            seed,
            sectors=requests.plan(sectors) if sectors else None,
            preset=preset,
            night=night.date(),
            format=file_format.value,
            progress=on_progress,
        )
    console.show_counts("registry make", made.model_dump(mode="json"), as_json=as_json)


@registry_app.command("load")
def registry_load(
    file: Annotated[Path | None, typer.Argument(help="CSV, XLSX, Parquet.")] = None,
    registry: Annotated[Path | None, typer.Option(help="Như trên / the same, as an option.")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Nạp sổ dân cư vào thư mục làm việc / load the registry into the workspace."""
    from pipelines import registry as registries
    from pipelines import runs

    chosen = file or registry
    if chosen is None:
        raise BadInput("no_file", "Thiếu tệp sổ dân cư: sachsong registry load TỆP / which registry file?")
    settings = settings_of(workspace)
    with runs.exclusive(settings):
        snapshot = registries.load(settings, chosen)
    counts = {"people": snapshot.people, "rejected": snapshot.rejected}
    console.show_counts("registry load", counts, as_json=as_json)
    if snapshot.rejected:
        console.note(
            f"{snapshot.rejected} dòng không dùng được, xem {snapshot.path.with_suffix('.rejected.parquet')} "
            "/ rows that cannot be used are listed there."
        )


@registry_app.command("info")
def registry_info(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Sổ dân cư đang dùng / the registry in force."""
    from pipelines import registry as registries

    console.show_counts("registry info", registries.info(settings_of(workspace)), as_json=as_json)


@app.command()
def report(
    workspace: Workspace = DEFAULT_WORKSPACE,
    again: Annotated[bool, typer.Option("--again", help="Viết lại báo cáo / write the reports again.")] = False,
    as_json: Json = False,
) -> None:
    """Số liệu và đường dẫn báo cáo của đêm gần nhất / the last night's figures and reports."""
    from pipelines import hops, runs
    from pipelines.report import summary

    run = runs.last_run(settings_of(workspace))
    runs.require_tables(run)
    if again:
        with runs.exclusive(run.settings):
            hops.run_again(run, "report")
    console.show_night(run, summary.figures(run), as_json=as_json)


@app.command()
def evaluate(
    truth: Annotated[Path, typer.Option(help="Tệp đáp án / truth file.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
    links: Annotated[
        Path | None, typer.Option(help="links.parquet; mặc định của đêm gần nhất / of the last night.")
    ] = None,
    chart: Annotated[
        Path | None, typer.Option(help="Vẽ xác suất nói ra và tỷ lệ đúng vào tệp SVG / calibration chart.")
    ] = None,
    min_precision: Share = None,
    min_recall: Share = None,
    as_json: Json = False,
) -> None:
    """So kết quả đối chiếu với đáp án / precision, recall and calibration against known truth."""
    from pipelines import evaluate as evaluation
    from pipelines import runs
    from pipelines.cli.show import evaluation as show_evaluation

    settings = settings_of(workspace)
    found = links or runs.last_run(settings).directory / "links.parquet"
    figures: Any = evaluation.evaluate(found, truth)
    if chart:
        evaluation.draw(figures["calibration"], chart)
    show_evaluation.show(figures, as_json=as_json, own_sectors=settings.sectors_directory)
    _below(min_precision, figures["automatic_precision"]["share"])
    _below(min_recall, figures["automatic_recall"]["share"])


@app.command()
def explain(
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
    svg: Annotated[Path | None, typer.Option(help="Vẽ vào tệp này / draw it into this file.")] = None,
    as_json: Json = False,
) -> None:
    """Vì sao một hồ sơ được liên kết, phải duyệt hay không tìm thấy / why a record was linked or not."""
    from pipelines import explain as explanations
    from pipelines.cli.show import explanation as show_explanation

    wanted = explanations.Wanted(record_id=record_id, file=file, row=row, sheet=sheet)
    found = explanations.explain(settings_of(workspace), wanted, run_id)
    if svg:
        explanations.draw(found, svg)
    show_explanation.show(found, as_json=as_json)


@app.command()
def decide(
    record_id: Annotated[str | None, typer.Argument(help="Mã hồ sơ trong links.parquet / record_id.")] = None,
    verdict: Annotated[Verdict | None, typer.Argument(help="Là người này, không phải người này, không là ai.")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    person: Annotated[
        str | None, typer.Option(help="Số định danh; mặc định người đã gắn với hồ sơ / default: the person proposed.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Ai quyết định / who decides.")] = None,
    because: Annotated[str | None, typer.Option(help="Căn cứ / on what ground.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="CSV: record_id,verdict,person_id,by,because; ghi tất cả hoặc không / many.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ghi quyết định của người về một hồ sơ, có hiệu lực từ đêm sau / a human's word about a record."""
    from pipelines import deciding, runs

    if file is not None:
        words = deciding.read(file)
    elif record_id and verdict and by and because:
        words = [deciding.Word(record_id=record_id, verdict=verdict.value, person_id=person, by=by, because=because)]
    else:
        raise BadInput(
            "who_decides",
            "Cần: sachsong decide MÃ_HỒ_SƠ same|different|nobody|revoked --by TÊN --because CĂN_CỨ, hoặc --file "
            "/ a record, a verdict, who and why are needed.",
        )
    settings = settings_of(workspace)
    with runs.exclusive(settings):
        kept = deciding.decide(settings, words)
    console.show_decisions(kept, as_json=as_json)


@audit_app.command("verify")
def audit_verify(
    workspace: Workspace = DEFAULT_WORKSPACE,
    run_id: Annotated[
        str | None, typer.Option("--run", help="Lượt chạy, mặc định gần nhất / default the last.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Mọi lượt chạy / every run.")] = False,
    inbox: Annotated[
        Path | None, typer.Option(help="Nơi giữ tệp đến, nếu đã chuyển / where the inputs are now.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Tính lại mã băm của mọi tệp và so với biên bản / every checksum again, against the manifest."""
    from pipelines import runs
    from pipelines.report import audit

    settings = settings_of(workspace)
    chosen = settings.runs_directory / (run_id or runs.last_run(settings).run_id) / audit.MANIFEST
    faults = audit.verify(workspace if every else chosen, inbox=inbox)
    console.show_audit(faults, as_json=as_json)
    if faults:
        raise typer.Exit(1)


def _hop_command(name: str, title: str) -> None:
    @app.command(name, help=f"{title}: chạy lại bước này của đêm đang dở hoặc gần nhất / this hop again.")
    def run_one(
        workspace: Workspace = DEFAULT_WORKSPACE,
        inbox: Annotated[Path | None, typer.Option(help="Thư mục tệp đến, mặc định <workspace>/inbox.")] = None,
        night: Night = None,
        cap: CapOfRun = None,
        as_json: Json = False,
    ) -> None:
        from pipelines import hops, runs

        settings = settings_of(workspace, inbox=inbox, night=night, daily_cap=cap)
        with runs.exclusive(settings):
            run = runs.newest_run(settings)
            counts = hops.run_again(run, name)
        console.show_counts(name, counts, as_json=as_json, own_sectors=run.settings.sectors_directory)


for _step in ORDER:
    if _step.name != "report":
        _hop_command(_step.name, _step.title_vi)


def _check_inbox(settings: Settings) -> None:
    """Before anything slow starts: is there something to do?"""
    from pipelines import snapshots
    from pipelines.read import require_files

    snapshots.current(settings)
    require_files(settings)


def _below(threshold: float | None, value: float) -> None:
    if threshold is not None and value < threshold:
        console.note(f"{value:.4f} thấp hơn mức yêu cầu {threshold:.4f} / below the threshold asked for.")
        raise typer.Exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
