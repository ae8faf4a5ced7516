"""Which cap is in force when."""

from datetime import datetime, time

import pytest
from pydantic import ValidationError

from pipelines.config import TIME_ZONE
from pipelines.gateway.simulator.quota import Change, Quota

NOON_DOWN = (Change(at=time(12), cap=150), Change(at=time(18), cap=300))
CAPS = [
    # now, changes, late, cap, why
    ("00:00:00", (), 0, 200, "no change"),
    ("11:59:59", NOON_DOWN, 0, 200, "before noon"),
    ("12:00:00", NOON_DOWN, 0, 150, "noon"),
    ("18:00:00", NOON_DOWN, 0, 300, "evening"),
    ("23:59:59", NOON_DOWN, 0, 300, "until midnight"),
    ("00:00:00", NOON_DOWN, 0, 200, "a new day begins with the cap"),
    ("00:05:00", NOON_DOWN, 600, 300, "yesterday still: the reset is late"),
    ("00:10:00", NOON_DOWN, 600, 200, "now it is today"),
    ("23:55:00", NOON_DOWN, -600, 200, "tomorrow already: the reset is early"),
    ("03:00:00", (Change(at=time(3), cap=7), Change(at=time(12), cap=9)), 25_200, 7, "03:00 comes after noon then"),
    ("03:00:00", (Change(at=time(3), cap=7),), 25_200, 7, "03:00 belongs to the day that began at 07:00"),
    ("08:00:00", (Change(at=time(3), cap=7),), 25_200, 200, "and the next one begins with the cap"),
]


@pytest.mark.parametrize(("now", "changes", "late_s", "cap", "why"), CAPS)
def test_the_cap_in_force(now: str, changes: tuple[Change, ...], late_s: int, cap: int, why: str) -> None:
    quota = Quota(cap=200, changes=changes, reset_late_s=late_s)
    instant = datetime.combine(datetime(2026, 11, 22), time.fromisoformat(now), TIME_ZONE)  # noqa: DTZ001
    assert quota.cap_at(instant) == cap, why


def test_changes_stand_in_order() -> None:
    with pytest.raises(ValidationError):
        Quota(cap=1, changes=NOON_DOWN[::-1])
