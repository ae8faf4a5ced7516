"""One worker's turn: recover what was left in flight, take in what is new, ask until places, queue or line end.

A crash at any point is mended by the next turn: what was reserved but not sent is free again; what was sent is settled
by the answer that the gateway remembers; what the gateway does not know is asked again.
"""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Connection, Engine

from pipelines import state
from pipelines.errors import GatewayRefused
from pipelines.verify import leases, ledger, orders, pacing, plan, queue, transitions
from pipelines.verify.breaker import Breaker, Limits
from pipelines.verify.clock import Clock, RealClock, in_viet_nam
from pipelines.verify.delivery import Courier, Delivery, Patience
from pipelines.verify.gateway import DAILY_QUOTA, Gateway
from pipelines.verify.intake import Transaction
from pipelines.verify.leases import LEASE_S, LeaseLost

_LOG = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with the questions settled in this turn and the questions that it may ask."""
Step = Callable[[str], None]
"""Called with a step's name as it is passed; the crash tests stop the process there."""
Intake = Callable[[Transaction], tuple[int, int]]
"""Takes questions in, in transactions of this kind, and says how many came and went."""

MESSAGE_EVERY_S = 5.0
"""How often a paced worker sends, if its rate allows."""
REST_S = 3_600.0
"""A question that was tried as often as it may be is left alone for so long."""


def _no_progress(_done: int, _of: int) -> None:
    pass


def _no_step(_name: str) -> None:
    pass


def nothing_new(_transaction: Transaction) -> tuple[int, int]:
    """The intake of a worker that only asks what waits."""
    return 0, 0


@dataclass(frozen=True)
class Conduct:
    """How a worker behaves on the line."""

    batch: int = transitions.BATCH
    hours: pacing.Hours | None = None
    """Paced over these hours; None: as fast as the gateway answers."""
    patience_s: float = 0.0
    """How long it waits for a lost line before the turn ends; the nightly flow has other things to do."""
    tries: Patience = field(default_factory=Patience)
    breaker: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Ended:
    """What a turn did and why it stopped."""

    stopped_by: str
    """empty, cap, outage, paused, closed (out of hours), taken_over."""
    error: str | None
    enqueued: int
    cancelled: int
    asked: int
    settled: int


