"""Several workers, stopped and woken ones, clocks that jump, midnight, orders meanwhile: on both databases."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl
import pytest

from pipelines.errors import CapReached, GatewayDown, GatewayRefused, GatewayTimeout, RateLimited
from pipelines.verify.worker.options import WorkerOptions
from pipelines.verify.worker.sender import Patience
from pipelines.workspace import state
from tests.pipelines.verify.stage import DAY, NEXT, Stage, asking, once, raising
from tests.pipelines.verify.world import Hands

OUTSIDE = ["begun", "enqueued", "places_given", "reserved", "asked", "answered", "settled"]
"""Steps between two transactions, where another worker can come in."""


@pytest.mark.parametrize("step", OUTSIDE)
def test_two_workers_share_the_day_and_the_cap(stage: Stage, step: str) -> None:
    stage.cap = 60
    stage.enqueue(asking(range(100), tenants=3))
    other = stage.turn("b")
    first = stage.turn("a", step=once(step, other.run)).run()
    assert (first.stopped_by, sum(stage.states().values())) == ("cap", 100)
    stage.check_at_rest(100)
    assert stage.desk.used(DAY) == 60
    taken = stage.rows("SELECT tenant, places, reserved FROM tenant_days ORDER BY tenant")
    assert taken == [("students-00", 20, 20), ("students-01", 20, 20), ("students-02", 20, 20)]


@pytest.mark.parametrize("step", ["reserved", "asked", "answered"])
def test_a_worker_stopped_for_ten_minutes_and_woken_changes_nothing(stage: Stage, step: str) -> None:
    """What it held was taken over, settled and charged by another; it neither sends nor settles any of it."""
    stage.enqueue(asking(range(30)))
    seen: list[int] = []

    def stopped() -> None:
        stage.clock.go(600)
        stage.turn("b").run()
        seen.append(stage.desk.messages)

    woken = stage.turn("a", step=once(step, stopped)).run()
    assert (woken.stopped_by, woken.settled) == ("taken_over", 0)
    assert stage.desk.messages == seen[0], "it sent nothing any more"
    assert stage.states() == {"answered": 30}
    stage.check_at_rest(30)
    assert stage.rows("SELECT taken_by FROM turns ORDER BY turn") == [(2,), (None,)]


@dataclass
class HeldUp:
    """A line that holds the first message up until something else was done."""

    stage: Stage
    meanwhile: Callable[[], object]
    is_first: bool = True

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        if self.is_first:
            self.is_first = False
            self.meanwhile()
        return self.stage.desk.ask(questions)

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        return self.stage.desk.results(request_ids)


def test_a_message_that_is_held_up_for_longer_than_the_lease_changes_nothing(stage: Stage) -> None:
    """The gateway does not know it when another takes over, who asks again: the late message charges nothing."""
    stage.enqueue(asking(range(30)))

    def taken_over() -> None:
        stage.clock.go(200)
        assert stage.turn("b").run().settled == 30

    woken = stage.turn("a", transport=HeldUp(stage, taken_over)).run()
    assert (woken.stopped_by, woken.settled) == ("taken_over", 0)
    stage.check_at_rest(30)


def test_a_message_that_is_held_up_past_the_end_of_the_day_is_still_known_of(stage: Stage) -> None:
    """Asked again it is turned down for the day. It is not free for all that: the first message may come tomorrow."""
    stage.desk.cap = 0
    stage.enqueue(asking(range(10)))

    def a_day_later() -> None:
        stage.clock.go(200)
        assert stage.turn("b").run().stopped_by == "cap"
        assert stage.states() == {"asked": 10}
        assert stage.enqueue(asking(range(20, 25)), NEXT) == (5, 0), "nothing is cancelled that may be charged"
        stage.desk.cap, stage.desk.day = 12, NEXT

    stage.turn("a", transport=HeldUp(stage, a_day_later)).run()
    assert stage.desk.used(NEXT) == 10
    assert stage.turn("c", day=NEXT).run().stopped_by == "cap"
    assert stage.states() == {"answered": 12, "waiting": 3}
    stage.check_at_rest(15)


def test_what_nobody_heard_of_takes_places_of_the_next_day_before_others(stage: Stage) -> None:
    """Ten were sent and lost; of the next day's twelve places they take ten, and the tenants' shares know it."""
    stage.cap = 12
    stage.enqueue(asking(range(10)))
    cut(stage, 1)
    assert stage.turn(conduct=WorkerOptions(batch=10, tries=Patience(tries=1))).run().stopped_by == "outage"
    mended(stage)
    stage.enqueue(asking([*range(10), *range(20, 30)], tenants=2), NEXT)
    stage.desk.day = NEXT
    assert stage.turn("b", day=NEXT).run().stopped_by == "cap"
    assert stage.states() == {"answered": 12, "waiting": 8}
    assert stage.rows("SELECT day, reserved, charged FROM quota_days ORDER BY day") == [(DAY, 0, 0), (NEXT, 12, 12)]
    stage.check_at_rest(20)


def test_a_pause_also_holds_for_what_was_sent_and_never_heard_of(stage: Stage) -> None:
    stage.enqueue(asking(range(10)))
    cut(stage, 1)
    stage.turn(conduct=WorkerOptions(batch=10, tries=Patience(tries=1))).run()
    mended(stage)
    stage.order("pause")
    assert stage.turn("b").run().stopped_by == "paused"
    assert (stage.desk.messages, stage.states()) == (1, {"asked": 10})
    stage.order("resume")
    assert stage.turn("b").run().stopped_by == "empty"
    stage.check_at_rest(10)


def test_a_living_worker_is_not_disturbed(stage: Stage) -> None:
    stage.enqueue(asking(range(30)))

    def another_looks() -> None:
        stage.clock.go(100)  # less than a lease
        stage.turn("b", conduct=WorkerOptions(batch=5)).run()

    ended = stage.turn("a", step=once("asked", another_looks)).run()
    assert (ended.stopped_by, ended.settled) == ("empty", 10)
    assert stage.rows("SELECT count(*) FROM turns WHERE taken_by IS NOT NULL") == [(0,)]
    stage.check_at_rest(30)


@pytest.mark.parametrize("seconds", [-1, -3_600, -86_400, 3_600, 86_400])
def test_the_databases_clock_jumps_while_a_worker_is_dead(stage: Stage, seconds: float) -> None:
    """Whatever the clock says afterwards, what the dead one held is settled within a lease of looking twice."""
    stage.enqueue(asking(range(30)))

    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    with pytest.raises(Killed):
        stage.turn("a", step=once("answered", die)).run()
    stage.clock.database += seconds
    for worker in ("b", "c"):
        stage.turn(worker).run()
        stage.check(30)
        stage.clock.go(121)
    stage.turn("d").run()
    assert stage.states() == {"answered": 30}
    stage.check_at_rest(30)


@pytest.mark.parametrize("seconds", [-1, -3_600, -86_400, 3_600, 86_400])
def test_the_clock_jumps_under_a_living_worker(stage: Stage, seconds: float) -> None:
    stage.cap = 25
    stage.enqueue(asking(range(50)))

    def jump() -> None:
        stage.clock.database += seconds
        stage.turn("b", conduct=WorkerOptions(batch=5)).run()

    stage.turn("a", step=once("asked", jump)).run()
    stage.check_at_rest(50)
    assert stage.desk.used(DAY) == 25


def test_midnight_with_twenty_in_flight(stage: Stage) -> None:
    """Sent on one day, received on the next: charged to the next, whose own cap holds for what follows."""
    stage.cap = stage.desk.cap = 30
    stage.enqueue(asking(range(100)))

    def midnight(message: int) -> None:
        if message == 1:
            stage.desk.day = NEXT

    stage.desk.before = midnight
    ended = stage.turn(conduct=WorkerOptions(batch=20)).run()
    assert (ended.stopped_by, ended.settled) == ("cap", 30)
    assert stage.rows("SELECT day, cap, reserved, charged FROM quota_days ORDER BY day") == [
        (DAY, 30, 0, 0),
        (NEXT, 30, 30, 30),
    ]
    stage.check_at_rest(100)


def test_a_lost_answer_of_before_midnight_is_charged_to_its_own_day(stage: Stage) -> None:
    stage.cap = stage.desk.cap = 10
    stage.enqueue(asking(range(30)))
    lose_and_cut(stage)
    assert stage.turn().run().stopped_by == "outage"
    mended(stage)
    stage.desk.day = NEXT
    ended = stage.turn(day=NEXT).run()
    assert (ended.stopped_by, ended.settled) == ("cap", 10)
    assert {day: stage.desk.used(day) for day in (DAY, NEXT)} == {DAY: 10, NEXT: 10}
    stage.check_at_rest(30)


def test_what_may_be_charged_keeps_its_place_while_nobody_can_say(stage: Stage) -> None:
    """An answer is lost, then the line: its place stays taken until the gateway can be asked what became of it."""
    stage.cap = stage.desk.cap = 10
    stage.enqueue(asking(range(30)))

    lose_and_cut(stage)
    for _ in range(2):
        assert stage.turn().run().stopped_by == "outage"
        assert stage.rows("SELECT reserved, charged FROM quota_days") == [(10, 0)]
        stage.check(30)
    stage.desk.is_down = False
    assert stage.turn().run().stopped_by == "cap"
    stage.check_at_rest(30)


def cut(stage: Stage, *messages: int) -> None:
    """From this message on the line is gone, until `mended`."""

    def before(message: int) -> None:
        if message in messages:
            stage.desk.is_down = True
            raise GatewayTimeout("lost")

    stage.desk.before = before


def lose_and_cut(stage: Stage) -> None:
    """The first answer is lost, and then the line."""

    def after(_message: int) -> None:
        stage.desk.is_down = True
        raise GatewayTimeout("late")

    stage.desk.after = after


def mended(stage: Stage) -> None:
    stage.desk.is_down = False
    stage.desk.before = stage.desk.after = lambda _message: None


def test_an_order_to_pause_stops_after_the_message_under_way(stage: Stage) -> None:
    stage.enqueue(asking(range(30)))
    ended = stage.turn(step=once("asked", lambda: stage.order("pause"))).run()
    assert (ended.stopped_by, ended.error, ended.settled) == ("paused", "Lan: bảo trì", 10)
    assert stage.turn().run().stopped_by == "paused"
    stage.order("resume")
    assert stage.turn().run().stopped_by == "empty"
    stage.check_at_rest(30)


def test_the_cap_changes_at_noon_down_and_up(stage: Stage) -> None:
    """The cap in force holds for the next reservation; places that a higher one brings are given out."""
    stage.cap = 20
    stage.enqueue(asking(range(60)))

    assert stage.turn(step=once("asked", lambda: stage.order("cap", cap=15))).run().stopped_by == "cap"
    assert stage.desk.used(DAY) == 15
    stage.order("cap", cap=30)
    assert stage.turn().run().stopped_by == "cap"
    assert stage.desk.used(DAY) == 30
    stage.check_at_rest(60)


ERRORS = [
    # what fails, which messages, before or after the charge, how it ends, answered, why
    (GatewayDown("down"), (1,), "before", "empty", 30, "tried again"),
    (GatewayTimeout("late"), (1,), "after", "empty", 30, "the result is asked for, not the question again"),
    (RateLimited("slow", retry_after_s=7), (1, 2), "before", "empty", 30, "waits as long as it is told"),
    (CapReached("done", day=DAY), (2,), "before", "cap", 10, "the day is over"),
    (GatewayDown("down"), tuple(range(2, 20)), "before", "empty", 29, "look-ups pass: asked again alone; one rests"),
    (GatewayDown("maintenance", retry_after_s=7_200), (1,), "before", "outage", 0, "no use trying before it is over"),
]


@pytest.mark.parametrize(("error", "messages", "when", "stopped_by", "answered", "why"), ERRORS)
def test_what_the_line_says_and_what_follows(
    stage: Stage, error: Exception, messages: tuple[int, ...], when: str, stopped_by: str, answered: int, why: str
) -> None:
    stage.enqueue(asking(range(30)))
    setattr(stage.desk, when, raising(error, *messages))
    ended = stage.turn().run()
    assert (ended.stopped_by, ended.settled) == (stopped_by, answered), why
    stage.check(30)
    setattr(stage.desk, when, lambda _message: None)
    assert stage.turn().run().stopped_by == "empty"
    assert stage.states() == {"answered": 30}
    stage.check_at_rest(30)


def test_no_more_than_six_tries_and_the_distance_grows(stage: Stage) -> None:
    stage.enqueue(asking(range(10)))
    stage.desk.is_down = True
    assert stage.turn().run().stopped_by == "outage"
    assert stage.desk.messages == 6
    assert len(stage.clock.slept) == 5
    assert all(slept <= 0.5 * 2**n for n, slept in enumerate(stage.clock.slept))


def test_a_refused_message_ends_the_turn_and_is_told(stage: Stage) -> None:
    stage.enqueue(asking(range(10)))
    stage.desk.before = raising(GatewayRefused("no", code="UNSIGNED"), 1)
    turn = stage.turn()
    ended = turn.run()
    assert (ended.stopped_by, str(turn.refused)) == ("refused", "no")
    assert ended.since == "2026-11-22T05:26:40+07:00", "when it was told, by the database's clock"
    assert stage.rows("SELECT stopped_by, last_error FROM turns") == [("refused", "GatewayRefused: no")]
    stage.desk.before = lambda _message: None
    stage.turn().run()
    stage.check_at_rest(10)


def test_a_patient_worker_waits_for_the_line(stage: Stage) -> None:
    """Probes are look-ups every thirty seconds, which charge nothing; then all are asked, the first ones in parts."""
    stage.enqueue(asking(range(30)))
    down = {"until": 3_000.0, "probes": 0}

    def unless_up(_message: int) -> None:
        if stage.clock.machine < down["until"]:
            raise GatewayDown("down")

    class Probed:
        ask = stage.desk.ask

        def results(self, request_ids: list[str]) -> object:
            down["probes"] += 1
            unless_up(0)
            return stage.desk.results(request_ids)

    stage.desk.before = unless_up
    ended = stage.turn(transport=Probed(), conduct=WorkerOptions(batch=10, patience_s=86_400)).run()
    assert (ended.stopped_by, ended.settled) == ("empty", 30)
    assert 90 + 10 <= down["probes"] <= 101 + 10, "and one before each that is asked again"
    assert stage.desk.messages == 6 + 2 + 10
    stage.check_at_rest(30)


def test_pending_answers_are_looked_up_later_without_a_charge(stage: Stage) -> None:
    keys = asking(range(10))
    stage.desk.pending = frozenset(keys["request_id"].head(4).to_list())
    stage.enqueue(keys)
    assert stage.turn().run().settled == 6
    assert stage.states() == {"answered": 6, "asked": 4}
    stage.desk.pending, stage.desk.day = frozenset(), NEXT
    assert stage.turn(day=NEXT).run().stopped_by == "empty"
    assert stage.states() == {"answered": 10}
    assert (stage.desk.used(DAY), stage.desk.used(NEXT)) == (10, 0)
    stage.check_at_rest(10)


def test_three_workers_at_the_same_time(stage: Stage) -> None:
    """Threads with clocks of their own; the one cap and the tenants' places hold, and every place is used."""
    stage.cap = 150
    stage.enqueue(asking(range(240), tenants=4))
    errors: list[BaseException] = []

    def work(name: str) -> None:
        try:
            stage.turn(name, clock=Hands(), conduct=WorkerOptions(batch=7)).run()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert stage.turn("d").run().stopped_by == "cap"
    assert stage.desk.used(DAY) == 150
    stage.check_at_rest(240)
    given = [(places, reserved) for places, reserved in stage.rows("SELECT places, reserved FROM tenant_days")]
    assert all(reserved <= places for places, reserved in given)


