"""How long to wait before the next message, so that the day's places last for the day's open hours.

The generic cell rate algorithm: one number, the theoretical arrival time of the next message. What was not used is
not saved up, so that a line that comes back after an outage is not flooded; but the rate follows what is left of places
and hours before each message, so that the time that was lost is made up for before the day closes.
Source: ITU-T I.371, the generic cell rate algorithm as virtual scheduling.
"""

from dataclasses import dataclass, field
from datetime import datetime, time

MESSAGE_EVERY_S = 5.0
"""How often a paced worker sends, if its rate allows."""
MARGIN = 0.05
"""Of the open hours, kept for making up: the places are to be used up so long before the day closes."""
SOON = 0.1
"""Of what is left of the hours, where making up has begun."""


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

    def to_use_s(self, now: datetime) -> float:
        """Seconds in which what is left is to be asked: a margin before it closes; within the margin, soon."""
        left = self.left_s(now)
        return max(left - MARGIN * (_seconds(self.closes) - _seconds(self.opens)), left * SOON)


@dataclass
class Pacer:
    """One worker's rate, by the clock that the caller reads."""

    interval_s: float = 0.0
    """Seconds a question; 0: as fast as it can."""
    _next: float = field(default=float("-inf"), init=False)

    def wait_s(self, now: float) -> float:
        """Seconds until the next message may go."""
        return max(0.0, self._next - now)

    def sent(self, questions: int, now: float) -> None:
        """So many went; the next may follow when as many would have gone at the rate, one by one."""
        # A clock that jumped forward or a long pause gives no credit.
        self._next = max(self._next, now) + questions * self.interval_s

    def batch(self, most: int) -> int:
        """Questions in the next message: small ones at short distances rather than few large ones."""
        return max(1, min(most, int(MESSAGE_EVERY_S / max(self.interval_s, 1e-9))))


def interval_s(questions: int, seconds: float, workers: int) -> float:
    """Seconds between two questions of one worker, if so many together ask so many in so many seconds."""
    return seconds * workers / questions if questions else 0.0


def _seconds(moment: time) -> float:
    return moment.hour * 3_600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