class _Stop(Exception):
    def __init__(self, why: str, error: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.error = error


@dataclass
class Turn:
    """One worker's asking. A turn is run once."""

    engine: Engine
    gateway: Gateway
    day: str
    """The quota day; it follows the gateway's answers over midnight."""
    worker: str
    run_id: str
    cap: int
    """Of a day, unless another was ordered."""
    conduct: Conduct = Conduct()
    clock: Clock = field(default_factory=RealClock)
    progress: Progress = _no_progress
    step: Step = _no_step
    number: int = field(default=0, init=False)
    """The fencing token of what it reserves."""
    asked: int = field(default=0, init=False)
    settled: int = field(default=0, init=False)
    _plan: int = field(default=0, init=False)
    _renewed_at: float = field(default=0.0, init=False)
    _pacer: pacing.Pacer = field(default_factory=lambda: pacing.Pacer(0.0), init=False)
    _batch: int = field(default=transitions.BATCH, init=False)
    _of: int = field(default=0, init=False)
    _courier: Courier = field(init=False)
    _resting: dict[str, float] = field(default_factory=dict, init=False)

    def run(self, take_in: Intake = nothing_new) -> Ended:
        """What was done, and why it ended. Errors: Terminal if the gateway refuses our messages."""
        self._begin()
        enqueued = cancelled = 0
        lost: _Stop | None = None
        try:
            try:
                self._recover()
            except _Stop as stop:  # what is new waits for a better line all the same
                lost = stop
            enqueued, cancelled = take_in(self._slice)
            self.step("enqueued")
            if lost:
                raise lost
            self._ask_all()
        except _Stop as stop:
            stopped = stop
        except LeaseLost:
            stopped = _Stop("taken_over")
        except GatewayRefused as fault:
            self._end(_Stop("refused", f"{type(fault).__name__}: {fault}"))
            raise
        self._end(stopped)
        return Ended(stopped.why, stopped.error, enqueued, cancelled, self.asked, self.settled)

    def _begin(self) -> None:
        with state.transaction(self.engine) as connection:
            now = self.clock.now(connection)
            self.number = leases.begin(connection, self.worker, self.run_id, self.day, now)
            transitions.release_unsent(connection, self.number)
        self._renewed_at = self.clock.elapsed()
        self._courier = Courier(
            self.gateway,
            self.clock,
            random.Random(self.number),
            Breaker(self.conduct.breaker),
            self.conduct.tries,
            self._keep_lease,
            self._pause,
        )
        self.step("begun")

    def _end(self, stop: _Stop) -> None:
        if stop.why == "outage":
            _LOG.warning("Cổng xác thực không trả lời; phần còn lại chờ / the gateway is lost: %s", stop.error)
        with state.transaction(self.engine) as connection:
            leases.end(connection, self.number, self.clock.now(connection), stop.why, stop.error)
        self.step("ended")

    def _recover(self) -> None:
        """Settle what others left asked and what is pending, by what the gateway remembers."""
        with state.reading(self.engine) as connection:
            unsettled = transitions.held(connection, "asked", self.number)
        for part in unsettled.iter_slices(self.conduct.batch):
            found = self._courier.results(part)
            self.step("looked_up")
            with self._held() as connection:
                transitions.settle(connection, found.received, self.number, self.day, was_sent_before=True)
                self.step("before_recovered")
            self.step("recovered")
            self._stop_if_lost(found, part)

    def _ask_all(self) -> None:
        """Ends with the reason as a _Stop."""
        while True:
            planned = self._share_out()
            before = self.asked
            if not self._ask_again():
                continue
            for start in range(0, len(planned), self._batch):
                is_current = self._ask(planned[start : start + self._batch], rest=len(planned) - start)
                if not is_current:
                    break
            else:
                self._stop_if_done(was_idle=self.asked == before)

    def _ask_again(self) -> bool:
        """Whether it is still the day, after what was sent and never heard of, but for what rests, was asked again.

        It has its places, whatever the plan.
        """
        with state.reading(self.engine) as connection:
            unheard = transitions.to_ask_again(connection, self.number, self.day)
        unheard = unheard.filter(~pl.col("request_id").is_in(self._rested().implode()))
        self._of += unheard.height
        for part in unheard.iter_slices(self._batch):
            self._pause(self._pacer.wait_s(part.height, self.clock.elapsed()))
            with self._held() as connection:
                self._stop_if_ordered(connection)
            delivery = self._courier.ask_again(part)
            self.asked += part.height
            if not self._settle(part, delivery):
                return False
        self.step("asked_again")
        return True

    def _share_out(self) -> list[str]:
        """The questions to ask by the day's places, planned anew or as another worker has just planned them."""
        with self._held() as connection:
            in_force = plan.last(connection, self.day)
            if in_force is None or in_force <= self._plan or not self._plan:
                cap = orders.cap(connection, self.cap)
                ledger.open_day(connection, self.day, cap)
                transitions.move_to(connection, self.number, self.day)
                queue.give_places(connection, self.number, self.day, cap)
            self._plan = plan.last(connection, self.day) or 0
            planned = queue.in_order(connection, self.day)
            self._pace(connection, len(planned))
        self.step("places_given")
        self.progress(self.settled, self.settled + len(planned))
        self._of = self.settled + len(planned)
        return planned

    def _ask(self, request_ids: list[str], rest: int) -> bool:
        """Whether the plan still holds after this batch, the first of `rest` questions."""
        with self._held() as connection:
            if not self._may_ask(connection):
                return False
            taken = transitions.reserve(connection, request_ids, self.number, self.day)
            self._pacer.interval_s = self._interval_s(connection, rest)
            self.step("before_reserved")
        self.step("reserved")
        if taken.is_empty():  # another worker was faster, or took the last place
            return True
        # Only for what is sent: each of several workers comes by all that the others have taken.
        self._pause(self._pacer.wait_s(taken.height, self.clock.elapsed()))
        with self._held() as connection:
            self._stop_if_ordered(connection)
            transitions.mark_asked(connection, taken["request_id"].to_list(), self.number, self.day)
            self.step("before_asked")
        self.step("asked")
        delivery = self._courier.ask(taken)
        self.asked += taken.height
        self.step("answered")
        return self._settle(taken, delivery)

    def _settle(self, taken: pl.DataFrame, delivery: Delivery) -> bool:
        """Whether the plan still holds. What the line did not answer stays asked until the gateway has a word on it."""
        received = delivery.received
        with self._held() as connection:
            settled = transitions.settle(
                connection, received, self.number, self.day, was_sent_before=delivery.was_sent_before
            )
            leases.count(connection, self.number, sent=self._courier.sent, settled=settled)
            if delivery.day_over and not delivery.was_sent_before:
                rest = transitions.unheard(connection, self.number, delivery.open["request_id"].to_list())
                transitions.release(connection, rest)
            self.step("before_settled")
        self.settled += settled
        self._courier.sent = 0
        self.step("settled")
        self.progress(self.settled, self._of)
        if (received["error"] == DAILY_QUOTA).any():
            raise _Stop("cap")
        self._stop_if_lost(delivery, taken)
        return self._is_still_the_day(received, is_told_now=not delivery.was_sent_before)

    def _may_ask(self, connection: Connection) -> bool:
        """Whether the plan is in force and no order came after it. Stops where a human said so, and out of hours."""
        self._stop_if_ordered(connection)
        return plan.is_in_force(connection, self.day, self._plan)

    def _stop_if_ordered(self, connection: Connection) -> None:
        ordered = orders.pause(connection)
        if ordered:
            raise _Stop("paused", f"{ordered['given_by']}: {ordered['reason']}")
        hours = self.conduct.hours
        if hours and not hours.left_s(in_viet_nam(self.clock.now(connection))):
            raise _Stop("closed")

    def _is_still_the_day(self, received: pl.DataFrame, *, is_told_now: bool) -> bool:
        """Whether the gateway charges to the day that we count on; from now on we count on the gateway's.

        An earlier message may have been charged to a day that is over: that leads nowhere back.
        """
        told = str(received["quota_day"].max() or self.day)
        if told == self.day or (told < self.day and not is_told_now):
            return True
        self.day = told
        self._plan = 0
        return False

    def _stop_if_done(self, *, was_idle: bool) -> None:
        with state.reading(self.engine) as connection:
            if not queue.anything_waits(connection):
                raise _Stop("empty")
            if not ledger.left(connection, self.day):
                raise _Stop("cap")
        if was_idle:
            raise _Stop("empty")

    def _stop_if_lost(self, delivery: Delivery, batch: pl.DataFrame) -> None:
        """Returns once the line is there again, if we have the patience."""
        breaker, begun = self._courier.breaker, self.clock.elapsed()
        if delivery.error is not None:
            self._resting |= dict.fromkeys(delivery.open["request_id"].to_list(), begun + REST_S)
        if delivery.day_over:
            raise _Stop("cap", delivery.error)
        if delivery.is_lost:
            breaker.open_now(begun)
        while breaker.is_open:
            wait_s = breaker.probe_in_s(self.clock.elapsed())
            if self.clock.elapsed() - begun + wait_s > self.conduct.patience_s:
                raise _Stop("outage", delivery.error)
            self._pause(wait_s)
            self._courier.probe(batch)

    def _rested(self) -> pl.Series:
        now = self.clock.elapsed()
        self._resting = {request: until for request, until in self._resting.items() if until > now}
        return pl.Series(list(self._resting), dtype=pl.String)

    def _pace(self, connection: Connection, questions: int) -> None:
        self._pacer, self._batch = pacing.Pacer(0.0), self.conduct.batch
        if self.conduct.hours is None or not questions:
            return
        interval_s = self._interval_s(connection, questions)
        # Small messages at short distances rather than few large ones.
        self._batch = max(1, min(self._batch, int(MESSAGE_EVERY_S / max(interval_s, 1e-9))))
        self._pacer = pacing.Pacer(interval_s, burst=self._batch)

    def _interval_s(self, connection: Connection, questions: int) -> float:
        """Seconds a question from now on: time that the line cost, and a worker that left, are made up for."""
        if self.conduct.hours is None:
            return 0.0
        now = self.clock.now(connection)
        seconds = self.conduct.hours.left_s(in_viet_nam(now))
        return pacing.interval_s(questions, seconds, leases.alive(connection, now))

    @contextmanager
    def _held(self) -> Iterator[Connection]:
        """A transaction that happens only while nobody has taken over."""
        with state.transaction(self.engine) as connection:
            self._renew(connection)
            yield connection

    @contextmanager
    def _slice(self) -> Iterator[Connection]:
        with self._held() as connection:
            yield connection
            self.step("before_enqueued")

    def _renew(self, connection: Connection) -> None:
        leases.renew(connection, self.number, self.clock.now(connection))
        self._renewed_at = self.clock.elapsed()

    def _keep_lease(self) -> None:
        """Before a message: whoever was stopped for long asks first whether it is still its turn."""
        if self.clock.elapsed() - self._renewed_at > LEASE_S / 4:
            with self._held():
                pass

    def _pause(self, seconds: float) -> None:
        """Waits, and holds the lease meanwhile."""
        until = self.clock.elapsed() + seconds
        while (left := until - self.clock.elapsed()) > 0:
            self.clock.sleep(min(left, LEASE_S / 4))
            self._keep_lease()
