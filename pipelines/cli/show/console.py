"""Prints to the terminal: bars during the work, tables at its end; plain lines into a pipe."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from pipelines.cli.language import say, told, told_whole
from pipelines.cli.output_stream import shows_any_letter

if TYPE_CHECKING:
    pass

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)
# A terminal breaks lines between words; in a pipe a line stays one line, however long.
OUT.soft_wrap, ERR.soft_wrap = not OUT.is_terminal, not ERR.is_terminal
WIDE = 200
if not OUT.is_terminal:
    OUT.width = WIDE  # and a table is as wide as it needs, not broken at 80


def error(message: str) -> None:
    """Prints one line of an error on standard error."""
    ERR.print(f"[bold red]{say('Lỗi', 'Error')}[/]:", end=" ")
    ERR.print(told_whole(message), markup=False)


def note(message: str) -> None:
    """Prints one line of advice on standard error."""
    ERR.print(told_whole(message), markup=False)


@contextmanager
def bar(title: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A callback (done, of all) that moves a bar with the time left on a terminal, and does nothing elsewhere."""
    if quiet or not OUT.is_terminal:
        yield lambda done, of_all: None
        return
    with progress_bar(title, None, TimeRemainingColumn()) as (progress, task):
        yield lambda done, of_all: progress.update(task, completed=done, total=of_all)


@contextmanager
def progress_bar(title: str, total: int | None, *more: ProgressColumn) -> Iterator[tuple[Progress, Any]]:
    """A bar that counts to `total` and disappears at its end, and its task."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        *more,
    )
    with Progress(*columns, console=OUT, transient=True) as progress:
        yield progress, progress.add_task(told(title), total=total)


def number(value: object) -> str:
    """A number as Vietnamese write it: 1.234.567."""
    return f"{value:,}".replace(",", ".") if isinstance(value, int) else str(value)


def show_json(value: object) -> None:
    """Prints the value as JSON; letters that the output's encoding lacks become JSON's own escapes."""
    escaped = not shows_any_letter(sys.stdout)
    sys.stdout.write(json.dumps(value, ensure_ascii=escaped, indent=1, sort_keys=True) + "\n")


def titled_table(title: str, *columns: str) -> Table:
    """An empty table: text left in the first column, numbers right in the others; no header row if none has a title."""
    table = Table(
        title=told(title), title_justify="left", title_style="bold", show_header=any(columns), box=box.SIMPLE_HEAD
    )
    for position, column in enumerate(columns):
        table.add_column(told(column), justify="left" if position == 0 else "right", overflow="fold")
    return table
