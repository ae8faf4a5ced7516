"""Counts the gateway's days: how many questions a day has, and when it ends; the cap may change, the reset be late."""

from datetime import datetime, time, timedelta
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field, field_validator

from pipelines.config import TIME_ZONE
from pipelines.gateway.protocol import clock

MOST_LATE_S = 43_200
"""Most seconds between a reset and midnight; beyond that it belongs to another day."""


class Change(BaseModel):
    """A change of the cap from this time of each day on, by the clock in Việt Nam."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: time
    cap: int = Field(ge=0)


def in_order(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes, unchanged. Errors: ValueError if they do not stand in the order of their times."""
    if any(later.at <= earlier.at for earlier, later in pairwise(changes)):
        raise ValueError("changes of the cap must stand in the order of their times")
    return changes


class Quota(BaseModel):
    """The rules of a gateway's days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cap: int = Field(ge=0)
    changes: tuple[Change, ...] = ()
    reset_late_s: int = Field(default=0, ge=-MOST_LATE_S, le=MOST_LATE_S)
    """Seconds after midnight in Việt Nam when the day begins; 25,200 is midnight UTC."""

    @field_validator("changes")
    @classmethod
    def _in_order(cls, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        return in_order(changes)

    def day(self, now: datetime) -> str:
        """The quota day, `YYYY-MM-DD`."""
        return clock.quota_day(now, self._late).isoformat()

    def reset(self, now: datetime) -> datetime:
        """The beginning of the next quota day."""
        return clock.next_reset(now, self._late)

    def cap_at(self, now: datetime) -> int:
        """The cap in force."""
        begun = self.reset(now) - timedelta(days=1)
        moments = [(datetime.combine(begun.date(), change.at, TIME_ZONE), change.cap) for change in self.changes]
        # A time before the reset belongs to the end of the quota day.
        in_turn = sorted((at + timedelta(days=at < begun), cap) for at, cap in moments)
        return next((cap for at, cap in reversed(in_turn) if at <= now), self.cap)

    @property
    def _late(self) -> timedelta:
        return timedelta(seconds=self.reset_late_s)
