"""Assembles the command line `sachsong`: one verb for each task of an officer, a department or an auditor.

Heavy packages are imported inside the verbs, so that `--help` answers at once.
"""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer._click.exceptions import ClickException

from pipelines.cli import (
    audit,
    audit_scores,
    audit_trace,
    completion,
    corrections,
    language,
    queue,
    queue_orders,
    queue_plan,
    registry,
    review_pages,
    rules,
    usage_errors,
)
from pipelines.cli.audit import evaluate
from pipelines.cli.digest import digest
from pipelines.cli.gateway import gateway
from pipelines.cli.help import Group, Verbs
from pipelines.cli.load import load
from pipelines.cli.nightly import match, nightly, report
from pipelines.cli.options import DEFAULT_WORKSPACE, AskPast, CapOfRun, Json, Night, Workspace, workspace_in
from pipelines.cli.options import settings as settings_of
from pipelines.cli.output_stream import outlive_terminal
from pipelines.cli.publish import publish
from pipelines.cli.review import answers, decide, explain, train
from pipelines.cli.review_estimate import estimate
from pipelines.cli.settings import doctor, settings
from pipelines.cli.show import console
from pipelines.cli.show.counts import show_counts
from pipelines.errors import PipelineError, place_of
from pipelines.night.order import ORDER
from pipelines.workspace import outside, owner_only, settings_sources

VERBS = [
    "registry",
    "load",
    "nightly",
    "report",
    "digest",
    "publish",
    "explain",
    "decide",
    "train",
    "review",
    "answers",
    "corrections",
    "queue",
    "audit",
    "rules",
    "match",
    "evaluate",
    "gateway",
    "settings",
    "doctor",
    "read",
    "standardise",
    "check",
    "link",
    "verify",
    "live",
]
"""Every verb, in the order in which an officer meets them."""


class Language(StrEnum):
    """A language of the terminal."""

    vi = "vi"
    en = "en"


class InOrder(Group):
    """A group that lists its verbs in the order of use."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=VERBS.index)


app = Verbs(
    name="sachsong",
    cls=InOrder,
    help="Làm sạch dữ liệu hằng đêm theo CSDL quốc gia về dân cư: đúng, đủ, sạch, sống. / "
    "Nightly data cleaning against the population registry.",
    pretty_exceptions_enable=False,
    add_completion=False,
)
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and ends the process: 0 done, 1 below the threshold asked for, 2 bad input, 3 our fault."""
    outlive_terminal()
    owner_only.from_now_on()
    typed, named = language.taken_out(sys.argv[1:] if arguments is None else arguments)
    language.choose(named or language.from_environment(in_file=settings_sources.language(workspace_in(typed))))
    if not any(option.endswith("-completion") for option in typed):  # which is kept in the home
        outside.leave(os.environ)
    try:
        code = app(args=typed, prog_name="sachsong", standalone_mode=False)
        # The parser turns a Ctrl-C into this code without a word.
        if code == INTERRUPTED:
            console.error("Đã dừng; chạy lại lệnh này để làm tiếp / interrupted: the same command goes on from here.")
        raise SystemExit(code if isinstance(code, int) else 0)
    except ClickException as error:
        _tell_usage(error)
        raise SystemExit(error.exit_code) from None
    except PipelineError as error:
        console.error(str(error))
        raise SystemExit(error.exit_code) from None
    except Exception as error:
        if os.environ.get("SACHSONG_DEBUG"):
            raise
        _exit_for_disk(error)
        # The text of an unforeseen error may hold a record's values: only its kind and place are shown.
        place = f"{place_of(error)}; SACHSONG_DEBUG=1"
        console.error(f"Lỗi của chương trình; xem chi tiết ở {place} / our fault: {place} shows more.")
        raise SystemExit(3) from None


def _tell_usage(error: ClickException) -> None:
    if usage_errors.is_help(error):
        typer.echo(error.format_message(), err=True)
        return
    if usage := usage_errors.usage(error):
        typer.echo(usage, err=True)
    console.error(usage_errors.explained(error))


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


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"sachsong {version('sachsong')}")
        raise typer.Exit


@app.callback(help=app.info.help)
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Phiên bản / the version.")
    ] = False,
    lang: Annotated[
        Language,
        typer.Option(
            envvar="SACHSONG_LANG",
            show_default=False,
            help="Ngôn ngữ, đặt trước hoặc sau lệnh; mặc định theo máy (LC_ALL, LC_MESSAGES, LANG) "
            "/ the language, before or after the verb; by default the locale's.",
        ),
    ] = Language.vi,
    install_completion: Annotated[
        completion.Shell | None,
        typer.Option(
            callback=completion.put_in_place,
            is_eager=True,
            help="Cài gợi ý lệnh bằng phím Tab / install completion by Tab.",
        ),
    ] = None,
    show_completion: Annotated[
        completion.Shell | None,
        typer.Option(
            callback=completion.show, is_eager=True, help="Hiện đoạn mã gợi ý lệnh để tự cài / show its script."
        ),
    ] = None,
) -> None:
    """Takes the options before the verb."""


def _hop_command(name: str, title_vi: str, title_en: str) -> None:
    @app.command(
        name,
        help=f"{title_vi}: chạy lại bước này của đêm đang dở hoặc gần nhất "
        f"/ {title_en}: this hop of the last night again.",
    )
    def run_one(
        workspace: Workspace = DEFAULT_WORKSPACE,
        inbox: Annotated[
            Path | None, typer.Option(help="Thư mục tệp đến, mặc định <workspace>/inbox / the inbox.")
        ] = None,
        night: Night = None,
        ask_past: AskPast = False,
        cap: CapOfRun = None,
        as_json: Json = False,
    ) -> None:
        from pipelines.night import hops, runs
        from pipelines.workspace import lock

        settings = settings_of(workspace, inbox=inbox, night=night, daily_cap=cap, asks=ask_past or None)
        with lock.exclusive(settings):
            run = runs.newest_run(settings)
            counts = hops.run_again(run, name)
        show_counts(name, counts, as_json=as_json, own_sectors=run.settings.sectors_directory)


def _assemble() -> None:
    """Every verb at its place."""
    queue_plan.add_to(queue.app)
    queue_orders.add_to(queue.app)
    audit_trace.add_to(audit.app)
    audit_scores.add_to(audit.app)
    app.add_typer(registry.app, name="registry")
    app.add_typer(queue.app, name="queue")
    app.add_typer(audit.app, name="audit")
    review_pages.app.command()(estimate)
    app.add_typer(review_pages.app, name="review")
    app.add_typer(corrections.app, name="corrections")
    app.add_typer(rules.app, name="rules")
    verbs: tuple[Callable[..., None], ...] = (
        *(load, nightly, report, digest, publish, explain, decide, train, answers),
        *(match, evaluate, gateway, settings, doctor),
    )
    for verb in verbs:
        app.command()(verb)
    for step in ORDER:
        if step.name != "report":
            _hop_command(step.name, step.title_vi, step.title_en)


_assemble()
