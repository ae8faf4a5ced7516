"""Nights of the hop `read`, one after the other, over an inbox to which files are added."""

from datetime import date
from pathlib import Path

import polars as pl

from pipelines.config import Run, Settings
from pipelines.read.hop import read
from pipelines.workspace import run_schema, run_tables

HEADER = "ma_hoc_sinh,ho_ten,ngay_sinh,gioi_tinh,so_cccd\n"
"""Of a pupils' list."""

FIRST = date(2026, 11, 22)


def night(tmp_path: Path, files: dict[str, str], number: int = 0, sector: str = "students") -> tuple[pl.DataFrame, ...]:
    """`files`, `rejected` and the records of this night, 0 being the first, after these files came into the inbox."""
    folder = tmp_path / "inbox" / sector
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    settings = Settings(workspace=tmp_path, night=date.fromordinal(FIRST.toordinal() + number))
    run = Run(settings=settings, run_id=f"{settings.night}-1")
    read(run)
    with run_tables.connect(run) as connection:
        names = ("files", "rejected", run_schema.raw_table(sector))
        return tuple(run_tables.read_table(connection, name, "source_file") for name in names)
