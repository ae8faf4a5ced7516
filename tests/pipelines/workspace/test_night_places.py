"""What is kept of a night's places, and which night is compared with."""

from datetime import date
from pathlib import Path

import polars as pl
from sqlalchemy import select

from pipelines.config import Settings
from pipelines.workspace import night_places, state
from pipelines.workspace.state_tables import night_places as night_places_table


def settings(workspace: Path, day: int) -> Settings:
    return Settings(workspace=workspace, night=date(2026, 11, day))


def places(needs_work: int, done: int = 0) -> pl.DataFrame:
    rows = [
        ("department", "students", "79", None, None, needs_work),
        ("unit", "students", "79", None, "THCS Lê Lợi", done),
    ]
    return pl.DataFrame(rows, schema=night_places.SCHEMA, orient="row")


def test_the_oldest_night_of_the_last_week_is_compared_with(tmp_path: Path) -> None:
    assert night_places.earlier(settings(tmp_path, 22)) is None
    for day, needs_work in ((14, 50), (15, 40), (20, 30), (22, 20)):
        night_places.record(settings(tmp_path, day), f"2026-11-{day}-1", places(needs_work))
    found = night_places.earlier(settings(tmp_path, 22))
    assert found is not None
    assert (found.night, found.places["needs_work"].to_list()) == (date(2026, 11, 15), [40])
    assert found.places.schema == pl.Schema(night_places.SCHEMA)
    assert night_places.earlier(settings(tmp_path, 14)) is None, "no later night, nor the night itself"
    assert night_places.earlier(settings(tmp_path, 21)) is not None
    with state.opened(settings(tmp_path, 22)) as engine, state.reading(engine) as connection:
        kept = connection.execute(select(night_places_table.c.night).order_by("night")).scalars().all()
    assert kept == ["2026-11-15", "2026-11-20", "2026-11-22"], "older ones are compared with no more"


def test_of_a_nights_runs_the_last_holds_and_one_recorded_again_replaces_its_own(tmp_path: Path) -> None:
    for number, needs_work in ((2, 5), (10, 7), (10, 8)):
        night_places.record(settings(tmp_path, 20), f"2026-11-20-{number}", places(needs_work, done=1))
    found = night_places.earlier(settings(tmp_path, 22))
    assert found is not None
    assert found.places["needs_work"].to_list() == [8, 1]
    assert found.places["unit"].to_list() == [None, "THCS Lê Lợi"]
