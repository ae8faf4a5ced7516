"""Limits how many questions a second the gateway takes, apart from the day's cap."""

import threading
from datetime import datetime


class Rate:
    """A leaky bucket (GCRA): `per_s` questions a second on the average, `burst` of them at once."""

    def __init__(self, per_s: float, burst: int) -> None:
        self._interval_s = 1 / per_s
        self._tolerance_s = burst / per_s
        self._free_at = 0.0
        self._lock = threading.Lock()

    def wait_s(self, count: int, now: datetime) -> float:
        """Seconds until this many questions may come; 0 if they may now, which counts them."""
        instant = now.timestamp()
        with self._lock:
            # A clock that was set back must not shut the gateway until it has caught up.
            begin = max(min(self._free_at, instant + self._tolerance_s), instant)
            end = begin + count * self._interval_s
            wait = end - self._tolerance_s - instant
            if wait > 0:
                return wait
            self._free_at = end
            return 0.0
