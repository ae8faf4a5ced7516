"""How long to wait before the next question, so that the day's places last for the day's open hours.

The generic cell rate algorithm: one number, the theoretical arrival time of the next question. Ahead of it by no more
than a burst, a question may go at once; what was not used is not saved up, so that a line that comes back after an
outage is not flooded.
Source: ITU-T I.371, the generic cell rate algorithm as virtual scheduling.
"""

from dataclasses import dataclass, field
from datetime import datetime, time


@dataclass(frozen=True)
class Hours:
    """When the line is open, in Việt Nam; not over midnight."""

    opens: time
    closes: time

    def wait_s(self, now: datetime) -> float:
        """Seconds until it opens today; 0 while it is open or after it has closed."""
        return max(0.0, _seconds(self.opens) - _seconds(now.time()))

    def left_s(self, now: datetime) -> float:
        """Seconds that it is still open today."""
        return max(0.0, _seconds(self.closes) - max(_seconds(now.time()), _seconds(self.opens)))


@dataclass
class Pacer:
    """One worker's rate, by the clock that the caller reads."""

    interval_s: float
    """Seconds a question; 0: as fast as it can."""
    burst: int = 1
    """Questions that may go at once."""
    _arrival: float = field(default=float("-inf"), init=False)

    def wait_s(self, questions: int, now: float) -> float:
        """Seconds to wait before sending so many questions, which then count as sent."""
        tolerance = self.burst * self.interval_s
        # A clock that jumped forward or a long pause gives no credit.
        arrival = max(self._arrival, now)
        self._arrival = arrival + questions * self.interval_s
        return max(0.0, self._arrival - tolerance - now)


def interval_s(questions: int, seconds: float, workers: int) -> float:
    """Seconds between two questions of one worker, if so many together ask so many in so many seconds."""
    return seconds * workers / questions if questions else 0.0


def _seconds(moment: time) -> float:
    return moment.hour * 3_600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