def test_a_gateway_without_memory_is_caught(stage: Stage) -> None:
    """Negative control: idempotency off. A lost answer is charged again, and `check` sees it."""
    stage.enqueue(asking(range(10)))
    stage.desk.forgets = True
    stage.desk.after = raising(GatewayTimeout("late"), 1)
    stage.turn().run()
    with pytest.raises(AssertionError):
        stage.check(10)


def test_charges_on_the_wrong_day_are_caught(stage: Stage) -> None:
    """Negative control: somebody books what the gateway charged today to tomorrow."""
    stage.enqueue(asking(range(10)))
    stage.turn().run()
    stage.check_at_rest(10)
    with state.transaction(stage.engine) as connection:
        connection.exec_driver_sql(f"UPDATE quota_days SET day = '{NEXT}'")
        connection.exec_driver_sql(f"UPDATE ledger SET day = '{NEXT}'")
    with pytest.raises(AssertionError):
        stage.check_at_rest(10)


def test_an_answer_charged_yesterday_does_not_lead_back_to_yesterday(stage: Stage) -> None:
    """Heard of only when it is asked again: it belongs to its own day, and today's places go on to the others."""
    stage.cap = stage.desk.cap = 10
    stage.enqueue(asking(range(30)))
    cut(stage, 1)
    assert stage.turn(conduct=WorkerOptions(batch=10, tries=Patience(tries=1))).run().stopped_by == "outage"
    mended(stage)
    held_up = [row[0] for row in stage.rows("SELECT request_id FROM questions WHERE state = 'asked'")]

    def arrives() -> None:
        stage.desk.ask(pl.DataFrame({"request_id": held_up}))
        stage.desk.day = NEXT

    assert stage.turn("b", day=NEXT, step=once("places_given", arrives)).run().stopped_by == "cap"
    assert {day: stage.desk.used(day) for day in (DAY, NEXT)} == {DAY: 10, NEXT: 10}
    stage.check_at_rest(30)


