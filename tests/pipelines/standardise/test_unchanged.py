"""A second night takes what stood in the first one's tables, and says what a night says that finds nothing."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Run, Settings
from pipelines.read.hop import read
from pipelines.sectors import schema
from pipelines.standardise import hop, unchanged
from pipelines.workspace import run_schema, run_tables

FIRST, SECOND = date(2026, 11, 22), date(2026, 11, 23)
HEADER = "ho_ten,ngay_sinh,gioi_tinh,so_cccd,dia_chi\n"
SAME = "NguyÔn V¨n An,05/09/2012,Nam,079212001234,12 Lª Lîi\n"
TWICE = "Lê Thị Bình,2011,Nữ,,\nLê Thị Bình,2011,Nữ,,\n"
OF_TONIGHT = "Trần Văn Cường,23/11/2026,Nam,,\nTrần Văn Dũng,23/11/26,Nam,,\n"
NEW = "Phạm Thị Em,1/2/2013,Nữ,,\n"


def night(folder: Path, day: date, text: str, name: str = "a.csv") -> Run:
    """The run of a night with this one list, as far as it is standardised."""
    inbox = folder / "inbox" / "students"
    inbox.mkdir(parents=True, exist_ok=True)
    for old in inbox.iterdir():
        old.unlink()
    (inbox / name).write_text(HEADER + text, encoding="utf-8")
    run = Run(settings=Settings(workspace=folder, night=day), run_id=f"{day}-1")
    read(run)
    hop.standardise(run)
    return run


def core(run: Run) -> pl.DataFrame:
    with run_tables.connect(run, read_only=True) as connection:
        return run_tables.read_table(connection, "core_students")


def taken(run: Run) -> list[int]:
    """The places of the rows that the night would take."""
    with run_tables.connect(run) as connection, unchanged.last_night(connection, run) as is_there:
        if not (is_there and unchanged.find(connection, schema.load("students"), run.settings.night)):
            return []
        return unchanged.found(connection, "students", 0, 1_000)["place"].sort().to_list()


def test_rows_of_the_last_night_are_taken_wherever_they_stand_now(tmp_path: Path) -> None:
    night(tmp_path, FIRST, SAME + TWICE + OF_TONIGHT)
    second = night(tmp_path, SECOND, NEW + TWICE + OF_TONIGHT + SAME, "b.csv")
    assert taken(second) == [1, 2, 5], "not the new row, nor those whose date is of this year or has two digits"
    alone = night(tmp_path / "alone", SECOND, NEW + TWICE + OF_TONIGHT + SAME, "b.csv")
    assert taken(alone) == []
    assert core(second).equals(core(alone))
    assert core(second)["date_of_birth"].to_list() == [
        *("2013-02-01", "2011", "2011", "2026-11-23", "2026-11-23", "2012-09-05"),
    ]


def test_slices_hold_what_is_taken_and_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hop, "_SLICE_ROWS", 2)
    night(tmp_path, FIRST, SAME + TWICE)
    second = night(tmp_path, SECOND, TWICE + NEW + NEW + SAME)
    assert core(second)["full_name"].to_list() == [
        *("Lê Thị Bình", "Lê Thị Bình", "Phạm Thị Em", "Phạm Thị Em", "Nguyễn Văn An")
    ]


def other_code(run: Run) -> None:
    with run_tables.connect(run) as connection:
        connection.execute(f"UPDATE {run_schema.STANDARDISED} SET made_by = 'other'")


def other_year(run: Run) -> None:
    with run_tables.connect(run) as connection:
        connection.execute(f"UPDATE {run_schema.STANDARDISED} SET night = '2025-12-31'")


def no_note(run: Run) -> None:
    with run_tables.connect(run) as connection:
        connection.execute(f"DROP TABLE {run_schema.STANDARDISED}")


def torn(run: Run) -> None:
    run.database.write_bytes(run.database.read_bytes()[:5_000])


@pytest.mark.parametrize("spoil", [other_code, other_year, no_note, torn])
def test_what_was_made_otherwise_is_not_taken(tmp_path: Path, spoil: object) -> None:
    first = night(tmp_path, FIRST, SAME)
    assert callable(spoil)
    spoil(first)
    second = night(tmp_path, SECOND, SAME + NEW)
    assert taken(second) == []
    assert core(second)["full_name"].to_list() == ["Nguyễn Văn An", "Phạm Thị Em"]


def test_a_night_is_not_taken_from_a_later_one(tmp_path: Path) -> None:
    night(tmp_path, SECOND, SAME)
    assert taken(night(tmp_path, FIRST, SAME)) == []


def test_a_file_that_is_torn_where_nobody_looked_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    night(tmp_path, FIRST, SAME)
    monkeypatch.setattr(unchanged, "_FOUND", "SELECT place, torn FROM {same} WHERE place >= $first AND place < $behind")
    assert core(night(tmp_path, SECOND, SAME))["full_name"].to_list() == ["Nguyễn Văn An"]
