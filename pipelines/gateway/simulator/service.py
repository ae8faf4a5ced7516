"""Receives a message and returns the reply: applies the ordered fault, checks the sender, then answers.

Everything that both transports have in common is here. A transport only carries the `Reply`, and does to the line
what its `delivery` says.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pipelines.gateway.protocol import messages, signing
from pipelines.gateway.protocol.clock import Now
from pipelines.gateway.protocol.messages import Unreadable
from pipelines.gateway.protocol.signing import Request
from pipelines.gateway.simulator import compare, fault_injection, request_log
from pipelines.gateway.simulator.answering import BAD_FORMAT, Answered, Answering
from pipelines.gateway.simulator.fault_plan import Draw, Faults, Kind
from pipelines.gateway.simulator.rate_limit import Rate
from pipelines.gateway.simulator.replies import Replies, Reply

_LOG = logging.getLogger(__name__)


@contextmanager
def open_service(
    registry: Path,
    memory_file: Path,
    *,
    cap: int,
    secret: bytes,
    now: Now,
    faults: Faults | None = None,
    questions_per_s: float | None = None,
    units: frozenset[str] | None = None,
    on_step: Callable[[str], None] = lambda _name: None,
) -> Iterator["Service"]:
    """A gateway over the snapshot `registry` whose memory is the SQLite file `memory_file`."""
    ordered = faults or Faults()
    rate = Rate(questions_per_s, messages.MOST_ROWS) if questions_per_s else None
    with compare.open_people(registry) as held, request_log.open_log(memory_file) as engine:
        answering = Answering(held, engine, ordered.quota(cap), ordered.review, on_step)
        yield Service(answering, secret, now, faults=ordered, rate=rate, units=units)


class Service:
    """One gateway, whatever carries its messages."""

    def __init__(
        self,
        answering: Answering,
        secret: bytes,
        now: Now,
        *,
        faults: Faults | None = None,
        rate: Rate | None = None,
        units: frozenset[str] | None = None,
    ) -> None:
        self._answering = answering
        self._replies = Replies(secret, answering.quota)
        self._now = now
        self._faults = faults or Faults()
        self._draw = Draw(self._faults)
        self._rate = rate
        self._units = units
        """Who may ask; None: whoever signs with the secret."""

    @property
    def hold_s(self) -> float:
        """Seconds for which a silent connection is held."""
        return self._faults.hold_s

    def receive(self, request: Request, signature: str) -> Reply:
        """The reply to a message, after whatever fault it meets."""
        now = self._now()
        kind, left_s = self._draw.next(request.body, now)
        if kind in fault_injection.LOST:
            return fault_injection.LOST[kind]
        if kind in fault_injection.TURNED_DOWN:
            wait_s = (left_s or self._faults.retry_after_s) if kind in fault_injection.WAIT else None
            return self._error(request, now, *fault_injection.TURNED_DOWN[kind], wait_s)
        reply = self._dealt_with(request, signature, now, kind)
        return fault_injection.on_the_way(kind, reply, request, self._replies, self._faults.slow_s)

    def _dealt_with(self, request: Request, signature: str, now: datetime, kind: Kind | None) -> Reply:
        refused = self._refusal(request, signature, now)
        if refused:
            return self._error(request, now, *refused)
        try:
            told = self._desk_says(request, now)
        except Unreadable as fault:
            return self._error(request, now, 400, BAD_FORMAT, str(fault))
        if isinstance(told, float):
            return self._error(request, now, *fault_injection.TURNED_DOWN[Kind.rate], told)
        if told.is_replay:
            return self._error(request, now, 409, "REPLAYED", "the nonce was used before")
        _LOG.info("%s: %d answers, %d charged today", request.path, told.answers.height, told.accepted)
        return self._replies.answers(request, now, told, fault_injection.spoil(kind))

    def _refusal(self, request: Request, signature: str, now: datetime) -> tuple[int, str, str] | None:
        if self._units is not None and request.unit not in self._units:
            return 403, "FORBIDDEN", "this unit may not ask"
        if not signing.is_signed(self._replies.secret, request.text, signature):
            return 401, "UNSIGNED", "the signature is not of this message and secret"
        age_s = signing.age_s(request.sent_at, now)
        if age_s is None or not 0 < len(request.nonce) <= 64:
            return 400, BAD_FORMAT, "nonce or sent_at"
        if age_s > signing.OLDEST_S:
            return 408, "EXPIRED", f"sent more than {signing.OLDEST_S} s ago"
        if age_s < -signing.FUTURE_S:
            return 425, "FUTURE", f"sent more than {signing.FUTURE_S} s ahead"
        return None

    def _desk_says(self, request: Request, now: datetime) -> Answered | float:
        """Answers, or the seconds to wait before it listens."""
        if request.path == messages.ASK:
            questions = messages.read_questions(request.body)
            wait_s = self._rate.wait_s(questions.height, now) if self._rate else 0.0
            return wait_s or self._answering.ask(questions, request.nonce, now)
        is_single = request.method == "GET"
        codes = [request.path.rpartition("/")[2]] if is_single else messages.read_codes(request.body)
        return self._answering.results(codes, request.nonce, now)

    def _error(
        self, request: Request, now: datetime, status: int, code: str, message: str, wait_s: float | None = None
    ) -> Reply:
        accepted = self._answering.accepted(now)
        return self._replies.error(request, now, accepted, status, code, message, wait_s)
