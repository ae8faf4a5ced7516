"""One question that a gateway cannot take is found and holds up nobody else; on both databases."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import pytest

from pipelines.errors import GatewayDown, GatewayRefused, GatewayTimeout
from pipelines.verify.worker.options import WorkerOptions
from tests.pipelines.verify.stage import Stage, asking, request


@dataclass
class Poisoned:
    """A gateway that fails every message with one of these questions in it."""

    stage: Stage
    poison: frozenset[str]
    error: Exception
    messages: int = 0

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        self.messages += 1
        if not self.poison.isdisjoint(questions["request_id"].to_list()):
            raise self.error
        return self.stage.desk.ask(questions)

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        return self.stage.desk.results(request_ids)


@pytest.mark.parametrize("error", [GatewayDown("500"), GatewayTimeout("502")], ids=["down", "timeout"])
@pytest.mark.parametrize("poison", [{3}, {3, 250}, {7, 8, 9}])
def test_a_question_that_the_gateway_cannot_take_holds_up_nobody_else(
    stage: Stage, poison: set[int], error: Exception
) -> None:
    """All others are answered in the same turn; it stays asked, since nobody knows what became of it, and rests."""
    stage.enqueue(asking(range(400)))
    gateway = Poisoned(stage, frozenset(request(number) for number in poison), error)
    ended = stage.turn(transport=gateway, conduct=WorkerOptions(batch=100)).run()
    assert (ended.stopped_by, ended.settled) == ("empty", 400 - len(poison))
    assert stage.states() == {"answered": 400 - len(poison), "asked": len(poison)}
    assert gateway.messages < 150
    assert stage.turn().run().stopped_by == "empty"
    stage.check_at_rest(400)


REFUSALS = [
    # the gateway's own, what becomes of the question, why
    (True, [("cancelled", "refused:FORMAT")], "the gateway's word"),
    (False, [("asked", None)], "somebody on the way, as a proxy that dislikes a name: nobody has turned it down"),
]


@pytest.mark.parametrize(("is_theirs", "becomes", "why"), REFUSALS)
def test_a_question_for_which_a_message_is_refused_is_found(
    stage: Stage, is_theirs: bool, becomes: list[tuple[str, str | None]], why: str
) -> None:
    """400 for the whole message, whatever else is in it."""
    stage.enqueue(asking(range(40)))
    refused = GatewayRefused("no", code="FORMAT", is_for_content=True, is_theirs=is_theirs)
    ended = stage.turn(transport=Poisoned(stage, frozenset({request(3)}), refused)).run()
    assert (ended.stopped_by, ended.settled) == ("empty", 39)
    assert stage.rows(f"SELECT state, reason FROM questions WHERE request_id = '{request(3)}'") == becomes, why
    stage.check(40)


def test_a_gateway_that_takes_no_questions_is_lost_though_look_ups_pass(stage: Stage) -> None:
    """Three messages in a row; on the next turn what was sent rests after as many, and the turn is short."""
    stage.enqueue(asking(range(400)))
    everything = Poisoned(stage, frozenset(map(request, range(400))), GatewayDown("500"))
    first = stage.turn(transport=everything, conduct=WorkerOptions(batch=20)).run()
    assert (first.stopped_by, first.settled, everything.messages) == ("outage", 0, 3 * 6)
    second = stage.turn(transport=everything, conduct=WorkerOptions(batch=20)).run()
    assert (second.stopped_by, everything.messages) == ("outage", 3 * 6 + 3 * 6 + 3 * 6)
    assert stage.turn().run().stopped_by == "empty"
    stage.check_at_rest(400)
