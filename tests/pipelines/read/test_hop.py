"""The whole inbox: good files go through beside bad ones, and every row is in one place."""

from pathlib import Path

import pytest

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.read.hop import read
from pipelines.read.inbox import Arrived
from pipelines.workspace import run_tables

HEADER = "ho_ten,ngay_sinh,gioi_tinh,so_cccd\n"
AN = "Nguyễn Văn An,05/09/1987,Nam,079087001234\n"


def make_run(tmp_path: Path, **files: str) -> Run:
    """A run over an inbox with these files; `__` in a key stands for `/`, a trailing `_csv` for `.csv`."""
    for name, text in files.items():
        path = tmp_path / "inbox" / name.replace("__", "/").replace("_csv", ".csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Run(settings=Settings(workspace=tmp_path), run_id="2026-11-22-1")


def test_bad_files_are_refused_and_the_others_go_on(tmp_path: Path) -> None:
    run = make_run(
        tmp_path,
        insurance__good_csv=HEADER + AN,
        insurance__empty_csv="",
        insurance__no_id_csv="ho_ten,ngay_sinh,gioi_tinh\nA,1987,Nam\nB,1988,Nam\n",
        students__two_ids_csv="ho_ten,ngay_sinh,gioi_tinh,so_cccd,so_cmnd\nA,1987,Nam,1,2\n",
        driving__list_csv=HEADER + AN,
        stray_csv=HEADER + AN,
    )
    counts = read(run)
    assert counts == {"files": 6, "files_refused": 5, "rows_counted": 4, "rows_read": 1, "rows_rejected": 3}
    with run_tables.connect(run) as connection:
        files = run_tables.read_table(connection, "files")
        refused = dict(files.filter(files["refused"].is_not_null()).select("source_file", "refused").iter_rows())
        rejected = run_tables.read_table(connection, "rejected")
    assert refused == {
        "empty.csv": "empty_file",
        "no_id.csv": "missing_column",
        "two_ids.csv": "ambiguous_column",
        "list.csv": "unknown_sector",
        "stray.csv": "unknown_sector",
    }
    assert all(message for message in rejected["message"])
    assert rejected.filter(rejected["code"] == "missing_column")["source_row"].to_list() == [2, 3]


def test_the_same_content_twice_is_read_once(tmp_path: Path) -> None:
    run = make_run(tmp_path, insurance__a_csv=HEADER + AN, insurance__b_csv=HEADER + AN)
    assert read(run)["rows_read"] == 1
    with run_tables.connect(run) as connection:
        rejected = run_tables.read_table(connection, "rejected")
    assert rejected.select("source_file", "source_row", "code").rows() == [("b.csv", 2, "repeated_file")]


def test_one_file_in_two_sectors_is_two_sets_of_records(tmp_path: Path) -> None:
    """Every later table and join knows a record by its id alone."""
    run = make_run(tmp_path, insurance__a_csv=HEADER + AN, students__a_csv=HEADER + AN)
    assert read(run)["rows_read"] == 2
    with run_tables.connect(run) as connection:
        (insured,), (pupil,) = (
            run_tables.read_table(connection, f"raw_{sector}")["record_id"].to_list()
            for sector in ("insurance", "students")
        )
    assert insured != pupil


def test_record_ids_come_from_content_not_from_names(tmp_path: Path) -> None:
    runs = [
        make_run(tmp_path / "one", insurance__a_csv=HEADER + AN),
        make_run(tmp_path / "two", insurance__renamed_csv=HEADER + AN),
    ]
    ids = []
    for run in runs:
        read(run)
        with run_tables.connect(run) as connection:
            ids.append(run_tables.read_table(connection, "raw_insurance")["record_id"].to_list())
    assert ids[0] == ids[1]


def test_reading_again_replaces(tmp_path: Path) -> None:
    run = make_run(tmp_path, insurance__a_csv=HEADER + AN)
    assert read(run) == read(run)
    with run_tables.connect(run) as connection:
        assert run_tables.read_table(connection, "raw_insurance").height == 1


def test_an_empty_inbox_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="insurance, students, vaccination"):
        read(make_run(tmp_path))


def test_a_file_that_changed_while_it_was_read_waits_for_another_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path, insurance__a_csv=HEADER + AN, insurance__b_csv=HEADER + AN)
    monkeypatch.setattr(Arrived, "unchanged", lambda self: self.source_file != "a.csv")
    assert read(run)["rows_read"] == 1
    with run_tables.connect(run) as connection:
        rejected = run_tables.read_table(connection, "rejected")
        records = run_tables.read_table(connection, "raw_insurance")
    assert rejected.select("source_file", "source_row", "code").rows() == [("a.csv", None, "still_written")]
    assert records["source_file"].to_list() == ["b.csv"], "the same content elsewhere is no repetition of it"
