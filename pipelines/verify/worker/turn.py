"""Runs one worker's turn: recovers questions left in flight, takes in new ones, asks until places, queue or connection
end.

A crash at any point is mended by the next turn: what was reserved but not sent is free again; what was sent is settled
by the answer that the gateway remembers; what the gateway does not know is asked again.
"""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Connection, Engine

from pipelines.errors import GatewayRefused
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.protocol.answers import DAILY_QUOTA
from pipelines.quota import day_plan, ledger, orders
from pipelines.verify.clock import Clock, RealClock, in_viet_nam
from pipelines.verify.queue import leases, schedule, transitions
from pipelines.verify.queue.enqueue import Transaction
from pipelines.verify.queue.leases import LeaseLost
from pipelines.verify.worker import pacing
from pipelines.verify.worker.circuit_breaker import Breaker
from pipelines.verify.worker.held_lease import HeldLease
from pipelines.verify.worker.options import Intake, Progress, Step, TurnResult, WorkerOptions
from pipelines.verify.worker.resend import LOST_IN_A_ROW, ResendSchedule
from pipelines.verify.worker.sender import BatchResult, Sender
from pipelines.workspace import state

_LOG = logging.getLogger(__name__)


def _no_progress(_done: int, _of: int) -> None:
    pass


def _no_step(_name: str) -> None:
    pass


def nothing_new(_transaction: Transaction) -> tuple[int, int]:
    """The intake of a worker that only asks what waits already."""
    return 0, 0


