import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Run, Settings
from pipelines.errors import Unbalanced
from pipelines.report.hop import report
from pipelines.workspace import state
from tests.pipelines.filled_run import change, make_run


def digests(run: Run) -> dict[str, str]:
    return {
        path.relative_to(run.directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(run.directory.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def manifest(run: Run) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((run.directory / "manifest.json").read_text(encoding="utf-8"))
    return loaded


def test_counts_what_was_written(run: Run) -> None:
    counts = report(run)
    assert counts == {
        "links": 61,
        "issues": 37,
        "rejected": 3,
        "files": 5,
        "verifications": 22,
        "duplicates": 2,
        "cards": 61,
        "scores": 379,
        "cleaned_insurance": 16,
        "cleaned_students": 34,
        "cleaned_vaccination": 11,
        "reviews": 4,
        "listed_insurance": 9,
        "listed_students": 24,
        "listed_vaccination": 6,
        "answers_returned": 0,
        "audit_account": 5,
        "audit_statuses": 31,
        "audit_rejections": 2,
        "audit_scores": 231,
        "audit_issues": 12,
        "audit_sample": 61,
        "progress": 23,
        "files_balanced": 5,
    }


def test_same_tables_give_the_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    one, four = make_run(tmp_path / "one", threads=1), make_run(tmp_path / "four", threads=4)
    report(one)
    report(four)
    assert len(digests(one)) == 11 + 3 + 6 + 4 + 8 + 2
    assert digests(one) == digests(four)
    first, second = manifest(one), manifest(four)
    first.pop("execution")
    second.pop("execution")
    assert first == second


def test_running_again_replaces_everything_and_leaves_the_trend_alone(run: Run) -> None:
    report(run)
    before = digests(run)
    stale = run.reports / "lists" / "students-99.xlsx"
    stale.parent.mkdir(exist_ok=True)
    stale.write_bytes(b"from an earlier, longer list")
    report(run)
    assert digests(run) == before
    assert [night["night"] for night in state.past_nights(run.settings)] == ["2026-11-22"]


def test_an_old_report_written_again_does_not_see_later_nights(run: Run) -> None:
    report(run)
    before = digests(run)
    later = Settings(workspace=run.settings.workspace, night=date(2026, 11, 23))
    state.record_night(later, "2026-11-23-1", {"records": 1, "needs_work": 1, "by_status": {}, "asked": 0})
    report(run)
    assert digests(run) == before


def test_a_lost_row_stops_the_run_before_its_manifest_but_is_shown(run: Run) -> None:
    report(run)
    change(run, "DELETE FROM links WHERE source_file = 'hs_q1.csv' AND source_row = 3")
    with pytest.raises(Unbalanced, match=r"«hs_q1.csv» \(students\): đếm được 22 .* 21 \+ bị loại 0 = 21"):
        report(run)
    assert not (run.directory / "manifest.json").exists()
    page = (run.reports / "summary.html").read_text(encoding="utf-8")
    assert "1 tệp chưa cân đối" in page
    assert "Không mất dòng nào" not in page


def test_a_night_without_records_still_has_its_report(run: Run) -> None:
    for table in ("links", "issues", "verifications", "rule_results"):
        change(run, f"DELETE FROM {table}")
    change(run, "DELETE FROM files WHERE refused IS NULL; DELETE FROM rejected WHERE source_row IS NOT NULL")
    counts = report(run)
    assert counts["links"] == 0
    page = (run.reports / "summary.html").read_text(encoding="utf-8")
    assert "Đêm nay không có hồ sơ nào" in page
    assert "danh_sach_loi.xlsx" in page


def test_a_file_in_no_sectors_folder_is_told_and_does_not_stop_the_report(run: Run) -> None:
    for table in ("files", "rejected"):
        change(run, f"UPDATE {table} SET sector = '' WHERE source_file = 'danh_sach_loi.xlsx'")
    report(run)
    assert "danh_sach_loi.xlsx" in (run.reports / "summary.html").read_text(encoding="utf-8")
    assert '"path": "danh_sach_loi.xlsx"' in (run.directory / "manifest.json").read_text(encoding="utf-8")
