"""The week's letters, read as their department reads them."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Run
from pipelines.night.progress import Progress, save_progress
from pipelines.report import letters
from pipelines.report.hop import report
from pipelines.workspace import night_places
from tests.pipelines.filled_run import SECRET_ID, SECRET_NAME
from tests.pipelines.terminal import Sachsong


@pytest.fixture
def folder(written: Run, tmp_path: Path) -> Path:
    letters.write(written, tmp_path / "digest")
    return tmp_path / "digest"


def test_each_department_with_work_has_a_file_with_its_units_letters(folder: Path) -> None:
    names = sorted(path.stem for path in folder.glob("*.txt"))
    assert "students-79" in names
    assert "students-00" in names, "records of no known province are somebody's too"
    of_pupils = (folder / "students-79.txt").read_text(encoding="utf-8").split(letters.BETWEEN)
    assert [part.partition("Kính gửi: ")[2].partition("\n")[0] for part in of_pupils] == [
        "Đơn vị phụ trách dữ liệu ngành Học sinh, Hồ Chí Minh",
        "THCS Lê Lợi, Hồ Chí Minh",
    ]
    whole = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    assert SECRET_NAME not in whole
    assert SECRET_ID not in whole


def test_a_letter_says_how_much_why_and_by_when(folder: Path) -> None:
    letter = (folder / "students-79.txt").read_text(encoding="utf-8").split(letters.BETWEEN)[0]
    lines = letter.splitlines()
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in lines
    assert "............, ngày 22 tháng 11 năm 2026" in lines
    assert "- Hồ sơ đã đối chiếu: 16." in lines
    reasons = [line for line in lines if line.startswith("- ") and "hồ sơ. " in line]
    assert len(reasons) == 4
    assert reasons[0].startswith("- Sai thông tin: 4 hồ sơ. ")
    assert "(tệp students.xlsx)" in letter
    assert "trước ngày 29 tháng 11 năm 2026" in letter
    assert "Ngày " not in letter.partition("2. Nguyên nhân")[0].partition("1. Kết quả")[2], "no earlier night"


@pytest.mark.parametrize(("before", "told"), [(100, "đã giảm 9"), (1, "tăng thêm"), (None, "đến nay")])
def test_a_letter_names_what_moved_since_a_week_ago(run: Run, tmp_path: Path, before: int | None, told: str) -> None:
    row = ("unit", "students", "79", None, "THCS Lê Lợi", before or 5)
    places = pl.DataFrame([row], schema=night_places.SCHEMA, orient="row")
    week_ago = run.settings.model_copy(update={"night": date(2026, 11, 15)})
    night_places.record(week_ago, "2026-11-15-1", places)
    report(run)
    letters.write(run, tmp_path)
    of_unit = (tmp_path / "students-79.txt").read_text(encoding="utf-8").split(letters.BETWEEN)[1]
    assert told in of_unit
    assert "Ngày 15/11/2026: " in of_unit


def test_the_office_is_the_settings_and_an_old_digest_is_replaced(written: Run, tmp_path: Path) -> None:
    (tmp_path / "club-01.txt").write_text("của tuần trước", encoding="utf-8")
    named = written.model_copy(update={"settings": written.settings.model_copy(update={"office": "SỞ Y TẾ HÀ NỘI"})})
    counts = letters.write(named, tmp_path)
    assert not (tmp_path / "club-01.txt").exists()
    summary = (tmp_path / letters.SUMMARY).read_text(encoding="utf-8")
    assert summary.splitlines()[1] == "SỞ Y TẾ HÀ NỘI"
    assert "- Học sinh: 34 hồ sơ, 8 đã xác thực đúng (23,5%)" in summary
    assert len(list(tmp_path.glob("*.txt"))) == counts["departments"] + 1


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
        (date(2026, 3, 15), "ngày 15 tháng 3 năm 2026"),
    ],
)
def test_a_letter_is_dated_as_the_decree_on_official_letters_has_it(day: date, told: str) -> None:
    assert letters._long_day(day) == told


def test_the_verb_writes_into_the_workspace(run: Run, sachsong: Sachsong) -> None:
    report(run)
    save_progress(run, Progress(fingerprint="", inbox=None, daily_cap=0))
    code, out, _ = sachsong("digest", "-w", run.settings.workspace, "--json")
    told = json.loads(out)
    assert code == 0
    assert len(list(Path(told["folder"]).glob("*.txt"))) == told["departments"] + 1
    assert told["letters"] > told["departments"]


def test_without_a_night_the_verb_says_so(tmp_path: Path, sachsong: Sachsong) -> None:
    code, _, error = sachsong("digest", "-w", tmp_path)
    assert (code, "sachsong nightly" in error) == (2, True)
