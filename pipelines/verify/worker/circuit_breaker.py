"""Decides whether the connection is worth trying now: a circuit breaker with half-open probes.

Closed: everything passes. It opens after so many failures in a row, or when more than a share of the last seconds'
calls failed. Open: nothing passes until the probe is due; one that succeeds closes it, one that fails opens it anew.
Source: Nygard, Release It! (2nd ed. 2018), chapter 5; the numbers are reference figures of issue 5.
"""

from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """When the breaker opens, and when it probes."""

    in_a_row: int = 20
    share: float = 0.5
    within_s: float = 30.0
    least_calls: int = 10
    """Least number of calls for a share of failures to count."""
    probe_every_s: float = 30.0


@dataclass
class Breaker:
    """Circuit breaker of one connection, by the clock that the caller reads."""

    limits: Limits = field(default_factory=Limits)
    _calls: deque[tuple[float, bool]] = field(default_factory=deque, init=False)
    _in_a_row: int = field(default=0, init=False)
    _opened_at: float | None = field(default=None, init=False)

    @property
    def is_open(self) -> bool:
        """Whether only probes may pass."""
        return self._opened_at is not None

    def probe_in_s(self, now: float) -> float:
        """Seconds until the next probe may pass; 0 if it may now."""
        if self._opened_at is None:
            return 0.0
        return max(0.0, self._opened_at + self.limits.probe_every_s - now)

    def succeeded(self) -> None:
        """Records a successful call: failures before it count no more."""
        if self._opened_at is not None:
            self._calls.clear()
            self._opened_at = None
        self._in_a_row = 0

    def passed(self, now: float) -> None:
        """Records a successful call of ordinary traffic."""
        self.succeeded()
        self._note(now, failed=False)

    def failed(self, now: float) -> None:
        """Records a call without an answer."""
        self._in_a_row += 1
        self._note(now, failed=True)
        failures = sum(failed for _, failed in self._calls)
        is_many = len(self._calls) >= self.limits.least_calls and failures > self.limits.share * len(self._calls)
        if self._opened_at is not None or self._in_a_row >= self.limits.in_a_row or is_many:
            self._opened_at = now

    def open_now(self, now: float) -> None:
        """Opens the breaker, because somebody knows that the connection is lost."""
        self._opened_at = now

    def _note(self, now: float, *, failed: bool) -> None:
        self._calls.append((now, failed))
        while self._calls[0][0] < now - self.limits.within_s:
            self._calls.popleft()
