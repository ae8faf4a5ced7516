"""Sends a batch over a connection that fails: what may be tried again is, with growing backoff.

A question keeps its request code, so asking again is the same request. Before a question is asked again that may have
been charged, the gateway is asked for its result. Whether to try again follows from the error's type
(`pipelines/errors.py`); Terminal errors pass through.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from pipelines.errors import CapReached, GatewayDown, GatewayRefused, GatewayTimeout, RateLimited
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.protocol.answers import ANSWER
from pipelines.verify.clock import Clock
from pipelines.verify.worker.circuit_breaker import Breaker

EXPIRED = "EXPIRED"
HELD_UP_S = 60.0
"""Delay after which a message refused as too old was held up, as by a machine that slept; no clock is wrong."""


@dataclass(frozen=True)
class Patience:
    """Limits of how often and how long the same question is tried."""

    tries: int = 6
    """Most tries within an hour."""
    base_s: float = 0.5
    most_s: float = 60.0
    rate_s: float = 3_600.0
    """Seconds after which a gateway that says nothing but "slower" counts as lost."""

    def backoff_s(self, failures: int, chance: random.Random) -> float:
        """Seconds of backoff with full jitter: anything up to twice as much as before the last failure.

        Source: Brooker (2015), Exponential backoff and jitter, AWS Architecture Blog.
        """
        return chance.uniform(0.0, min(self.most_s, self.base_s * 2 ** (failures - 1)))


@dataclass
class BatchResult:
    """A batch and what has become of it so far."""

    open: pl.DataFrame
    """Questions without an answer."""
    answers: list[pl.DataFrame] = field(default_factory=list)
    was_sent_before: bool = False
    """Whether a message with these questions may have reached the gateway all the same, or may still."""
    day_over: bool = False
    """Whether the gateway's day is used up."""
    is_closed: bool = False
    """Whether the gateway reported that it is closed for longer than anybody waits."""
    is_refused: bool = False
    """Whether the gateway refuses the message for its content."""
    error: str | None = None
    """The last error, if questions are left."""

    @property
    def is_lost(self) -> bool:
        """Whether no answer came at all. A few questions without an answer are their own trouble."""
        return self.error is not None and not self.answers

    @property
    def received(self) -> pl.DataFrame:
        """All answers, one a question."""
        return pl.concat([pl.DataFrame(schema=ANSWER), *self.answers])

    def take(self, answers: pl.DataFrame) -> None:
        """Adds answers to these questions."""
        if not answers.is_empty():
            self.answers.append(answers)
        self.open = self.open.join(answers.select("request_id"), on="request_id", how="anti", maintain_order="left")


