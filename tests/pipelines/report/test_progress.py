"""Places beside those of a week ago, by hand."""

from datetime import date

import polars as pl
import pytest

from pipelines.config import Run
from pipelines.report import progress, worklist
from pipelines.report.progress import Progress
from pipelines.sectors import schema
from pipelines.workspace import night_places, run_tables

PLACE = dict.fromkeys(night_places.PLACE)


def moved(run: Run) -> Progress:
    sectors = schema.of_settings(run.settings)
    with run_tables.connect(run) as connection:
        worklist.prepare(connection, sectors)
        return progress.progress(connection, run, sectors)


def a_week_ago(run: Run, *places: tuple[str, str | None, str, str | None, str | None, int]) -> None:
    frame = pl.DataFrame(places, schema=night_places.SCHEMA, orient="row")
    night_places.record(run.settings.model_copy(update={"night": date(2026, 11, 16)}), "2026-11-16-1", frame)


def test_every_record_is_in_one_department_and_units_are_counted_where_they_are_named(run: Run) -> None:
    found = moved(run).places
    by_level = found.group_by("level").agg(pl.sum("records")).sort("level")
    # Three of five records have a commune: 14 of 22, 8 of 12, 10 of 16, 7 of 11. Vaccination's 11 name no site.
    assert dict(by_level.iter_rows()) == {"commune": 39, "department": 61, "unit": 50}
    school = found.filter(unit="THCS Lê Lợi", province_code="79")
    assert school["records"].item() == 16, "two of five: 10 of 22, 6 of 12"


def test_without_an_earlier_night_the_most_work_comes_first(run: Run) -> None:
    found = moved(run)
    departments = found.rankings[0]
    assert (found.since, departments.best, departments.standing) == (None, [], 0)
    left = [row["needs_work"] for row in departments.behind]
    assert left == sorted(left, reverse=True)
    assert departments.behind[0]["title"] == "Học sinh · Hồ Chí Minh"


def test_progress_is_the_share_that_is_mended(run: Run) -> None:
    now = moved(run).places.filter(level="department", sector="students")
    left = dict(zip(now["province_code"], now["needs_work"], strict=True))
    a_week_ago(
        run,
        ("department", "students", "79", None, None, left["79"] + 10),
        ("department", "students", "01", None, None, 2 * left["01"]),
        ("department", "students", "48", None, None, left["48"] - 1),
    )
    found = moved(run)
    assert found.since == date(2026, 11, 16)
    best = found.rankings[0].best
    # Half of Hà Nội's is mended; ten of Hồ Chí Minh's are less than half, or as good and more.
    shares = [row["share"] for row in best]
    assert shares == sorted(shares, reverse=True)
    assert {row["province_code"]: row["mended"] for row in best} == {"79": 10, "01": left["01"]}
    assert found.places.filter(level="department", sector="students", province_code="48")["mended"].item() == -1
    # Insurance and vaccination had nothing to mend then and have now.
    assert found.rankings[0].standing == found.rankings[0].with_work - 2
    assert found.total["before"] == left["79"] + 10 + 2 * left["01"] + left["48"] - 1


@pytest.mark.parametrize(
    ("place", "title"),
    [
        ({"level": "department", "sector": "students", "province_code": "01"}, "Học sinh · Hà Nội"),
        ({"level": "department", "sector": "students"}, "Học sinh · Không rõ tỉnh"),
        ({"level": "commune", "province_code": "01", "commune_code": "00004"}, "Phường Ba Đình, Hà Nội"),
        ({"level": "unit", "province_code": "01", "unit": "THCS Lê Lợi"}, "THCS Lê Lợi, Hà Nội"),
    ],
)
def test_a_place_has_a_name(place: dict[str, str], title: str) -> None:
    assert progress.title_of({**PLACE, **place}, {"students": schema.load("students")}) == title
