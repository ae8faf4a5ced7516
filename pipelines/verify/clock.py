"""Tells the time: leases and hours by the state database's clock, waiting by one that never goes back.

No worker's own clock decides about another: on PostgreSQL it is the server's, on SQLite that of the one machine. Even
that may be put back or forward; who uses it says what happens then.
"""

import time
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection, text

from pipelines.config import TIME_ZONE

_NOW = {
    "postgresql": text("SELECT extract(epoch FROM clock_timestamp())::float8"),
    "sqlite": text("SELECT (julianday('now') - 2440587.5) * 86400.0"),
}


class Clock(Protocol):
    """Protocol of a clock that also waits."""

    def now(self, connection: Connection) -> float:
        """Seconds since 1970 by the state database."""
        ...

    def elapsed(self) -> float:
        """Seconds since some moment; it goes on while the process is stopped or the machine asleep."""
        ...

    def sleep(self, seconds: float) -> None:
        """Returns so many seconds later."""
        ...


class RealClock:
    """The state database's clock and this machine's."""

    def now(self, connection: Connection) -> float:
        """Seconds since 1970 by the state database."""
        return float(connection.execute(_NOW[connection.dialect.name]).scalar_one())

    def elapsed(self) -> float:
        """Seconds since the machine was started, its sleep included where the system can tell."""
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    def sleep(self, seconds: float) -> None:
        """Returns so many seconds later."""
        time.sleep(seconds)


def in_viet_nam(now: float) -> datetime:
    """The moment as date and time in Việt Nam."""
    return datetime.fromtimestamp(now, UTC).astimezone(TIME_ZONE)