def test_midnight_while_what_nobody_heard_of_is_asked_again(stage: Stage) -> None:
    """Today's places were all taken; tomorrow's begin with that very message, and the turn goes on under them."""
    stage.cap = stage.desk.cap = 10
    stage.enqueue(asking(range(30)))
    cut(stage, 3)
    fours = WorkerOptions(batch=4, tries=Patience(tries=1))
    assert stage.turn(conduct=fours).run().stopped_by == "outage"
    assert stage.states() == {"answered": 8, "asked": 2, "waiting": 20}

    def midnight(_message: int) -> None:
        stage.desk.day = NEXT

    mended(stage)
    stage.desk.before = midnight
    assert stage.turn("b", conduct=fours).run().stopped_by == "cap"
    assert {day: stage.desk.used(day) for day in (DAY, NEXT)} == {DAY: 8, NEXT: 10}
    stage.check_at_rest(30)


def test_a_message_that_a_sleeping_machine_held_up_is_sent_again(stage: Stage) -> None:
    """The gateway refuses it as too old. It was signed ten minutes ago, so no clock is wrong."""
    stage.enqueue(asking(range(10)))

    def slept(message: int) -> None:
        if message == 1:
            stage.clock.go(600)
            raise GatewayRefused("old", code="EXPIRED")

    stage.desk.before = slept
    assert stage.turn().run().stopped_by == "empty"
    stage.check_at_rest(10)
