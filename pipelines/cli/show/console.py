"""What a person sees in the terminal: bars while it works, tables at the end; plain lines in a pipe."""

import json
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from pipelines.config import Run
from pipelines.order import ORDER

if TYPE_CHECKING:
    import polars as pl

    from pipelines.deciding import Kept
    from pipelines.hops import Hop
    from pipelines.report.audit import Fault
    from pipelines.runs import Counts

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)
# A terminal breaks lines between words; in a pipe a line stays one line, however long.
OUT.soft_wrap, ERR.soft_wrap = not OUT.is_terminal, not ERR.is_terminal
WIDE = 200
SHOWN_FILES = 40
"""Lines about files, of each kind; the report has all."""
if not OUT.is_terminal:
    OUT.width = WIDE  # and a table is as wide as it needs, not broken at 80


COUNTED = Path(__file__).with_name("counts.toml")


def error(message: str) -> None:
    """One line on standard error."""
    ERR.print("[bold red]Lỗi[/]:", end=" ")
    ERR.print(message, markup=False)


def note(message: str) -> None:
    """One line of advice on standard error."""
    ERR.print(message, markup=False)


@contextmanager
def night_progress(
    *, quiet: bool, own_sectors: Path | None = None
) -> Iterator[Callable[["Hop", "Counts | None"], None]]:
    """A callback for the flow: a bar on a terminal, a line for each hop elsewhere, nothing when quiet.

    `own_sectors`: the folder with tables of one's own, which have titles too.
    """
    if quiet:
        yield lambda hop, counts: None
    elif OUT.is_terminal:
        with _bar("Khởi động / starting", len(ORDER)) as (progress, task):

            def on_terminal(hop: "Hop", counts: "Counts | None") -> None:
                if counts is None:
                    progress.update(task, description=hop.title_vi)
                else:
                    progress.advance(task)
                    progress.console.print(_hop_line(hop, counts, own_sectors), markup=False)

            yield on_terminal
    else:

        def on_pipe(hop: "Hop", counts: "Counts | None") -> None:
            if counts is not None:
                OUT.print(_hop_line(hop, counts, own_sectors), markup=False)

        yield on_pipe


