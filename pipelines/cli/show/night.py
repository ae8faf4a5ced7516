"""Prints a night: a line for each hop while it runs, its figures and files at the end."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.language import say, told_whole
from pipelines.cli.show.console import OUT, note, number, progress_bar, show_json, titled_table
from pipelines.cli.show.counts import names_of, with_name
from pipelines.config import Run
from pipelines.night.order import ORDER

if TYPE_CHECKING:
    import polars as pl

    from pipelines.night.hops import Hop
    from pipelines.night.progress import Counts

SHOWN_FILES = 40
"""Most lines about files, of each kind; the report has all."""


@contextmanager
def night_progress(
    *, quiet: bool, own_sectors: Path | None = None
) -> Iterator[Callable[["Hop", "Counts | None"], None]]:
    """A callback for the flow: it moves a bar on a terminal, prints a line for each hop elsewhere, and is silent when
    quiet.

    `own_sectors`: the folder with tables of one's own, which have titles too.
    """
    if quiet:
        yield lambda hop, counts: None
    elif OUT.is_terminal:
        with progress_bar("Khởi động / starting", len(ORDER)) as (progress, task):

            def on_terminal(hop: "Hop", counts: "Counts | None") -> None:
                if counts is None:
                    progress.update(task, description=say(hop.title_vi, hop.title_en))
                else:
                    progress.advance(task)
                    progress.console.print(_hop_line(hop, counts, own_sectors), markup=False)

            yield on_terminal
    else:

        def on_pipe(hop: "Hop", counts: "Counts | None") -> None:
            if counts is not None:
                OUT.print(_hop_line(hop, counts, own_sectors), markup=False)

        yield on_pipe


def _hop_line(hop: "Hop", counts: "Counts", own_sectors: Path | None) -> str:
    names = names_of(hop.name, counts, own_sectors)
    told = " · ".join(with_name(number(counts[key]), name) for key, name in names.items() if counts.get(key))
    return f"✓ {say(hop.title_vi, hop.title_en)}: {told or '—'}"


def show_night(run: Run, figures: Mapping[str, Any], *, exit_code: int = 0, as_json: bool) -> None:
    """Prints the night's figures and where its reports are. `exit_code` is the verb's."""
    if as_json:
        show_json({"run_id": run.run_id, "directory": str(run.directory), "exit_code": exit_code, **figures})
        return
    from pipelines.audit import conservation
    from pipelines.report import findings
    from pipelines.workspace import run_schema, run_tables
    from rules import tables

    labels = {code: say(status.label_vi, status.label_en) for code, status in tables.statuses().items()}
    with run_tables.connect(run, read_only=True) as connection:
        account = conservation.balance(connection)
        refused, notes = findings.refusals(connection), findings.notes(connection)
        spent = run_tables.read_table(connection, run_schema.SPENT)
    files = titled_table(
        f"Đêm {run.run_id}: không mất dòng nào / night {run.run_id}: nothing lost",
        "Tệp / file",
        "Dòng = hồ sơ + bị loại / rows = records + rejected",
    )
    for row in account.head(SHOWN_FILES).iter_rows(named=True):
        files.add_row(f"{row['sector']}/{row['source_file']}", sums(row))
    OUT.print(files)
    _told_of_more(account)
    statuses = titled_table("Kết quả / outcome", "Tình trạng / status", "Hồ sơ / records")
    for status, count in sorted(figures["by_status"].items(), key=lambda each: (-each[1], each[0])):
        statuses.add_row(labels.get(status, status), number(count))
    OUT.print(statuses)
    names = ("asked", "asked_answered", "waiting", "needs_work", "issues")
    asked, answered, waiting, to_mend, issues = (number(figures[name]) for name in names)
    OUT.print(
        say(
            f"Yêu cầu xác thực: đêm nay đã gửi {asked}, đã có trả lời {answered}, còn chờ {waiting}.\n"
            f"Hồ sơ cần xử lý: {to_mend}. Vấn đề: {issues}.",
            f"Questions: {asked} asked tonight, {answered} of them answered, {waiting} waiting.\n"
            f"Records to mend: {to_mend}. Issues: {issues}.",
        ),
        markup=False,
    )
    if figures["asking"]["told_vi"]:
        OUT.print(f"! {say(figures['asking']['told_vi'], figures['asking']['told_en'])}", style="bold", markup=False)
    for sign, rows in (("•", notes), ("✗", refused)):
        for row in rows.head(SHOWN_FILES).iter_rows(named=True):
            sheet = f" · {row['sheet']}" if row["sheet"] else ""
            note(f"{sign} {row['sector']}/{row['source_file']}{sheet}: {told_whole(row['message'])}")
        _told_of_more(rows)
    OUT.print(f"{say('Thời gian', 'Time')}: {_times(spent)}", markup=False)
    # Never broken: a path is there to be copied.
    OUT.print(f"{say('Báo cáo', 'Report')}: {run.reports / 'summary.html'}", markup=False, soft_wrap=True)


def _times(spent: "pl.DataFrame") -> str:
    """What each hop took and all together, in the night's order."""
    seconds = dict(spent.select("hop", "seconds").iter_rows())
    each = [
        f"{say(step.title_vi, step.title_en).lower()} {_duration(seconds[step.name])}"
        for step in ORDER
        if step.name in seconds
    ]
    return " · ".join([*each, f"{say('cả đêm', 'the night')} {_duration(sum(seconds.values()))}"])


def _duration(seconds: float) -> str:
    """To the tenth of a second below ten, then to the second, from two minutes on in minutes."""
    if seconds >= 120:
        return f"{seconds / 60:.0f} {say('phút', 'min')}"
    told = f"{seconds:.1f}" if seconds < 9.95 else f"{seconds:.0f}"
    return f"{say(told.replace('.', ','), told)} {say('giây', 's')}"


def _told_of_more(rows: "pl.DataFrame") -> None:
    if rows.height > SHOWN_FILES:
        more = number(rows.height - SHOWN_FILES)
        OUT.print(say(f"  … và {more} dòng nữa trong báo cáo", f"  … and {more} more in the report"), markup=False)


def sums(row: Mapping[str, Any]) -> str:
    """The account of one file's rows, and whether it balances."""
    told = f"{number(row['rows_counted'])} = {number(row['links'])} + {number(row['rejected'])}"
    if row["difference"]:
        return f"{told} ✗"
    return f"{told} {say('bị từ chối', 'refused')}" if row["refused"] else f"{told} ✓"
