"""Paces messages so that the day's places last for the day's open hours.

The generic cell rate algorithm: one number, the theoretical arrival time of the next message. What was not used is
not saved up, so that a line that comes back after an outage is not flooded; but the rate follows what is left of places
and hours before each message, so that the time that was lost is made up for before the day closes.
Source: ITU-T I.371, the generic cell rate algorithm as virtual scheduling.
"""

from dataclasses import dataclass, field
from datetime import datetime, time

MESSAGE_EVERY_S = 5.0
"""Seconds between a paced worker's messages, if its rate allows."""
MARGIN = 0.05
"""Share of the open hours that is left for making up: the places are to be used up so long before the day closes."""
SOON = 0.1
"""Share of the remaining time in which to ask, once making up has begun."""


@dataclass(frozen=True)
class Hours:
    """Open hours of the gateway, in Việt Nam; not over midnight."""

    opens: time
    closes: time

    def wait_s(self, now: datetime) -> float:
        """Seconds until the gateway opens today; 0 while it is open or after it has closed."""
        return max(0.0, _seconds(self.opens) - _seconds(now.time()))

    def left_s(self, now: datetime) -> float:
        """Seconds until the gateway closes today."""
        return max(0.0, _seconds(self.closes) - max(_seconds(now.time()), _seconds(self.opens)))

    def to_use_s(self, now: datetime) -> float:
        """Seconds in which to ask what is left: until a margin before closing; within the margin, soon."""
        left = self.left_s(now)
        return max(left - MARGIN * (_seconds(self.closes) - _seconds(self.opens)), left * SOON)


@dataclass
class Pacer:
    """The rate of one worker, by the clock that the caller reads."""

    interval_s: float = 0.0
    """Seconds between questions; 0: as fast as it can."""
    _next: float = field(default=float("-inf"), init=False)

    def wait_s(self, now: float) -> float:
        """Seconds until the next message may be sent."""
        return max(0.0, self._next - now)

    def sent(self, questions: int, now: float) -> None:
        """Records a message of so many questions; the next may follow when they would all have been asked one by one at
        the rate.
        """
        # A clock that jumped forward or a long pause gives no credit.
        self._next = max(self._next, now) + questions * self.interval_s

    def batch(self, most: int) -> int:
        """Number of questions in the next message: small messages at short distances rather than few large ones."""
        return max(1, min(most, int(MESSAGE_EVERY_S / max(self.interval_s, 1e-9))))


def interval_s(questions: int, seconds: float, workers: int) -> float:
    """Seconds between two questions of one worker, if so many workers together ask so many in so many seconds."""
    return seconds * workers / questions if questions else 0.0


def _seconds(moment: time) -> float:
    return moment.hour * 3_600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