@contextmanager
def bar(title: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A callback (done, of all) that moves a bar on a terminal, and does nothing elsewhere."""
    if quiet or not OUT.is_terminal:
        yield lambda done, of_all: None
        return
    with _bar(title, None) as (progress, task):
        yield lambda done, of_all: progress.update(task, completed=done, total=of_all)


@contextmanager
def _bar(title: str, total: int | None) -> Iterator[tuple[Progress, Any]]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=OUT, transient=True) as progress:
        yield progress, progress.add_task(title, total=total)


def _hop_line(hop: "Hop", counts: "Counts", own_sectors: Path | None) -> str:
    names = _names(hop.name, counts, own_sectors)
    told = " · ".join(f"{number(counts[key])} {name}" for key, name in names.items() if counts.get(key))
    return f"✓ {hop.title_vi} / {hop.title_en}: {told or '—'}"


@cache
def _counted() -> dict[str, dict[str, str]]:
    return tomllib.loads(COUNTED.read_text(encoding="utf-8"))


def _names(of: str, counts: Mapping[str, Any], own_sectors: Path | None) -> dict[str, str]:
    """Key → what it is called, for the counts that have a name; the sectors after the rest."""
    from pipelines.sectors import own

    titles = own.titles(own_sectors)
    sectors = {name: f"{vietnamese} / {english}" for name, (vietnamese, english) in titles.items()}
    lists = {f"listed_{name}": f"{vietnamese} cần xử lý / to mend" for name, (vietnamese, _) in titles.items()}
    return {**_counted().get(of, {}), **{key: name for key, name in (sectors | lists).items() if key in counts}}


def number(value: object) -> str:
    """A number as Vietnamese write it: 1.234.567."""
    return f"{value:,}".replace(",", ".") if isinstance(value, int) else str(value)


def show_counts(name: str, counts: Mapping[str, Any], *, as_json: bool, own_sectors: Path | None = None) -> None:
    """Names and values, one a line; also sectors of one's own have titles."""
    if as_json:
        show_json(counts)
        return
    table = titled_table(name, "", "")
    names = {**_counted()["only in tables"], **_names(name, counts, own_sectors)}
    for key, value in counts.items():
        table.add_row(
            names.get(key, key),
            " · ".join(f"{_part(k)} {number(v)}" for k, v in value.items())
            if isinstance(value, dict)
            else number(value),
        )
    OUT.print(table)


def _part(key: str) -> str:
    """What the table calls one part of a count: a registry status or a province by its name."""
    from vn import places

    return _counted()["people"].get(key) or places.province_name(key) or key


def show_json(value: object) -> None:
    """The value as JSON on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def show_night(run: Run, figures: Mapping[str, Any], *, as_json: bool) -> None:
    """The night's figures and where its reports are."""
    if as_json:
        show_json({"run_id": run.run_id, "directory": str(run.directory), **figures})
        return
    from pipelines import store
    from pipelines.report import conservation, findings
    from rules import tables

    labels = {code: status.label_vi for code, status in tables.statuses().items()}
    with store.connect(run, read_only=True) as connection:
        account = conservation.balance(connection)
        refused, notes = findings.refusals(connection), findings.notes(connection)
    files = titled_table(f"Đêm {run.run_id}: không mất dòng nào / nothing lost", "Tệp", "Dòng = hồ sơ + bị loại")
    for row in account.head(SHOWN_FILES).iter_rows(named=True):
        files.add_row(f"{row['sector']}/{row['source_file']}", sums(row))
    OUT.print(files)
    _told_of_more(account)
    statuses = titled_table("Kết quả / outcome", "Tình trạng", "Hồ sơ")
    for status, count in sorted(figures["by_status"].items(), key=lambda each: (-each[1], each[0])):
        statuses.add_row(labels.get(status, status), number(count))
    OUT.print(statuses)
    OUT.print(
        f"Câu hỏi xác thực / questions: đêm nay đã hỏi / asked {number(figures['asked'])}, "
        f"còn chờ / waiting {number(figures['waiting'])}.\n"
        f"Hồ sơ cần xử lý / records to mend: {number(figures['needs_work'])}. "
        f"Vấn đề / issues: {number(figures['issues'])}.",
        markup=False,
    )
    for sign, rows in (("•", notes), ("✗", refused)):
        for row in rows.head(SHOWN_FILES).iter_rows(named=True):
            sheet = f" · {row['sheet']}" if row["sheet"] else ""
            note(f"{sign} {row['sector']}/{row['source_file']}{sheet}: {row['message']}")
        _told_of_more(rows)
    # Never broken: a path is there to be copied.
    OUT.print(f"Báo cáo / report: {run.reports / 'summary.html'}", markup=False, soft_wrap=True)


def _told_of_more(rows: "pl.DataFrame") -> None:
    if rows.height > SHOWN_FILES:
        more = number(rows.height - SHOWN_FILES)
        OUT.print(f"  … và {more} dòng nữa trong báo cáo / {more} more in the report", markup=False)


def sums(row: Mapping[str, Any]) -> str:
    """One file's sum of rows, and whether it holds."""
    told = f"{number(row['rows_counted'])} = {number(row['links'])} + {number(row['rejected'])}"
    if row["difference"]:
        return f"{told} ✗"
    return f"{told} bị từ chối / refused" if row["refused"] else f"{told} ✓"


def show_decisions(kept: Sequence["Kept"], *, as_json: bool) -> None:
    """What has been decided, the persons' numbers masked."""
    rows = [
        {
            "record_id": each.record_id,
            "verdict": each.decision.verdict,
            "person": each.person,
            "by": each.decision.decided_by,
        }
        for each in kept
    ]
    if as_json:
        show_json(rows)
        return
    table = titled_table("decide", "Hồ sơ / record", "Quyết định / verdict", "Người / person", "Ai / by")
    for row in rows:
        table.add_row(*(value or "—" for value in row.values()))
    OUT.print(table)


def show_audit(faults: Sequence["Fault"], *, as_json: bool) -> None:
    """What differs from the manifest."""
    if as_json:
        show_json([{"path": fault.path, "kind": fault.kind, "message": fault.message} for fault in faults])
        return
    for fault in faults:
        OUT.print(f"✗ {fault.path}: {fault.message}", markup=False)
    if not faults:
        OUT.print("✓ Mọi tệp đúng như biên bản / every file is as the manifest says.", markup=False)


def titled_table(title: str, *columns: str) -> Table:
    """An empty table: text left in the first column, numbers right in the others; no header row if none has a title."""
    table = Table(title=title, title_justify="left", title_style="bold", show_header=any(columns), box=box.SIMPLE_HEAD)
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right", overflow="fold")
    return table
