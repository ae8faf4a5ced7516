"""The night's sample, and the estimate by hand."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import insert

from matching.evaluation.intervals import wilson
from pipelines.config import Run, Settings
from pipelines.report import feedback
from pipelines.report.hop import report
from pipelines.workspace import review_samples, run_tables, state
from pipelines.workspace.state_tables import decisions
from tests.pipelines.filled_run import make_run

OURS, OTHER = "079087001234", "079087012345"


def drawn(run: Run) -> pl.DataFrame:
    with run_tables.connect(run) as connection:
        feedback.draw(connection, run)
    return review_samples.of_run(run.settings, run.run_id)


def answer(settings: Settings, *said: tuple[str, str, str | None], sector: str = "students") -> None:
    """What reviewers say: content, verdict, of whom."""
    common = {"sector": sector, "decided_by": "Lan", "decided_at": "2026-11-22T08:00:00+07:00", "reason": "đã xem"}
    rows = [
        {**common, "content": content, "verdict": verdict, "person_id": person} for content, verdict, person in said
    ]
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        connection.execute(insert(decisions), rows)


def test_the_same_tables_draw_the_same_records_in_any_workspace(tmp_path: Path) -> None:
    one, two = drawn(make_run(tmp_path / "one")), drawn(make_run(tmp_path / "two", threads=1))
    assert one.equals(two)
    counts = dict(one["decision"].value_counts().iter_rows())
    assert counts["link"] == feedback.SAMPLE["link"]
    assert set(counts) <= set(feedback.SAMPLE)
    other_night = drawn(make_run(tmp_path / "three", night=date(2026, 11, 23)))
    assert one["record_id"].to_list() != other_night["record_id"].to_list()


def test_what_a_human_has_decided_already_is_not_drawn_and_drawing_again_draws_the_same(run: Run) -> None:
    before = drawn(run)
    answer(run.settings, (before["content"][0], "same", before["person_id"][0]))
    assert drawn(run).equals(before), "the night's own sample, whatever was said of it since"
    again = make_run(run.settings.workspace, number=2)
    assert before["content"][0] not in drawn(again)["content"].to_list()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A workspace whose last night drew twenty links, ten in review, ten that were not found."""
    settings = Settings(workspace=tmp_path, night=date(2026, 11, 22))
    rows = [
        (f"{decision}-{number}", "students", f"{decision}-{number}", decision, None if decision == "none" else OURS)
        for decision, size in feedback.SAMPLE.items()
        for number in range(size)
    ]
    last = settings.model_copy(update={"night": settings.night - timedelta(days=1)})
    review_samples.record(last, "2026-11-21-1", pl.DataFrame(rows, schema=review_samples.SCHEMA, orient="row"), 0)
    return settings


def test_precision_and_recall_by_hand(settings: Settings) -> None:
    answer(settings, *[(f"link-{number}", "same", OURS) for number in range(18)])
    answer(settings, ("link-18", "different", OURS), ("link-19", "same", OTHER))
    answer(settings, *[(f"review-{number}", "same", OURS) for number in range(5)])
    answer(settings, *[(f"review-{number}", "nobody", None) for number in range(5, 10)])
    answer(settings, *[(f"none-{number}", "nobody", None) for number in range(9)], ("none-9", "same", OURS))
    found = feedback.estimate(settings, {"link": 1_000, "review": 100, "none": 200}, 40)
    assert found["precision"] == wilson(18, 20)
    # 900 of 1,000 links are right, another 50 of these people are there; so are 50 in review and 20 not found.
    assert found["recall"]["share"] == pytest.approx(900 / (900 + 50 + 50 + 20), abs=1e-6)
    low, high = found["recall"]["low"], found["recall"]["high"]
    assert low is not None
    assert high is not None
    assert 0 < low < 900 / 1_020 < high <= 1
    assert found["answered"] == {"link": 20, "review": 10, "none": 10}


def test_without_an_answer_for_a_part_there_is_no_recall(settings: Settings) -> None:
    nothing = feedback.estimate(settings, {"link": 10, "none": 5}, 15)
    assert (nothing["precision"]["share"], nothing["recall"]["share"]) == (None, None)
    answer(settings, ("link-0", "same", OURS), ("none-0", "different", OTHER))
    part = feedback.estimate(settings, {"link": 10, "none": 5}, 15)
    assert (part["precision"]["share"], part["recall"]["share"]) == (1.0, None), "«not this one» finds nobody"
    assert feedback.estimate(settings, {"link": 10}, 10)["recall"]["share"] == 1.0, "nothing else could be missed"


def test_the_page_tells_the_estimate_and_stays_as_it_was_when_it_is_written_again(run: Run) -> None:
    report(run)
    page = (run.reports / "summary.html").read_text(encoding="utf-8")
    assert "Cán bộ chưa trả lời hồ sơ mẫu nào" in page
    sample = review_samples.of_run(run.settings, run.run_id).filter(decision="link")
    for sector, content, person in sample["sector", "content", "person_id"].iter_rows():
        answer(run.settings, (content, "same", person), sector=sector)
    report(run)
    assert (run.reports / "summary.html").read_text(encoding="utf-8") == page
    later = make_run(run.settings.workspace, night=date(2026, 11, 23))
    report(later)
    told = (later.reports / "summary.html").read_text(encoding="utf-8")
    # 20 of 20: Wilson's lower end is 20 / (20 + 1.96²).
    assert "<b>100,0%</b> (83,9% – 100,0%)" in told
