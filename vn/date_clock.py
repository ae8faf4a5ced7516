"""Finds the day in Việt Nam at an instant, and whether a day begins there."""

from datetime import date, datetime, time, timedelta
from typing import Final

from vn.date_tables import CLOCK

_CHANGES: Final = tuple(
    (row["since"], datetime.combine(date.min, row["ahead"]) - datetime.combine(date.min, time())) for row in CLOCK
)


def at(day: date, seconds: int) -> datetime:
    """The time in Việt Nam so many seconds after midnight UTC of that day, by the clock in force then."""
    universal = datetime.combine(day, time()) + timedelta(seconds=seconds)
    ahead = next((ahead for since, ahead in reversed(_CHANGES) if since <= universal), _CHANGES[0][1])
    return universal + ahead


def is_midnight(moment: datetime) -> bool:
    """Whether a day begins."""
    return moment.time() == time()
