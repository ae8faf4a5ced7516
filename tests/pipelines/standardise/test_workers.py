"""Slices come back in their order, standardised as they are in one process; a process that ends early loses none."""

import os
import signal
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.config import Settings
from pipelines.sectors import schema
from pipelines.standardise import workers
from pipelines.standardise.core_rows import core_rows, no_rows

NIGHT = date(2026, 11, 22)
STUDENTS = schema.load("students")


def text(first: int) -> pl.DataFrame:
    """Three pupils, numbered from `first`."""
    rows = range(first, first + 3)
    cells = {
        "record_id": [f"r-{row}" for row in rows],
        "full_name": [f"NguyÔn V¨n An {row}" for row in rows],
        "date_of_birth": [f"05/09/{2000 + row}" for row in rows],
    }
    return pl.concat([no_rows(STUDENTS), pl.DataFrame(cells)], how="diagonal")


def by_processes(tmp_path: Path, slices: int, threads: int = 2) -> list[workers.Slice]:
    settings = Settings(workspace=tmp_path, night=NIGHT, threads=threads)
    asked = (("students", text(3 * number)) for number in range(slices))
    return list(workers.in_order(settings, asked, workers.WORTH_ROWS, tmp_path))


def test_processes_say_what_this_one_says(tmp_path: Path) -> None:
    found = by_processes(tmp_path, 5)
    assert [name for name, _ in found] == ["students"] * 5
    for number, (_, rows) in enumerate(found):
        assert rows.equals(core_rows(text(3 * number), STUDENTS, NIGHT)), number
    assert not list(tmp_path.glob("*.arrow"))


def test_few_rows_need_no_process(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "nothing is written", night=NIGHT)
    ((_, rows),) = workers.in_order(settings, [("students", text(0))], 3, settings.workspace)
    assert rows.equals(core_rows(text(0), STUDENTS, NIGHT))


def test_a_process_that_is_killed_loses_no_row(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path, night=NIGHT, threads=2)
    with workers._Workers(settings, tmp_path) as several:
        first = several.submit("students", text(0)).result()
        for process in several._processes:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        again = several.submit("students", text(0)).result()
    assert again.equals(first)
