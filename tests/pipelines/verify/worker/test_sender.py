"""How long the courier goes on with a gateway that says one thing for ever."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
import pytest

from pipelines.errors import CapReached, RateLimited
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.protocol.answers import QUESTION
from pipelines.verify.worker.circuit_breaker import Breaker
from pipelines.verify.worker.sender import Patience, Sender
from tests.pipelines.verify.world import Hands

ONE = pl.DataFrame([{"request_id": "r"}], schema=QUESTION)


@dataclass
class Same:
    """A line on which every message meets the same error."""

    error: Exception
    messages: int = 0

    def ask(self, _questions: pl.DataFrame) -> pl.DataFrame:
        self.messages += 1
        raise self.error

    def results(self, _request_ids: Sequence[str]) -> pl.DataFrame:
        self.messages += 1
        raise self.error


@dataclass
class Sent:
    """A courier on that line, and its clock."""

    line: Same
    clock: Hands = field(default_factory=Hands)
    breaker: Breaker = field(default_factory=Breaker)

    def courier(self) -> Sender:
        gateway = Gateway(self.line)
        return Sender(gateway, self.clock, random.Random(1), self.breaker, Patience(), lambda: None, self.clock.sleep)


SLOWER = [
    # Retry-After, at most so many messages, why
    (0.0, 200, "it says nothing of how long"),
    (1.0, 200, "a second is not enough, as it sees"),
    (600.0, 7, "six times ten minutes"),
    (3_601.0, 1, "longer than it is waited for at all"),
    (1e12, 1, "until the end of time"),
    (float("inf"), 1, "a number too long to be one"),
]


@pytest.mark.parametrize(("retry_after_s", "most", "why"), SLOWER)
def test_slower_for_ever_counts_as_lost_after_an_hour(retry_after_s: float, most: int, why: str) -> None:
    """Not after an hour for each try; and it is asked ever more seldom."""
    sent = Sent(Same(RateLimited("slower", retry_after_s=retry_after_s)))
    batch = sent.courier().ask(ONE)
    assert batch.is_lost
    assert sent.line.messages <= most, why
    assert sent.clock.machine <= 3_600.0


@pytest.mark.parametrize("error", [RateLimited("slower"), CapReached("done")])
def test_a_line_that_answers_anything_is_there_again(error: Exception) -> None:
    sent = Sent(Same(error))
    sent.breaker.open_now(0.0)
    assert sent.courier().probe(ONE)
    assert not sent.breaker.is_open
