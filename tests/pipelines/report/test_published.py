"""The figures for people outside the owning department, read as they are handed out."""

import json
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Run
from pipelines.night.progress import Progress, save_progress
from pipelines.report import published
from pipelines.report.hop import report
from pipelines.sectors import schema
from pipelines.workspace import audit_log, state
from pipelines.workspace.checksums import sha256
from tests.pipelines.filled_run import SECRET_ID, SECRET_NAME
from tests.pipelines.terminal import Sachsong

COUNTED = pl.DataFrame(
    [
        ("students", "00", "00000", 3, 0),
        ("students", "79", "26734", 12, 5),
        ("students", "79", "26740", 41, 8),
        ("vaccination", "79", "26734", 7, 7),
    ],
    schema=[*published.PLACE, *published.MEASURES],
    orient="row",
)


def test_each_level_has_its_own_rounded_counts() -> None:
    rows = published.table(COUNTED, schema.load_all())
    assert rows.select("title", *published.MEASURES).rows() == [
        ("Cả nước", "60", "20"),  # 63, whose 65 would leave the hidden parts little; 20
        ("Học sinh", "55", "15"),  # 56 and 13
        ("Không rõ tỉnh", "*", "0"),
        ("Không rõ xã/phường", "*", "0"),
        ("Hồ Chí Minh", "55", "15"),  # 53
        ("Phường Tân Định", "10", "*"),
        ("Phường Sài Gòn", "40", "10"),
        ("Tiêm chủng", "*", "*"),
        ("Hồ Chí Minh", "*", "*"),
        ("Phường Tân Định", "*", "*"),
    ]
    levels = rows["level"].to_list()
    below = ["province", "commune"]
    assert levels == ["night", "sector", *below, *below, "commune", "sector", *below]


def test_a_night_without_records_has_one_row() -> None:
    assert published.table(COUNTED.clear(), {}).rows() == [("night", None, None, None, "Cả nước", "0", "0")]


@pytest.fixture
def folder(written: Run, tmp_path: Path) -> Path:
    published.write(written, tmp_path / "published", "An")
    return tmp_path / "published"


def test_the_files_hold_no_small_count_and_no_person(written: Run, folder: Path) -> None:
    rows = pl.read_csv(folder / published.TABLE, infer_schema=False)
    page = (folder / published.PAGE).read_text(encoding="utf-8")
    shown = {text for name in published.MEASURES for text in rows[name].to_list()}
    assert "*" in shown
    assert all(text == "*" or int(text) % 5 == 0 for text in shown)
    assert "5" not in shown
    for row in rows.filter(pl.col("level") == "province").to_dicts():
        assert f">{row['title']}</td>" in page
    for secret in (SECRET_NAME, SECRET_ID, SECRET_ID[-4:], "THCS"):
        assert secret not in page + rows.write_csv()


def test_the_same_night_gives_the_same_bytes(written: Run, folder: Path, tmp_path: Path) -> None:
    published.write(written, tmp_path / "again", "An")
    for name in (published.TABLE, published.PAGE):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_verb_writes_into_the_workspace(run: Run, sachsong: Sachsong) -> None:
    report(run)
    save_progress(run, Progress(fingerprint="", inbox=None, daily_cap=0))
    code, out, _ = sachsong("publish", "-w", run.settings.workspace, "--json")
    told = json.loads(out)
    assert code == 0
    assert told["hidden"] > 0
    files = [Path(told["folder"]), *Path(told["folder"]).iterdir()]
    assert [f"{path.stat().st_mode & 0o777:o}" for path in files] == ["700", "600", "600"]


def test_that_it_was_published_and_by_whom_is_in_the_log(run: Run, sachsong: Sachsong) -> None:
    report(run)
    save_progress(run, Progress(fingerprint="", inbox=None, daily_cap=0))
    told = json.loads(sachsong("publish", "-w", run.settings.workspace, "--by", "Bình", "--json").out)
    with state.opened(run.settings) as engine, state.reading(engine) as connection:
        (entry,) = audit_log.entries(connection, "export")
    digests = {path.name: sha256(path) for path in Path(told["folder"]).iterdir()}
    assert (entry.by, entry.details["run_id"], entry.details["files"]) == ("Bình", run.run_id, digests)


def test_without_a_night_the_verb_says_so(tmp_path: Path, sachsong: Sachsong) -> None:
    code, _, error = sachsong("publish", "-w", tmp_path)
    assert (code, "sachsong nightly" in error) == (2, True)
