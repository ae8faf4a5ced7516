"""Plans ordered faults: which message meets which fault. The same table and the same messages, the same faults.

A fault is drawn by a hash of the seed, the message's body (its request codes) and how often that body has come, or
stated for a window of time or for messages counted from 1. `service` says what each kind does.
"""

import hashlib
import tomllib
from collections import Counter
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipelines.config import TIME_ZONE
from pipelines.errors import BadInput
from pipelines.gateway.simulator.answering import Review
from pipelines.gateway.simulator.quota import MOST_LATE_S, Change, Quota, in_order

_DAY = timedelta(days=1)


class Kind(StrEnum):
    """Kind of a fault that can be ordered."""

    outage = "outage"
    """The connection breaks before the gateway has seen anything."""
    maintenance = "maintenance"
    """Status 503 until the end of a window."""
    error_500 = "error_500"
    bad_gateway = "bad_gateway"
    """Status 502 with a page that is no answer."""
    inner_error = "inner_error"
    """Status 200 with an error inside."""
    rate = "rate"
    """Status 429 with the code RATE."""
    lost_before = "lost_before"
    """No answer ever, and nothing was charged."""
    lost_after = "lost_after"
    """No answer ever, and all was charged."""
    reset_after = "reset_after"
    """All was charged, then the connection breaks."""
    slow = "slow"
    drip = "drip"
    """The answer comes a few bytes at a time."""
    truncated = "truncated"
    """Half of the JSON."""
    duplicate = "duplicate"
    """Each answer twice."""
    shuffled = "shuffled"
    """The answers in another order."""
    wrong_key = "wrong_key"
    """Each answer under another one's request code."""
    another_request = "another_request"
    """The answer belongs to another message."""


class Window(BaseModel):
    """A fault of all messages between two times, or from one message to another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    begin: datetime | time | None = Field(default=None, alias="from")
    """Beginning: an instant, or a time of each day, also one that runs over midnight; in Việt Nam."""
    until: datetime | time | None = None
    first: int | None = Field(default=None, ge=1)
    """First message, counted from 1 since the gateway was started."""
    last: int | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_time = self.begin is not None and self.until is not None and type(self.begin) is type(self.until)
        if by_time == (self.first is not None and self.last is not None):
            raise ValueError("a window has either from and until, of one form, or first and last")
        if (self.first or 0) > (self.last or 0) or (by_time and _is_empty(self.begin, self.until)):
            raise ValueError("a window must end after it begins")
        return self

    def ends_in_s(self, now: datetime, message: int) -> float | None:
        """Seconds until the window ends; 0 if it ends with a message; None if it is not open."""
        if self.first is not None and self.last is not None:
            return 0.0 if self.first <= message <= self.last else None
        here = now.astimezone(TIME_ZONE)
        begin, until = _at(self.begin, here), _at(self.until, here)
        if until < begin:  # each day, over midnight
            begin, until = (begin, until + _DAY) if here >= begin else (begin - _DAY, until)
        return (until - here).total_seconds() if begin <= here < until else None


class Faults(BaseModel):
    """A table of faults, of the day's rules and of pending answers, as `--faults FILE` gives it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    share: dict[Kind, float] = {}
    """Share of all messages that meet each kind."""
    window: tuple[Window, ...] = ()
    slow_s: float = Field(default=30.0, gt=0)
    """Seconds that a slow or dripping answer takes."""
    hold_s: float = Field(default=120.0, gt=0)
    """Seconds for which a connection is held when no answer will come."""
    retry_after_s: int = Field(default=1, ge=1)
    """Seconds that status 429 RATE says."""
    change: tuple[Change, ...] = ()
    """Changes of the cap during the day."""
    reset_late_s: int = Field(default=0, ge=-MOST_LATE_S, le=MOST_LATE_S)
    pending_share: float = Field(default=0.0, ge=0, le=1)
    """Share of questions that are answered MANUAL_REVIEW first."""
    pending_s: int = Field(default=3_600, ge=0)
    """Seconds until their final answer."""

    @model_validator(mode="after")
    def _shares(self) -> Self:
        if min(self.share.values(), default=0) < 0 or sum(self.share.values()) > 1:
            raise ValueError("shares must not be negative, nor more than 1 together")
        return self

    @field_validator("change")
    @classmethod
    def _in_order(cls, change: tuple[Change, ...]) -> tuple[Change, ...]:
        return in_order(change)

    def quota(self, cap: int) -> Quota:
        """The day's rules, with this cap where the table changes nothing."""
        return Quota(cap=cap, changes=self.change, reset_late_s=self.reset_late_s)

    @property
    def review(self) -> Review:
        """The rule for the answers that come later."""
        return Review(share=self.pending_share, after_s=self.pending_s, seed=self.seed)

    def drawn(self, body: bytes, attempt: int) -> Kind | None:
        """The fault that this attempt of sending this body meets, at whatever time it comes."""
        text = f"{self.seed}|{hashlib.sha256(body).hexdigest()}|{attempt}"
        point = int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48
        for kind, share in self.share.items():
            if point < share:
                return kind
            point -= share
        return None


class Draw:
    """Counts messages and draws the fault of each."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._messages = 0
        self._attempts: Counter[bytes] = Counter()
        self._lock = Lock()

    def next(self, body: bytes, now: datetime) -> tuple[Kind | None, float]:
        """The fault of the next message, if any, and the seconds until its window ends (0 if it has none)."""
        identity = hashlib.sha256(body).digest()
        with self._lock:
            self._messages += 1
            attempt, message = self._attempts[identity], self._messages
            if self._faults.share:
                self._attempts[identity] += 1
        for window in self._faults.window:
            left = window.ends_in_s(now, message)
            if left is not None:
                return window.kind, left
        return self._faults.drawn(body, attempt), 0.0


def load_faults(path: Path) -> Faults:
    """The table of faults in a TOML file. Errors: BadInput that names what is wrong."""
    try:
        return Faults.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError:
        raise BadInput("no_such_file", f"Không đọc được tệp «{path}» / the file cannot be read.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadInput("bad_faults", f"«{path}» không phải TOML / is no TOML: {fault}") from None
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "—"
        raise BadInput(
            "bad_faults", f"«{path}», {place}: {first['msg']} (xem / see pipelines/gateway/mix.toml)"
        ) from None


@cache
def mix() -> Faults:
    """The mix of faults that everything must survive (`mix.toml`)."""
    return load_faults(Path(__file__).parents[1] / "mix.toml")


def _is_empty(begin: datetime | time | None, until: datetime | time | None) -> bool:
    """Of two instants, or of two times of the day, which may run over midnight."""
    if isinstance(begin, datetime) and isinstance(until, datetime):
        return _at(begin, begin) >= _at(until, until)
    return begin == until


def _at(moment: datetime | time | None, now: datetime) -> datetime:
    assert moment is not None
    if isinstance(moment, datetime):
        return moment if moment.tzinfo else moment.replace(tzinfo=TIME_ZONE)
    return datetime.combine(now.date(), moment, TIME_ZONE)
