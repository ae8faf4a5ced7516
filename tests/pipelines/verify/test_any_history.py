"""Any history of nights, workers, faults, orders and clocks against a simple model of what must hold.

The default run has a few hundred steps on SQLite; `make test-long` searches (HYPOTHESIS_PROFILE=search).
"""

import contextlib
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pipelines.config import Settings
from pipelines.errors import GatewayDown, GatewayTimeout, RateLimited
from pipelines.quota import orders
from pipelines.verify.worker.options import WorkerOptions
from pipelines.workspace import state
from tests.pipelines.verify.stage import Stage, asking

FIRST = date(2026, 11, 22)
CAPS = st.integers(0, 25)
STEPS = (
    "begun",
    "before_enqueued",
    "places_given",
    "asked_again",
    "before_reserved",
    "reserved",
    "before_asked",
    "asked",
)
STEPS += ("answered", "before_settled", "settled", "looked_up", "before_recovered", "recovered")


class Killed(BaseException):
    """The worker's process ends here."""


def nth(step: str, count: int, work: Callable[[], None]) -> Callable[[str], None]:
    left = [count]

    def on_step(name: str) -> None:
        if name == step:
            left[0] -= 1
            if left[0] == 0:
                work()

    return on_step


class Queue(RuleBasedStateMachine):
    """The model: which questions were ever enqueued, and how much each day's highest cap allows."""

    @initialize(cap=CAPS)
    def open(self, cap: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.opened = state.opened(Settings(workspace=Path(self.folder.name)))
        self.stage = Stage(self.opened.__enter__(), cap=cap)
        self.stage.desk.cap = cap
        self.day = FIRST
        self.enqueued: set[str] = set()
        self.highest = {FIRST: cap}
        self.in_force = cap
        self.paused = False

    @property
    def today(self) -> str:
        return self.day.isoformat()

    @rule(first=st.integers(0, 40), count=st.integers(1, 15), tenants=st.integers(1, 3))
    def night(self, first: int, count: int, tenants: int) -> None:
        """Tonight's files ask just these."""
        questions = asking(range(first, first + count), tenants)
        self.stage.enqueue(questions, self.today)
        self.enqueued |= set(questions["request_id"].to_list())

    @rule(worker=st.sampled_from("ab"), batch=st.integers(1, 9))
    def work(self, worker: str, batch: int) -> None:
        ended = self.stage.turn(worker, self.today, WorkerOptions(batch=batch)).run()
        if ended.stopped_by == "cap":
            # More than the cap in force where it was lowered after they were asked.
            assert self.in_force <= self.stage.desk.used(self.today) <= self.highest[self.day] or self._in_flight()
        if ended.stopped_by == "empty":
            assert "waiting" not in self.stage.states()

    @rule(worker=st.sampled_from("ab"), step=st.sampled_from(STEPS), count=st.integers(1, 3))
    def die(self, worker: str, step: str, count: int) -> None:
        def kill() -> None:
            raise Killed

        with contextlib.suppress(Killed):
            self.stage.turn(worker, self.today, WorkerOptions(batch=4), step=nth(step, count, kill)).run()

    @rule(step=st.sampled_from(("reserved", "asked", "answered", "settled")), seconds=st.sampled_from((0, 60, 600)))
    def interleave(self, step: str, seconds: float) -> None:
        """One is stopped for so long, another works meanwhile, the first is woken."""

        def other() -> None:
            self.stage.clock.go(seconds)
            self.stage.turn("b", self.today, WorkerOptions(batch=3)).run()

        self.stage.turn("a", self.today, WorkerOptions(batch=5), step=nth(step, 1, other)).run()

    @rule(
        error=st.sampled_from((GatewayDown("down"), GatewayTimeout("late"), RateLimited("slow", retry_after_s=2))),
        messages=st.sets(st.integers(1, 8), min_size=1),
        after=st.booleans(),
    )
    def fail(self, error: Exception, messages: set[int], after: bool) -> None:
        """Some messages fail; only a timeout may follow a charge."""
        begun = self.stage.desk.messages

        def fault(number: int) -> None:
            if number - begun in messages:
                raise error

        when = "after" if after and isinstance(error, GatewayTimeout) else "before"
        setattr(self.stage.desk, when, fault)
        self.stage.turn("a", self.today, WorkerOptions(batch=4)).run()
        setattr(self.stage.desk, when, lambda _number: None)

    @rule(worker=st.sampled_from("ab"))
    def outage(self, worker: str) -> None:
        self.stage.desk.is_down = True
        assert self.stage.turn(worker, self.today, WorkerOptions(batch=4)).run().settled == 0
        self.stage.desk.is_down = False

    @rule(cap=CAPS)
    def change_cap(self, cap: int) -> None:
        noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
        with state.transaction(self.stage.engine) as connection:
            orders.write(connection, self.day, orders.CAP, by="Lan", at=noon, reason="x", detail={"cap": cap})
        self.in_force = self.stage.desk.cap = cap
        self.highest[self.day] = max(self.highest[self.day], cap)

    @rule(seconds=st.sampled_from((-86_400, -3_600, -1, 3_600, 86_400)))
    def set_clock(self, seconds: float) -> None:
        self.stage.clock.database += seconds

    @rule()
    def midnight(self) -> None:
        self.day += timedelta(days=1)
        self.stage.desk.day = self.today
        self.highest[self.day] = self.in_force

    @precondition(lambda self: hasattr(self, "stage"))
    @invariant()
    def nothing_lost_nothing_twice_never_over(self) -> None:
        self.stage.check(len(self.enqueued))
        for day, cap in self.highest.items():
            assert self.stage.desk.used(day.isoformat()) <= cap
        answered = {key for (key,) in self.stage.rows("SELECT request_id FROM questions WHERE state = 'answered'")}
        assert answered <= set(self.stage.desk.told) <= self.enqueued

    def _in_flight(self) -> bool:
        return bool({"reserved", "asked"} & set(self.stage.states()))

    def teardown(self) -> None:
        """Whatever has happened: two leases later everything in flight is settled, and a day clears what is left."""
        if not hasattr(self, "stage"):
            return
        self.stage.cap = 1_000
        self.day += timedelta(days=1)
        self.highest[self.day] = 0
        self.stage.desk.day = self.today
        self.change_cap(1_000)
        for worker in "cd":
            self.stage.clock.go(200)
            self.stage.turn(worker, self.today).run()
        states = self.stage.states()
        assert not {"waiting", "reserved", "asked"} & set(states)
        self.stage.check_at_rest(len(self.enqueued))
        self.opened.__exit__(None, None, None)
        self.folder.cleanup()


TestQueue = Queue.TestCase
TestQueue.settings = hypothesis_settings(
    hypothesis_settings.get_profile("default"), max_examples=12, stateful_step_count=12, deadline=None
)
