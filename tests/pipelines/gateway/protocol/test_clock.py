"""The gateway's clock: which one a command line names, which day it is, when the next begins."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.config import TIME_ZONE
from pipelines.errors import BadInput
from pipelines.gateway.protocol import clock

DAYS = [
    ("2026-11-22T16:59:59+00:00", 0, "2026-11-22", "a second before midnight in Việt Nam"),
    ("2026-11-22T17:00:00+00:00", 0, "2026-11-23", "midnight in Việt Nam"),
    ("2026-11-22T17:09:59+00:00", 600, "2026-11-22", "ten minutes late: not yet"),
    ("2026-11-22T17:10:00+00:00", 600, "2026-11-23", "ten minutes late: now"),
    ("2026-11-22T16:50:00+00:00", -600, "2026-11-23", "ten minutes early"),
    ("2026-11-22T23:59:59+00:00", 25_200, "2026-11-22", "midnight UTC: not yet"),
    ("2026-11-23T00:00:00+00:00", 25_200, "2026-11-23", "midnight UTC"),
]


@pytest.mark.parametrize(("now", "late_s", "day", "why"), DAYS)
def test_the_quota_day(now: str, late_s: int, day: str, why: str) -> None:
    instant, late = datetime.fromisoformat(now), timedelta(seconds=late_s)
    assert clock.quota_day(instant, late) == date.fromisoformat(day), why
    reset = clock.next_reset(instant, late)
    assert timedelta() < reset - instant <= timedelta(days=1)
    assert clock.quota_day(reset, late) == date.fromisoformat(day) + timedelta(days=1)
    assert clock.quota_day(reset - timedelta(microseconds=1), late) == date.fromisoformat(day)


def test_a_file_sets_and_steps_the_clock(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("2026-11-22T23:59:59\n", encoding="utf-8")
    now = clock.clock_of(f"@{file}")
    assert now() == datetime(2026, 11, 22, 23, 59, 59, tzinfo=TIME_ZONE)
    file.write_text("2026-11-22T16:00:00+00:00", encoding="utf-8")
    assert now() == datetime(2026, 11, 22, 16, tzinfo=UTC)


def test_an_instant_runs_on() -> None:
    now = clock.clock_of("2030-01-01T00:00:00")
    assert timedelta() <= now() - datetime(2030, 1, 1, tzinfo=TIME_ZONE) < timedelta(minutes=1)
    assert now() <= now()


def test_the_real_clock_is_in_viet_nam() -> None:
    assert clock.clock_of("real")().utcoffset() == timedelta(hours=7)


def test_a_fixed_day_stands_still() -> None:
    assert clock.fixed(date(2026, 11, 22))() == datetime(2026, 11, 22, tzinfo=TIME_ZONE)


@pytest.mark.parametrize("text", ["", "tomorrow", "@/nowhere/clock", "25:00"])
def test_what_is_no_clock(text: str) -> None:
    with pytest.raises(BadInput):
        clock.clock_of(text)
