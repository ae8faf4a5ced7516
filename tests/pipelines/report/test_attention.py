"""What is told first, by hand."""

from datetime import date
from typing import Any

import polars as pl

from pipelines.config import Run
from pipelines.report import attention
from pipelines.report.attention import SectorChange
from pipelines.report.progress import Progress, Ranking
from pipelines.sectors import schema
from tests.pipelines.filled_run import figures_of

NOBODY = Progress(None, pl.DataFrame(), [])


def change(records: int, needs_work: int, before: dict[str, int] | None) -> SectorChange:
    return SectorChange("students", "Học sinh", "Pupils", records, 0, needs_work, before)


def told(*changed: SectorChange, plan: Any = None, progress: Progress = NOBODY, lost: int = 0) -> list[str]:
    return [each.vi for each in attention.sentences(changed, plan, progress, lost)]


def test_a_night_as_usual_says_nothing() -> None:
    as_usual = change(100, 10, {"records": 100, "verified": 0, "needs_work": 10})
    assert told(as_usual, change(100, 10, None), plan={"waiting": 0, "clears_on": None, "days": 60}) == []


def test_a_sector_that_sent_nothing_is_told() -> None:
    (said,) = told(change(0, 0, {"records": 1_200, "verified": 0, "needs_work": 10}))
    assert said == "Học sinh: đêm nay không có hồ sơ nào, đêm trước có 1.200; hỏi ngành đã gửi tệp chưa."


def test_a_share_that_rose_by_a_point_is_told() -> None:
    before = {"records": 1_000, "verified": 0, "needs_work": 100}
    assert told(change(1_000, 109, before)) == []
    (said,) = told(change(1_000, 110, before))
    assert "tăng 1,0 điểm phần trăm" in said


def test_rows_that_are_lost_come_first_then_the_queue_and_who_stands_still() -> None:
    row = {"share": 0.0, "needs_work": 72, "title": "Học sinh · Hà Nội"}
    ranking = Ranking("department", "Đơn vị", "departments", [], [row], places=4, with_work=3, standing=2)
    progress = Progress(date(2026, 11, 16), pl.DataFrame(), [ranking])
    said = told(plan={"waiting": 5, "clears_on": None, "days": 60}, progress=progress, lost=1)
    assert [sentence.partition(" ")[0] for sentence in said] == ["1", "Hàng", "2"]
    assert said[2].endswith("nhiều nhất: Học sinh · Hà Nội, 72 hồ sơ.")


def test_changes_name_sectors_of_both_nights(run: Run) -> None:
    sectors = schema.of_settings(run.settings)
    last = {"sectors": {"students": {"records": 34, "verified": 8, "needs_work": 20}}}
    found = {each.sector: each for each in attention.changes(figures_of(run), last, sectors)}
    assert list(found) == ["insurance", "students", "vaccination"]
    assert (found["students"].records, found["students"].points("verified")) == (34, 0.0)
    assert found["insurance"].points("verified") is None, "it was not there"
    assert attention.changes(figures_of(run), None, sectors)[0].before is None