class _Stop(Exception):
    def __init__(self, why: str, error: str | None = None, since: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.error = error
        self.since = since


@dataclass
class Turn:
    """One turn of one worker. A turn is run once."""

    engine: Engine
    gateway: Gateway
    day: str
    """The quota day; it follows the gateway's answers over midnight."""
    worker: str
    run_id: str
    cap: int
    """Cap of a day, unless another was ordered."""
    conduct: WorkerOptions = field(default_factory=WorkerOptions)
    clock: Clock = field(default_factory=RealClock)
    progress: Progress = _no_progress
    step: Step = _no_step
    number: int = field(default=0, init=False)
    """Number of the turn, the fencing token of what it reserves."""
    asked: int = field(default=0, init=False)
    settled: int = field(default=0, init=False)
    refused: GatewayRefused | None = field(default=None, init=False)
    """Why the gateway refuses our messages; who can mend that at once raises it."""
    enqueued: int = field(default=0, init=False)
    cancelled: int = field(default=0, init=False)
    _lost_since: str | None = field(default=None, init=False)
    _plan: int = field(default=0, init=False)
    _lease: HeldLease = field(init=False)
    _pacer: pacing.Pacer = field(default_factory=pacing.Pacer, init=False)
    _of: int = field(default=0, init=False)
    _under_way: pl.DataFrame | None = field(default=None, init=False)
    """The questions of the message that the gateway answers beside."""
    _sender: Sender = field(init=False)
    _again: ResendSchedule = field(init=False)
    _lost_in_a_row: int = field(default=0, init=False)

    def run(self, take_in: Intake = nothing_new) -> TurnResult:
        """Result of the turn: its counts, and why it ended; also that the gateway refuses our messages, which the turn
        keeps.
        """
        self._begin()
        lost: _Stop | None = None
        try:
            try:
                self._recover()
            except _Stop as stop:  # what is new waits for a better line all the same
                lost = stop
            if not self.conduct.asks:
                raise _Stop("past")
            self.enqueued, self.cancelled = take_in(self._slice)
            self.step("enqueued")
            if lost:
                raise lost
            self._ask_all()
        except _Stop as stop:
            stopped = stop
        except LeaseLost:
            stopped = _Stop("taken_over")
        except GatewayRefused as fault:
            self.refused = fault
            stopped = _Stop("refused", f"{type(fault).__name__}: {fault}", self._moment())
        self._end(stopped)
        return TurnResult(
            stopped.why, stopped.error, stopped.since, self.enqueued, self.cancelled, self.asked, self.settled
        )

    def _begin(self) -> None:
        with state.transaction(self.engine) as connection:
            now = self.clock.now(connection)
            self.number = leases.begin(connection, self.worker, self.run_id, self.day, now)
            transitions.release_unsent(connection, self.number)
        self._lease = HeldLease(self.engine, self.clock, self.number)
        self._again = ResendSchedule(self.number)
        self._sender = Sender(
            self.gateway,
            self.clock,
            random.Random(self.number),
            Breaker(self.conduct.breaker),
            self.conduct.tries,
            self._lease.keep,
            self._lease.wait,
        )
        self.step("begun")

    def _end(self, stop: _Stop) -> None:
        if stop.why == "outage":
            _LOG.warning("Cổng xác thực không trả lời; phần còn lại chờ / the gateway is lost: %s", stop.error)
        with state.transaction(self.engine) as connection:
            error = None if stop.why == "paused" else stop.error  # an order is no error
            leases.end(connection, self.number, self.clock.now(connection), stop.why, error)
            transitions.release_unsent(connection, self.number)
        self.step("ended")

    def _recover(self) -> None:
        """Settle what others left asked and what is pending, by what the gateway remembers."""
        with state.reading(self.engine) as connection:
            unsettled = transitions.held(connection, "asked", self.number)
        for part in unsettled.iter_slices(self.conduct.batch):
            found = self._sender.results(part)
            self.step("looked_up")
            with self._lease.transaction() as connection:
                received = _with_sequence(found.received, part)
                transitions.settle(connection, received, self.number, self.day, was_sent_before=True)
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
            if self._ask_in_order(planned):
                self._stop_if_done(was_idle=self.asked == before)

    def _ask_in_order(self, planned: list[int]) -> bool:
        """Whether the plan still holds after all of these."""
        if self.gateway.answers_beside and self.conduct.hours is None:
            return self._ask_beside(planned)
        position = 0
        while position < len(planned):
            batch = planned[position : position + self._pacer.batch(self.conduct.batch)]
            position += len(batch)
            if not self._ask(batch):
                return False
        return True

    def _ask_beside(self, planned: list[int]) -> bool:
        """As `_ask_in_order`: a message is settled, and the one after the next reserved, while the next is answered."""
        try:
            for begin in range(0, len(planned), self.conduct.batch):
                taken = self._reserve(planned[begin : begin + self.conduct.batch])
                if taken is None:
                    self._hand_over(None)
                    return False
                if taken.height and not self._hand_over(taken):
                    return False
        except _Stop:
            self._hand_over(None)
            raise
        return self._hand_over(None)

    def _hand_over(self, taken: pl.DataFrame | None) -> bool:
        """Whether the plan still holds once the message under way is answered, and settled after these were sent.

        They are sent only if nothing stands against it: every other answer is dealt with first, alone.
        """
        before, self._under_way = self._under_way, None
        result = None if before is None else self._answers(before)
        goes_on = result is None or (self._is_whole(result) and not self._sender.breaker.is_open)
        if taken is not None:
            with self._lease.transaction() as connection:
                ordered = orders.pause(connection) or not day_plan.is_in_force(connection, self.day, self._plan)
                goes_on = goes_on and not ordered
                if goes_on:
                    self._mark(connection, taken)
                else:
                    transitions.release_unsent(connection, self.number)
            if goes_on:
                self._count_sent(taken)
                self._sender.begin(taken)
                self._under_way = taken
        is_current = before is None or result is None or self._conclude(before, result)
        return is_current and goes_on

    def _is_whole(self, result: BatchResult) -> bool:
        """Whether each question has its answer, on the day that we count on."""
        received = result.received
        is_of_day = (received["quota_day"] == self.day).fill_null(True).all()
        return result.error is None and is_of_day and not (received["error"] == DAILY_QUOTA).any()

    def _ask_again(self) -> bool:
        """Whether it is still the day, after what was sent and never heard of, but for what rests, was asked again.

        It has its places, whatever the plan.
        """
        unanswered = self._unheard()
        self._of += unanswered.height
        parts = self._again.parts(unanswered, self._pacer.batch(self.conduct.batch))
        while parts:
            part = parts.pop(0)
            self._lease.wait(self._pacer.wait_s(self.clock.elapsed()))
            with self._lease.transaction() as connection:
                self._stop_if_ordered(connection)
                self._pace(connection)
            self._count(part.height)
            result = self._sender.ask_again(part)
            if not self._settle(part, result):
                return False
            parts = self._again.left(result, parts, self._lost_in_a_row, self.clock.elapsed())
        self._lost_in_a_row = 0
        self.step("asked_again")
        return True

    def _unheard(self) -> pl.DataFrame:
        with state.reading(self.engine) as connection:
            found = transitions.to_ask_again(connection, self.number, self.day)
        return self._again.awake(found, self.clock.elapsed())

    def _count_sent(self, taken: pl.DataFrame) -> None:
        self.step("asked")
        self._count(taken.height)

    def _count(self, questions: int) -> None:
        self.asked += questions
        self._pacer.sent(questions, self.clock.elapsed())

    def _share_out(self) -> list[int]:
        """The questions to ask by the day's places, planned anew or as another worker has just planned them."""
        with self._lease.transaction() as connection:
            in_force = day_plan.last(connection, self.day)
            if in_force is None or in_force <= self._plan or not self._plan:
                schedule.give_places(connection, self.number, self.day, self.cap)
            self._plan = day_plan.last(connection, self.day) or 0
            planned = schedule.in_order(connection, self.day)
            self._pace(connection)
        self.step("places_given")
        self.progress(self.settled, self.settled + len(planned))
        self._of = self.settled + len(planned)
        return planned

    def _ask(self, sequences: list[int]) -> bool:
        """Whether the plan still holds after this batch."""
        taken = self._reserve(sequences)
        if taken is None:
            return False
        if taken.is_empty():
            return True
        with self._lease.transaction() as connection:
            self._mark(connection, taken)
        self._count_sent(taken)
        return self._conclude(taken, self._answers(taken))

    def _reserve(self, sequences: list[int]) -> pl.DataFrame | None:
        """Those of these questions that nobody else took, with their places; None if the plan holds no more."""
        self._lease.wait(self._pacer.wait_s(self.clock.elapsed()))
        with self._lease.transaction() as connection:
            if not self._may_ask(connection):
                return None
            self._pace(connection)
            taken = transitions.reserve(connection, sequences, self.number, self.day)
            self.step("before_reserved")
        self.step("reserved")
        return taken

    def _mark(self, connection: Connection, taken: pl.DataFrame) -> None:
        transitions.mark_asked(connection, taken["sequence"].to_list(), self.number, self.day)
        self.step("before_asked")

    def _answers(self, taken: pl.DataFrame) -> BatchResult:
        result = self._sender.ask(taken)
        self.step("answered")
        return result

    def _conclude(self, taken: pl.DataFrame, result: BatchResult) -> bool:
        """Whether the plan still holds once this batch is settled, and the line is there."""
        is_current = self._settle(taken, result)
        if self._lost_in_a_row >= LOST_IN_A_ROW:
            self._wait_for_line(taken, result.error)
        if not result.is_lost:
            self._again.rest(result.open["request_id"], self.clock.elapsed())
        return is_current

    def _settle(self, taken: pl.DataFrame, result: BatchResult) -> bool:
        """Whether the plan still holds. What the line did not answer stays asked until the gateway has a word on it."""
        received = _with_sequence(result.received, taken)
        with self._lease.transaction() as connection:
            settled = transitions.settle(
                connection, received, self.number, self.day, was_sent_before=result.was_sent_before
            )
            done = {"sent": self._sender.sent, "settled": settled}
            leases.count(connection, self.number, **done, error=result.error)
            if result.day_over and not result.was_sent_before:
                rest = transitions.unanswered(connection, self.number, result.open["sequence"].to_list())
                transitions.release(connection, rest)
            self.step("before_settled")
        self.settled += settled
        self._sender.sent = 0
        self.step("settled")
        self.progress(self.settled, self._of)
        if (received["error"] == DAILY_QUOTA).any():
            raise _Stop("cap")
        self._stop_if_lost(result, taken)
        return self._is_still_the_day(received, is_told_now=not result.was_sent_before)

    def _may_ask(self, connection: Connection) -> bool:
        """Whether the plan is in force and no order came after it. Stops where a human said so, and out of hours."""
        self._stop_if_ordered(connection)
        return day_plan.is_in_force(connection, self.day, self._plan)

    def _stop_if_ordered(self, connection: Connection) -> None:
        ordered = orders.pause(connection)
        if ordered:
            raise _Stop("paused", f"{ordered['given_by']}: {ordered['reason']}", ordered["given_at"])
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
        """Returns while something is left to ask in this turn, now or once it has rested."""
        if self._unheard().height:
            return
        with state.reading(self.engine) as connection:
            waits, left = schedule.anything_waits(connection), ledger.left(connection, self.day)
            now = in_viet_nam(self.clock.now(connection))
        if waits and left and not was_idle:
            return
        rest_s = self._again.next_s(self.clock.elapsed())
        patience_s = self.conduct.hours.left_s(now) if self.conduct.hours else self.conduct.patience_s
        if rest_s is None or rest_s >= patience_s:
            raise _Stop("cap" if waits and not left else "empty")
        self._lease.wait(rest_s)

    def _stop_if_lost(self, result: BatchResult, batch: pl.DataFrame) -> None:
        """Returns if the line is there, or once it is there again, if we have the patience.

        A look-up tells a lost line from a message that the gateway cannot take.
        """
        if result.day_over:
            raise _Stop("cap", result.error)
        breaker = self._sender.breaker
        self._lost_in_a_row = self._lost_in_a_row + 1 if result.is_lost else 0
        if not result.is_lost:
            self._lost_since = None
        elif self._lost_since is None:
            self._lost_since = self._moment()
        if result.is_lost:
            breaker.open_now(self.clock.elapsed())
            if not result.is_closed:
                self._sender.probe(batch)
        if breaker.is_open:
            self._wait_for_line(batch, result.error)

    def _wait_for_line(self, batch: pl.DataFrame, error: str | None) -> None:
        """Returns once a look-up passes, half a minute from now or later."""
        breaker, begun = self._sender.breaker, self.clock.elapsed()
        if not breaker.is_open:
            breaker.open_now(begun)
        while breaker.is_open:
            wait_s = breaker.probe_in_s(self.clock.elapsed())
            if self.clock.elapsed() - begun + wait_s > self.conduct.patience_s:
                raise _Stop("outage", error, self._lost_since or self._moment())
            self._lease.wait(wait_s)
            self._sender.probe(batch)
        self._lost_in_a_row = 0

    def _moment(self) -> str:
        with state.reading(self.engine) as connection:
            return in_viet_nam(self.clock.now(connection)).isoformat(timespec="seconds")

    def _pace(self, connection: Connection) -> None:
        """The rate at which what is left of the day's places lasts for what is left of the hours."""
        if self.conduct.hours is None:
            return
        now = self.clock.now(connection)
        seconds = self.conduct.hours.to_use_s(in_viet_nam(now))
        places = ledger.planned(connection, self.day)
        self._pacer.interval_s = pacing.interval_s(places, seconds, leases.alive(connection, now))

    @contextmanager
    def _slice(self) -> Iterator[Connection]:
        with self._lease.transaction() as connection:
            yield connection
            self.step("before_enqueued")


def _with_sequence(received: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
    """The answers with the `sequence` of their questions."""
    return received.join(sent.select("request_id", "sequence"), on="request_id", maintain_order="left")