@dataclass
class Sender:
    """The sender of one worker's messages to the gateway."""

    gateway: Gateway
    clock: Clock
    chance: random.Random
    breaker: Breaker
    patience: Patience
    before_sending: Callable[[], None]
    """Function that is called before each message; it may raise to keep the message back."""
    wait: Callable[[float], None]
    sent: int = field(default=0, init=False)
    """Number of questions in messages that were sent, those sent again counted again."""
    _begun: Callable[[], pl.DataFrame] | None = field(default=None, init=False)
    """The answers to the message that was begun."""

    def begin(self, questions: pl.DataFrame) -> None:
        """Sends the batch to a gateway that answers beside; the next `ask`, of the same, waits for the answers."""
        self.before_sending()
        self._begun = self.gateway.ask_beside(questions)

    def ask(self, questions: pl.DataFrame) -> BatchResult:
        """Result of sending the batch: its answers, and the questions that got none."""
        return self._until_done(BatchResult(questions), self._ask)

    def ask_again(self, questions: pl.DataFrame) -> BatchResult:
        """Result of sending questions again that were sent before and never answered."""
        return self._until_done(BatchResult(questions, was_sent_before=True), self._ask)

    def results(self, questions: pl.DataFrame) -> BatchResult:
        """Answers given before to these questions; those that the gateway does not know stay open, without an error."""
        return self._until_done(BatchResult(questions, was_sent_before=True), self._look_up)

    def probe(self, questions: pl.DataFrame) -> bool:
        """Whether the connection is there again, by one look-up, which charges nothing."""
        self.before_sending()
        try:
            self.gateway.results(questions["request_id"].head(1).to_list())
        except (GatewayDown, GatewayTimeout):
            self.breaker.failed(self.clock.elapsed())
            return False
        except (RateLimited, CapReached):
            pass
        self.breaker.succeeded()
        return True

    def _until_done(self, batch: BatchResult, step: Callable[[BatchResult], None]) -> BatchResult:
        for failures in range(1, self.patience.tries + 1):
            distance_s = self.patience.backoff_s(failures, self.chance)
            try:
                batch.error = None
                step(batch)
            except CapReached as fault:
                batch.day_over, batch.error = True, _said(fault)
            except GatewayTimeout as fault:
                batch.was_sent_before, batch.error = True, _said(fault)
            except GatewayDown as fault:
                batch.error = _said(fault)
                distance_s = max(distance_s, fault.retry_after_s or 0.0)
                batch.is_closed = distance_s > self.patience.most_s
            is_hopeless = batch.day_over or self.breaker.is_open or batch.is_closed or batch.is_refused
            if batch.error is None or is_hopeless or failures == self.patience.tries:
                break
            self.wait(distance_s)
        return batch

    def _ask(self, batch: BatchResult) -> None:
        if batch.was_sent_before:
            self._look_up(batch)
        if batch.open.is_empty():
            return
        asked = batch.open
        try:
            batch.take(self._call(lambda: self._answers(asked)))
        except GatewayRefused as fault:
            _turned_down(batch, fault)
            return
        if not batch.open.is_empty():
            raise GatewayTimeout(f"{batch.open.height} yêu cầu không có trả lời dùng được / without a usable answer.")

    def _answers(self, asked: pl.DataFrame) -> pl.DataFrame:
        self.sent += asked.height
        begun, self._begun = self._begun, None
        received = begun() if begun else self.gateway.ask(asked)
        if received.is_empty():
            raise GatewayTimeout("Không có trả lời nào dùng được / no usable answer.")
        return received

    def _look_up(self, batch: BatchResult) -> None:
        request_ids = batch.open["request_id"].to_list()
        batch.take(self._call(lambda: self.gateway.results(request_ids)))

    def _call(self, message: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        waited_s, times = 0.0, 0
        while True:
            self.before_sending()
            begun = self.clock.elapsed()
            try:
                received = message()
            except RateLimited as slower:
                times += 1
                distance_s = slower.retry_after_s + self.patience.backoff_s(times, self.chance)
                waited_s += distance_s
                if waited_s > self.patience.rate_s:
                    # As long again for each of the tries would be a night.
                    raise GatewayDown(str(slower), retry_after_s=self.patience.rate_s) from slower
                self.wait(distance_s)
            except (GatewayDown, GatewayTimeout):
                self.breaker.failed(self.clock.elapsed())
                raise
            except GatewayRefused as fault:
                if fault.code != EXPIRED or self.clock.elapsed() - begun < HELD_UP_S:
                    raise
                raise GatewayTimeout(f"Yêu cầu bị giữ lại giữa đường / the message was held up: {fault}") from fault
            else:
                self.breaker.passed(self.clock.elapsed())
                return received


def _turned_down(batch: BatchResult, fault: GatewayRefused) -> None:
    """A message that is not taken for what is in it: alone, a question is turned down for itself.

    That is the gateway's to say: a question that only somebody on the way does not let through stays as it is.
    """
    if not fault.is_for_content:
        raise fault
    if batch.open.height > 1 or not fault.is_theirs:
        batch.is_refused, batch.error = True, _said(fault)
        return
    alone = batch.open.select("request_id", error=pl.lit(fault.code))
    batch.take(alone.match_to_schema(ANSWER, missing_columns="insert"))


def _said(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"
