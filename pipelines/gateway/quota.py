"""How many questions the gateway's day has, and when it ends: the cap may change during the day, the reset be late."""

from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.config import TIME_ZONE
from pipelines.gateway import clock


class Change(BaseModel):
    """From this time of each day on (by the clock in Việt Nam), the day has another cap."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: time
    cap: int = Field(ge=0)


class Quota(BaseModel):
    """The rules of a gateway's days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cap: int = Field(ge=0)
    changes: tuple[Change, ...] = ()
    reset_late_s: int = Field(default=0, ge=-43_200, le=43_200)
    """The day begins this long after midnight in Việt Nam; 25,200 is midnight UTC."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(later.at <= earlier.at for earlier, later in pairwise(self.changes)):
            raise ValueError("changes of the cap must stand in the order of their times")
        return self

    def day(self, now: datetime) -> str:
        """The quota day, `YYYY-MM-DD`."""
        return clock.quota_day(now, self._late).isoformat()

    def reset(self, now: datetime) -> datetime:
        """When the next quota day begins."""
        return clock.next_reset(now, self._late)

    def cap_at(self, now: datetime) -> int:
        """The cap in force."""
        begun = self.reset(now) - timedelta(days=1)
        in_force = self.cap
        for change in self.changes:
            at = datetime.combine(begun.date(), change.at, TIME_ZONE)
            # A time before the reset belongs to the end of the quota day.
            at += timedelta(days=1) if at < begun else timedelta()
            in_force = change.cap if at <= now else in_force
        return in_force

    @property
    def _late(self) -> timedelta:
        return timedelta(seconds=self.reset_late_s)
