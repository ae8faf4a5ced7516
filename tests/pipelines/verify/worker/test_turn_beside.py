"""A gateway that answers beside: one message is settled while the next is under way, and nothing else is different."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import polars as pl
import pytest

from pipelines.errors import GatewayRefused, GatewayTimeout, PipelineError
from tests.pipelines.verify.stage import DAY, NEXT, A, B, C, Desk, Stage, asking, once, raising

EACH_MESSAGE = ["before_reserved", "reserved", "before_asked", "asked", "answered", "before_settled", "settled"]


@dataclass
class DeskBeside(Desk):
    """The desk of `Stage`, which answers when it is waited for; `begun` counts what was sent."""

    begun: int = 0

    def begin(self, questions: pl.DataFrame) -> Callable[[], pl.DataFrame]:
        self.begun += 1
        return lambda: self.ask(questions)


@dataclass
class PromptDesk(DeskBeside):
    """The same, but it has answered by the time that the message is handed over."""

    def begin(self, questions: pl.DataFrame) -> Callable[[], pl.DataFrame]:
        self.begun += 1
        answered: Future[pl.DataFrame] = Future()
        try:
            answered.set_result(self.ask(questions))
        except PipelineError as fault:
            answered.set_exception(fault)
        return answered.result


class Stopped(BaseException):
    """The process ends here, as far as the turn can tell."""


@pytest.fixture(params=[DeskBeside, PromptDesk])
def desk(request: pytest.FixtureRequest, stage: Stage) -> DeskBeside:
    made: DeskBeside = request.param()
    stage.desk = made
    return made


def stop() -> None:
    raise Stopped


def nth(step: str, number: int, work: Callable[[], object]) -> Callable[[str], None]:
    """A step callback that does this work when the step is passed for the `number`-th time."""
    left = number

    def on_step(name: str) -> None:
        nonlocal left
        left -= name == step
        if name == step and left == 0:
            work()

    return on_step


def test_the_books_are_those_of_one_message_after_the_other(stage: Stage, desk: DeskBeside) -> None:
    """A place taken and a charge for each message of ten, two messages a tenant, each message sent once."""
    stage.cap = 60
    stage.enqueue(asking(range(100), tenants=3))
    ended = stage.turn().run()
    assert (ended.stopped_by, ended.asked, ended.settled, desk.begun, desk.messages) == ("cap", 60, 60, 6, 6)
    stage.check_at_rest(100)
    changes = "SELECT tenant, reserved, charged, count(*) FROM ledger GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    assert stage.rows(changes) == [(tenant, *entry) for tenant in (A, B, C) for entry in ((0, 10, 2), (10, 0, 2))]
    assert stage.rows("SELECT sent, settled FROM turns") == [(60, 60)]


def test_a_message_is_settled_while_the_next_is_under_way(stage: Stage, desk: DeskBeside) -> None:
    stage.enqueue(asking(range(30)))
    seen: list[int] = []
    stage.turn(step=lambda name: seen.append(desk.begun) if name == "before_settled" else None).run()
    assert seen == [2, 3, 3]


@pytest.mark.parametrize("step", EACH_MESSAGE)
@pytest.mark.parametrize("number", [1, 2])
def test_whoever_is_stopped_at_a_step_is_resumed(stage: Stage, desk: DeskBeside, step: str, number: int) -> None:
    stage.cap = 30
    stage.enqueue(asking(range(50)))
    with pytest.raises(Stopped):
        stage.turn(step=nth(step, number, stop)).run()
    stage.check(50)
    assert stage.turn().run().stopped_by == "cap"
    stage.check_at_rest(50)
    assert desk.used(DAY) == 30


def test_two_messages_are_under_way_at_most_and_both_are_taken_up(stage: Stage, desk: DeskBeside) -> None:
    """Stopped before the first is settled: the second was sent. The next turn asks the gateway for both."""
    stage.enqueue(asking(range(50)))
    with pytest.raises(Stopped):
        stage.turn(step=nth("before_settled", 1, stop)).run()
    assert stage.states() == {"asked": 20, "waiting": 30}
    recovered: list[dict[str, int]] = []
    stage.turn(step=once("enqueued", lambda: recovered.append(stage.states()))).run()
    assert recovered[0]["answered"] == (20 if isinstance(desk, PromptDesk) else 10), "what the gateway had answered"
    assert stage.states() == {"answered": 50}
    stage.check_at_rest(50)


def test_a_worker_that_was_stopped_with_two_under_way_and_woken_changes_nothing(stage: Stage, desk: DeskBeside) -> None:
    stage.enqueue(asking(range(30)))

    def stopped() -> None:
        stage.clock.go(600)
        stage.turn("b").run()

    woken = stage.turn("a", step=nth("asked", 2, stopped)).run()
    assert (woken.stopped_by, woken.settled) == ("taken_over", 0)
    assert stage.states() == {"answered": 30}
    stage.check_at_rest(30)


@pytest.mark.parametrize(("step", "number"), [("asked", 1), ("reserved", 2), ("answered", 1)])
def test_an_order_to_pause_stops_after_the_message_under_way(
    stage: Stage, desk: DeskBeside, step: str, number: int
) -> None:
    """What is reserved already is not sent any more, and is free again."""
    stage.enqueue(asking(range(30)))
    ended = stage.turn(step=nth(step, number, lambda: stage.order("pause"))).run()
    assert (ended.stopped_by, ended.settled, desk.begun) == ("paused", 10, 1)
    assert stage.states() == {"answered": 10, "waiting": 20}
    stage.check_at_rest(30)


def test_another_plan_holds_for_what_is_reserved_already(stage: Stage, desk: DeskBeside) -> None:
    stage.enqueue(asking(range(50)))
    lower = nth("answered", 1, lambda: stage.order("cap", cap=20))
    assert stage.turn(step=lower).run().stopped_by == "cap"
    assert stage.states() == {"answered": 20, "waiting": 30}
    stage.check_at_rest(50)


@pytest.mark.parametrize("message", [1, 2, 3])
def test_a_message_without_an_answer_is_dealt_with_before_the_next_is_sent(
    stage: Stage, desk: DeskBeside, message: int
) -> None:
    stage.enqueue(asking(range(30)))
    desk.after = raising(GatewayTimeout("no answer"), message)
    ended = stage.turn().run()
    assert (ended.stopped_by, ended.settled) == ("empty", 30)
    stage.check_at_rest(30)


def test_the_gateways_day_is_used_up_before_ours(stage: Stage, desk: DeskBeside) -> None:
    stage.enqueue(asking(range(50)))
    desk.cap = 25
    assert stage.turn().run().stopped_by == "cap"
    assert stage.states() == {"answered": 25, "waiting": 25}
    stage.check_at_rest(50)


def test_a_refused_message_ends_the_turn_and_frees_what_was_not_sent(stage: Stage, desk: DeskBeside) -> None:
    stage.enqueue(asking(range(50)))
    desk.before = raising(GatewayRefused("no", code="UNSIGNED"), 2)
    ended = stage.turn().run()
    assert (ended.stopped_by, ended.settled) == ("refused", 10)
    assert stage.states() == {"answered": 10, "asked": 10, "waiting": 30}
    desk.before = lambda _n: None
    assert stage.turn().run().stopped_by == "empty"
    stage.check_at_rest(50)


def test_midnight_between_two_messages(stage: Stage, desk: DeskBeside) -> None:
    stage.cap = 40
    stage.enqueue(asking(range(60)))

    def midnight() -> None:
        desk.day = NEXT

    assert stage.turn(step=nth("answered", 2, midnight)).run().stopped_by == "empty"
    stage.check_at_rest(60)
    assert desk.used(DAY) in (20, 30), "the third message may have been answered before midnight"
    assert desk.used(NEXT) == 60 - desk.used(DAY)
