"""The burn-down: drawn from the plan alone, to scale, read aloud, the same bytes again."""

import json
import xml.etree.ElementTree as ET
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.config import Run
from pipelines.report.charts.burndown import basis, chart, picture, summary, when
from pipelines.report.hop import report
from pipelines.workspace import run_schema, run_tables


def plan(bands: list[tuple[int, int, int]], clears_on: str | None = "2026-11-24", **other: Any) -> dict[str, Any]:
    days = [f"2026-11-{22 + n:02}" for n in range(len(bands))]
    return {
        "waiting": bands[0][1],
        "clears_on": clears_on,
        "latest": clears_on,
        "days": 60,
        "start": "2026-11-23",
        "earliest": clears_on,
        "daily": 1_200,
        "policy": "floor+aged",
        "policy_is_default": True,
        "weights": {},
        "nights_drawn_from": 14,
        "futures": 20,
        "tenants": [],
        "burn_down": [
            {"day": n, "date": day, "low": low, "middle": middle, "high": high, "with_new": middle + 10}
            for n, (day, (low, middle, high)) in enumerate(zip(days, bands, strict=True))
        ],
        **other,
    }


BANDS = [(50, 50, 50), (20, 30, 40), (0, 5, 25), (0, 0, 10)]


def test_line_and_band_are_to_scale() -> None:
    root = ET.fromstring(chart(plan(BANDS)))
    (box,) = root.iter("svg") if root.tag != "svg" else list(root.iter("svg"))[1:]
    assert box.get("viewBox") == "0 0 3 80"
    (new, line), (band,) = root.iter("polyline"), root.iter("polygon")
    assert line.get("points") == "0,30 1,50 2,75 3,80"
    assert new.get("points") == "0,20 1,40 2,65 3,70", "ten more with what is new"
    assert band.get("points") == "0,30 1,40 2,55 3,70 3,80 2,80 1,60 0,30"


def test_the_day_of_the_last_answer_is_marked_and_all_is_read_aloud() -> None:
    root = ET.fromstring(chart(plan(BANDS)))
    texts = [node.text for node in root.iter("text")]
    assert "Hết phần đang chờ: 24/11/2026" in texts
    assert "nay" in texts
    (described,) = root.iter("desc")
    assert described.text is not None
    assert "24/11 5 (0–25)" in described.text


def test_a_plan_without_an_end_has_no_mark() -> None:
    endless = plan(BANDS, clears_on=None)
    assert "Hết phần" not in chart(endless)
    assert summary(endless) == "50 yêu cầu đang chờ; chưa xong trong 60 ngày."
    assert summary(plan(BANDS, latest=None)).endswith("(có thể quá 60 ngày).")
    assert summary(plan([(0, 0, 0)])) == "Không còn yêu cầu nào chờ."


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=8))
def test_any_plan_is_drawn_within_the_box(counts: list[int]) -> None:
    drawn = chart(plan([(n // 2, n, n + 1) for n in counts]))
    root = ET.fromstring(drawn)
    top = int(str(list(root.iter("svg"))[-1].get("viewBox")).split()[3])
    (band,) = root.iter("polygon")
    heights = [int(point.split(",")[1]) for point in str(band.get("points")).split()]
    assert min(heights) >= 0
    assert max(heights) <= top
    assert drawn == chart(plan([(n // 2, n, n + 1) for n in counts]))


def test_the_picture_stands_alone() -> None:
    root = ET.fromstring(picture(plan(BANDS)))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("width") == "760"
    assert "http" not in picture(plan(BANDS)).replace("http://www.w3.org/2000/svg", ""), "nothing from elsewhere"


WHEN = [
    ("2026-11-24", "2026-11-26", "24/11/2026, muộn nhất 26/11"),
    ("2026-11-24", "2026-11-24", "24/11/2026"),
    ("2026-11-24", None, "24/11/2026 hoặc muộn hơn"),
    (None, None, "sau 60 ngày"),
]


@pytest.mark.parametrize(("likely", "latest", "said"), WHEN)
def test_when_a_tenant_is_done(likely: str | None, latest: str | None, said: str) -> None:
    row = {"tenant": "students-79", "waiting": 5, "clears_on": likely, "latest": latest}
    assert when(plan(BANDS, tenants=[row])) == {"students-79": said}


def test_what_the_band_rests_on_is_said() -> None:
    assert "14 đêm đã qua, trung bình 1.200 yêu cầu mới" in basis(plan(BANDS))
    assert "giả định từ 0 đến một phần tư hạn mức" in basis(plan(BANDS, nights_drawn_from=0))


def test_how_places_are_shared_is_said_where_it_was_ordered() -> None:
    assert "Theo lệnh" not in basis(plan(BANDS))
    assert basis(plan(BANDS, policy="fifo", policy_is_default=False)).endswith(
        "yêu cầu mới mỗi ngày. Theo lệnh: cách chia «fifo»."
    )
    weighed = basis(plan(BANDS, weights={"students-79": "3/2", "students-01": "2"}))
    assert weighed.endswith("Theo lệnh: trọng số của «students-79» là 3/2, trọng số của «students-01» là 2.")


def page_with(run: Run, kept: dict[str, Any]) -> str:
    with run_tables.connect(run) as connection:
        run_tables.replace_table(connection, run_schema.PLAN, pl.DataFrame({"plan": [json.dumps(kept)]}))
    report(run)
    return (run.reports / "summary.html").read_text(encoding="utf-8")


def test_the_page_shows_the_plan(run: Run) -> None:
    row = {"tenant": "students-79", "waiting": 5, "clears_on": "2026-11-24", "latest": "2026-11-25"}
    page = page_with(run, plan(BANDS, tenants=[row]))
    assert "50 yêu cầu đang chờ; yêu cầu cuối có trả lời ngày 24/11/2026" in page
    assert "24/11/2026, muộn nhất 25/11" in page
    assert "burndown-title" in page


def test_the_page_of_a_night_that_left_nothing_waiting_has_no_picture(run: Run) -> None:
    page = page_with(run, plan([(0, 0, 0)]))
    assert "Không còn yêu cầu nào chờ." in page
    assert "burndown-title" not in page


def test_without_a_plan_the_page_is_written_all_the_same(run: Run) -> None:
    report(run)
    assert "Dự kiến khi nào hết tồn đọng" not in (run.reports / "summary.html").read_text(encoding="utf-8")
