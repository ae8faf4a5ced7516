"""Rows stay in their order, in whatever slices they are standardised."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Run, Settings
from pipelines.read.hop import read
from pipelines.standardise import hop as standardise
from pipelines.workspace import run_tables

NIGHT = date(2026, 11, 22)


def test_slices_give_what_the_whole_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "inbox" / "students"
    folder.mkdir(parents=True)
    header = "ho_ten,ngay_sinh,gioi_tinh,so_cccd\n"
    for name, years in (("b.csv", range(2010, 2015)), ("a.csv", range(2000, 2003))):
        rows = "".join(f"Nguyễn Văn An,05/09/{year},Nam,079212001234\n" for year in years)
        (folder / name).write_text(header + rows, encoding="utf-8")
    run = Run(settings=Settings(workspace=tmp_path, night=NIGHT), run_id="2026-11-22-1")
    read(run)
    tables = []
    for rows_a_slice in (1_000, 3):
        monkeypatch.setattr(standardise, "_SLICE_ROWS", rows_a_slice)
        assert standardise.standardise(run)["students"] == 8
        with run_tables.connect(run) as connection:
            tables.append(run_tables.query(connection, "SELECT * FROM core_students"))
    assert tables[0].equals(tables[1])
    assert tables[0]["birth_year"].to_list() == [2000, 2001, 2002, 2010, 2011, 2012, 2013, 2014]
