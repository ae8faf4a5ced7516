"""Tells the time at the gateway and the beginning of its quota day, by its own clock, never by the sender's."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from pipelines.config import TIME_ZONE
from pipelines.errors import BadInput

Now = Callable[[], datetime]
"""A function that returns the instant now, with its zone."""


def real() -> datetime:
    """This machine's clock, in Việt Nam."""
    return datetime.now(TIME_ZONE)


def fixed(day: date) -> Now:
    """A clock that always shows the first instant of that day."""
    begun = datetime.combine(day, time(), TIME_ZONE)
    return lambda: begun


def clock_of(text: str) -> Now:
    """The clock that a command line names: `real`, an instant from which it runs on, or `@FILE`.

    A file holds an instant and is read for each message: whoever writes it sets the clock or steps it.
    Errors: BadInput if it is none of these.
    """
    if text == "real":
        return real
    if text.startswith("@"):
        path = Path(text[1:])
        _instant(_content(path))
        return lambda: _instant(_content(path))
    ahead = _instant(text) - real()
    return lambda: real() + ahead


def quota_day(now: datetime, late: timedelta = timedelta()) -> date:
    """The gateway's day, which begins `late` after midnight in Việt Nam (before it, if negative)."""
    return (now.astimezone(TIME_ZONE) - late).date()


def next_reset(now: datetime, late: timedelta = timedelta()) -> datetime:
    """When the gateway's next day begins."""
    return datetime.combine(quota_day(now, late) + timedelta(days=1), time(), TIME_ZONE) + late


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        raise BadInput(
            "no_clock", f"Không đọc được đồng hồ «{path}» / the clock's file «{path}» cannot be read."
        ) from None


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            "bad_clock",
            f"«{text}» không phải thời điểm; hãy viết như 2026-11-22T23:59:50 / write an instant like that, or real.",
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=TIME_ZONE)
