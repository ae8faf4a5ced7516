"""Any interleaving of several workers' single transactions, messages, faults, clocks and orders, against a model.

`test_any_history` runs whole turns; here a worker may be overtaken, killed or woken between any two transactions. The
model knows what was ever enqueued, what the gateway charged, and who holds what.

python -m tests.pipelines.verify.machine [--steps 1000000] [--seed 1] [--processes 2] searches; writes
benchmarks/results/machine.json.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection

from pipelines.config import Settings
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.protocol.answers import ANSWER
from pipelines.quota import day_plan, orders
from pipelines.quota.allocation import POLICIES
from pipelines.verify.queue import enqueue, leases, schedule, transitions
from pipelines.verify.queue.leases import LEASE_S, LeaseLost
from pipelines.workspace import state
from tests.pipelines.verify.stage import Desk, asking, sequences, with_sequence

FIRST = date(2026, 11, 22)
CAPS = st.sampled_from((6, 3, 12, 0))
WEIGHTS = ("1", "1/3", "2.5", "1000000")
WORKERS = st.sampled_from("abc")
LOST = st.sampled_from(("no", "after", "before", "half", "late"))
"""What of a message is: nothing, its answer, itself, half of the answers; or it is held up on the line."""
RESULTS = Path(__file__).parents[3] / "benchmarks" / "results" / "machine.json"
REFUSED = 7
"""Every question whose number ends so is turned down for itself."""
Question = tuple[str, str, str | None, str | None, int | None, str | None]
"""request_id, state, reserved_on, charged_on, lease_token, full_name"""
steps_taken = 0


@dataclass
class Worker:
    """What one of them has in its memory, which a kill loses."""

    turn: int
    planned: list[int] = field(default_factory=list)
    """Sequences in the order of asking, as it was when it looked; another may have asked some of them since."""
    in_hand: list[str] = field(default_factory=list)
    """Reserved, not yet marked as asked."""
    to_send: list[str] = field(default_factory=list)
    """Marked as asked, not yet sent."""
    again: set[str] = field(default_factory=set)
    """What it asks that was in an earlier message too."""
    mail: list[tuple[pl.DataFrame, bool]] = field(default_factory=list)
    """Answers that have come and are not yet settled, and whether the question was in an earlier message too."""


class Picky(Desk):
    """A gateway that turns some questions down, and has a day of its own."""

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        bad = pl.col("request_id").str.slice(7, 1) == str(REFUSED)
        told = super().ask(questions.filter(~bad)) if questions.filter(~bad).height else pl.DataFrame(schema=ANSWER)
        turned_down = questions.filter(bad).select("request_id", error=pl.lit("FORMAT"))
        return pl.concat([told, turned_down], how="diagonal").select(list(ANSWER)).cast(ANSWER)


class Transactions(RuleBasedStateMachine):
    """The queue, its workers and the gateway."""

    @initialize(cap=CAPS)
    def open(self, cap: int) -> None:
        self.opened = state.opened(Settings(state_url="sqlite://"))
        self.engine = self.opened.__enter__()
        self.desk = Picky(cap=cap)
        self.gateway = Gateway(self.desk)
        self.day, self.now, self.in_force = FIRST, 1_795_300_000.0, cap
        self.highest = {FIRST.isoformat(): cap}
        self.enqueued: set[str] = set()
        self.wanted: set[str] = set()
        """What tonight's files ask."""
        self.workers: dict[str, Worker] = {}
        self.paused = False
        self.held_up: list[list[str]] = []
        """Messages that may still arrive, and whose answers nobody will read."""
        self.transaction = partial(state.transaction, self.engine)
        self.night(0, 12, 3, 100)

    @property
    def today(self) -> str:
        return self.day.isoformat()

    @rule(
        first=st.integers(0, 30), count=st.integers(1, 12), tenants=st.integers(1, 3), value=st.sampled_from((50, 100))
    )
    def night(self, first: int, count: int, tenants: int, value: int) -> None:
        """Tonight's files ask just these; what is no longer asked and still waits is cancelled."""
        questions = asking(range(first, first + count), tenants, value)
        enqueue.take_in(self.engine, self.transaction, questions, ["students"], self.today)
        self.wanted = set(questions["request_id"].to_list())
        self.enqueued |= self.wanted
        waiting = {key for key, state_, *_ in self.rows if state_ == "waiting"}
        assert waiting <= self.wanted

    @rule(worker=WORKERS)
    def begin(self, worker: str) -> None:
        with self.transaction() as connection:
            turn = leases.begin(connection, worker, "", self.today, self.now)
            transitions.release_unsent(connection, turn)
        self.workers[worker] = Worker(turn)

    @rule(worker=WORKERS, was_sending=st.booleans())
    def kill(self, worker: str, was_sending: bool) -> None:
        mine = self.workers.pop(worker, None)
        if mine and mine.to_send and was_sending:
            self.held_up.append(mine.to_send)

    @rule(worker=WORKERS, was_sending=st.booleans())
    def kill_and_start_again(self, worker: str, was_sending: bool) -> None:
        """As a supervisor does."""
        self.kill(worker, was_sending)
        self.begin(worker)
        self.look_up(worker)

    @rule(worker=WORKERS, count=st.integers(1, 6), lost=LOST)
    def go_on(self, worker: str, count: int, lost: str) -> None:
        """What a worker does next of itself."""
        mine = self.workers.get(worker)
        if mine is None:
            self.begin(worker)
            self.look_up(worker)
            self.plan(worker)
            self.ask_again(worker)
        elif mine.mail:
            self.settle(worker)
        elif mine.to_send:
            self.send(worker, lost)
            self.ask_again(worker)
        elif mine.in_hand:
            self.mark(worker)
        elif not mine.planned:
            self.plan(worker)
        else:
            self.reserve(worker, count)

    @rule(worker=WORKERS, count=st.integers(1, 6), lost=LOST)
    def go_on_twice(self, worker: str, count: int, lost: str) -> None:
        self.go_on(worker, count, lost)
        self.go_on(worker, count, lost)

    @precondition(lambda self: self.workers)
    @rule(worker=WORKERS)
    def plan(self, worker: str) -> None:
        def share_out(connection: Connection, mine: Worker) -> None:
            schedule.give_places(connection, mine.turn, self.today, self.in_force)
            self._check_plan(connection)
            mine.planned = schedule.in_order(connection, self.today)

        self._held(worker, share_out)

    def _check_plan(self, connection: Connection) -> None:
        """The plan that was just made is in force, and comes out the same from what was stored of it."""
        number = day_plan.last(connection, self.today)
        assert number is not None
        assert day_plan.is_in_force(connection, self.today, number)
        rows = day_plan.places_of(connection, number)
        assert day_plan.computed_again(connection, rows) == {row["tenant"]: day_plan.places(row) for row in rows}

    @precondition(lambda self: self.workers)
    @rule(worker=WORKERS, count=st.integers(1, 6))
    def reserve(self, worker: str, count: int) -> None:
        def take(connection: Connection, mine: Worker) -> None:
            taken = transitions.reserve(connection, mine.planned[:count], mine.turn, self.today)
            mine.planned = mine.planned[count:]
            mine.in_hand += taken["request_id"].to_list()

        self._held(worker, take)

    @precondition(lambda self: self.workers)
    @rule(worker=WORKERS)
    def mark(self, worker: str) -> None:
        def ask(connection: Connection, mine: Worker) -> None:
            transitions.mark_asked(connection, sequences(connection, mine.in_hand), mine.turn, self.today)
            mine.to_send, mine.in_hand = mine.to_send + mine.in_hand, []

        self._held(worker, ask)

    @precondition(lambda self: self.workers)
    @rule(worker=WORKERS, lost=LOST)
    def send(self, worker: str, lost: str) -> None:
        """A message, even of a worker that was taken over: the gateway cannot know."""
        mine = self.workers.get(worker)
        if mine is None or not mine.to_send:
            return
        message, mine.to_send = mine.to_send, []
        if lost == "before":
            return
        if lost == "late":
            self.held_up.append(message)
            return
        told = self.desk.ask(pl.DataFrame({"request_id": message}))
        if lost != "after":
            answers = told.head(told.height // 2) if lost == "half" else told
            mine.mail.append((answers, not mine.again.isdisjoint(message)))

    @precondition(lambda self: self.held_up)
    @rule(which=st.integers(0, 7))
    def arrive(self, which: int) -> None:
        """A message that was held up, whenever it likes."""
        self.desk.ask(pl.DataFrame({"request_id": self.held_up.pop(which % len(self.held_up))}))

    @precondition(lambda self: self.workers)
    @rule(worker=WORKERS)
    def settle(self, worker: str) -> None:
        def book(connection: Connection, mine: Worker) -> None:
            for mail, was_sent_before in mine.mail:
                answers = with_sequence(connection, mail)
                transitions.settle(connection, answers, mine.turn, self.today, was_sent_before=was_sent_before)
            mine.mail = []

        self._held(worker, book)

    @precondition(lambda self: self.workers)
    @rule(worker=WORKERS)
    def look_up(self, worker: str) -> None:
        """What is held and asked, and not on its way any more: settled as far as the gateway knows of it."""
        mine = self.workers.get(worker)
        if mine is None or mine.to_send or mine.mail:
            return
        with state.reading(self.engine) as connection:
            asked = transitions.held(connection, "asked", mine.turn)["request_id"].to_list()
        told = self.desk.results(asked)

        def book(connection: Connection, mine: Worker) -> None:
            answers = with_sequence(connection, told)
            transitions.settle(connection, answers, mine.turn, self.today, was_sent_before=True)

        self._held(worker, book)

    @precondition(lambda self: self.workers)
    @rule(worker=WORKERS)
    def ask_again(self, worker: str) -> None:
        """What was sent and never heard of, if it has a place of today."""
        mine = self.workers.get(worker)
        if mine is None or mine.to_send or mine.mail:
            return
        with state.reading(self.engine) as connection:
            mine.to_send = transitions.to_ask_again(connection, mine.turn, self.today)["request_id"].to_list()
        mine.again.update(mine.to_send)

    def change_cap(self, cap: int) -> None:
        self._order(orders.CAP, cap=cap)
        self.in_force = self.desk.cap = cap
        self.highest[self.today] = max(self.highest[self.today], cap)

    @rule(
        cap=CAPS,
        tenant=st.integers(0, 2).map("students-{:02}".format),
        days=st.integers(0, 3),
        policy=st.sampled_from(sorted(POLICIES)),
        kind=st.sampled_from(("cap", "override", "pause", "policy", "weight")),
    )
    def order(self, cap: int, tenant: str, days: int, policy: str, kind: str) -> None:
        """Somebody orders something; no plan of before may be kept to after an order that bears on the places."""
        if kind == "cap":
            self.change_cap(cap)
        elif kind == "override":
            deadline = (self.day + timedelta(days=days)).isoformat()
            self._order(orders.OVERRIDE, tenant=tenant, deadline=deadline, limit="1/5")
        elif kind == "policy":
            self._order(orders.POLICY, policy=policy)
        elif kind == "weight":
            self._order(orders.WEIGHT, tenant=tenant, weight=WEIGHTS[days])
        else:
            self.paused = not self.paused
            self._order(orders.PAUSE if self.paused else orders.RESUME)
            with state.reading(self.engine) as connection:
                assert bool(orders.pause(connection)) == self.paused
            return
        with state.reading(self.engine) as connection:
            number = day_plan.last(connection, self.today)
            assert number is None or not day_plan.is_in_force(connection, self.today, number)

    @rule(
        seconds=st.sampled_from((LEASE_S + 1, 60, 3_600, 86_400, -1, -3_600, -86_400)),
        is_midnight=st.booleans(),
        pending=st.sets(st.integers(0, 41), max_size=3),
    )
    def time_goes_by(self, seconds: float, is_midnight: bool, pending: set[int]) -> None:
        """By the database's clock, or the gateway's day ends; officials look at other questions."""
        if is_midnight:
            self.midnight()
        else:
            self.now += seconds
        self.desk.pending = frozenset(asking(sorted(pending))["request_id"].to_list()) if pending else frozenset()

    def midnight(self) -> None:
        """At the gateway; ours follows with the next transaction."""
        self.day += timedelta(days=1)
        self.desk.day = self.today
        self.highest[self.today] = self.in_force

    def _order(self, kind: str, **detail: object) -> None:
        noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
        with self.transaction() as connection:
            orders.write(connection, self.day, kind, by="Lan", at=noon, reason="x", detail=dict(detail))

    def _held(self, worker: str, work: Callable[[Connection, Worker], object]) -> None:
        """One transaction of a worker, as a turn does it; nothing happens once it was taken over."""
        mine = self.workers.get(worker)
        if mine is None:
            return
        try:
            with self.transaction() as connection:
                leases.renew(connection, mine.turn, self.now)
                work(connection, mine)
        except LeaseLost:
            del self.workers[worker]

    @property
    def rows(self) -> list[Question]:
        with state.reading(self.engine) as connection:
            found = connection.exec_driver_sql(
                "SELECT request_id, state, reserved_on, charged_on, lease_token, full_name FROM questions"
            )
            return [tuple(row) for row in found]

    @precondition(lambda self: hasattr(self, "engine"))
    @invariant()
    def the_books_agree(self) -> None:
        global steps_taken
        steps_taken += 1
        rows = self.rows
        assert {row[0] for row in rows} == self.enqueued, "lost, or come from nowhere"
        assert max(self.desk.charges.values(), default=0) <= 1, "charged twice"
        for key, state_, reserved_on, charged_on, token, text in rows:
            assert (token is not None and reserved_on is not None) == (state_ in ("reserved", "asked", "answered")) or (
                state_ == "cancelled"
            ), (key, state_)
            assert charged_on == self.desk.told.get(key) or charged_on is None, "booked to another day"
            assert state_ != "answered" or charged_on is not None
            assert key not in self.desk.told or state_ in ("asked", "answered"), (
                "charged, and we think it was not asked"
            )
            assert (text is None) == (state_ in ("answered", "cancelled")), "personal data is kept just while needed"
        self._counters(rows)

    def _counters(self, rows: list[Question]) -> None:
        reserved, charged = dict.fromkeys(self.highest, 0), dict.fromkeys(self.highest, 0)
        for _, state_, reserved_on, charged_on, *_ in rows:
            if state_ in ("reserved", "asked", "answered"):
                reserved[charged_on or reserved_on or ""] += 1
                if charged_on:
                    charged[charged_on] += 1
        with state.reading(self.engine) as connection:
            days = connection.exec_driver_sql(
                "SELECT day, d.reserved, d.charged, coalesce(sum(l.reserved), 0), coalesce(sum(l.charged), 0)"
                " FROM quota_days d LEFT JOIN ledger l USING (day) GROUP BY day"
            ).all()
        told = {day: counts for day, *counts in days}
        for day, most in self.highest.items():
            counts = told.get(day, [0, 0, 0, 0])
            assert counts == [reserved[day], charged[day]] * 2, "counter, book and questions agree"
            assert self.desk.used(day) <= most, "over the cap"
            assert reserved[day] <= max(most, 0) + self._moved(day, rows), "more places taken than there are"

    def _moved(self, day: str, rows: list[Question]) -> int:
        """Sent on another day than they were charged to."""
        return sum(1 for row in rows if row[3] == day and row[2] != day)

    def teardown(self) -> None:
        """Whatever has happened: what is in flight is settled once somebody looks, and a large day clears the rest."""
        if not hasattr(self, "engine"):
            return
        self.workers.clear()
        self.desk.pending = frozenset()
        self.midnight()
        self.change_cap(1_000)
        for _ in range(2):
            self.now += LEASE_S + 1
            self.begin("z")
            self.look_up("z")
        self.plan("z")
        self.ask_again("z")
        self.reserve("z", 1_000)
        self.mark("z")
        self.send("z", "no")
        self.settle("z")
        while self.held_up:
            self.arrive(0)
        self.the_books_agree()
        assert {state_ for _, state_, *_ in self.rows} <= {"answered", "cancelled"}
        assert {key for key, state_, *_ in self.rows if state_ == "answered"} == set(self.desk.told), "no place wasted"
        self.opened.__exit__(None, None, None)


def search(steps: int, first_seed: int, a_run: int = 200) -> dict[str, int]:
    """So many steps or more, run after run; each run's seed says it again."""
    before, number = steps_taken, first_seed
    how = hypothesis_settings(
        max_examples=a_run,
        stateful_step_count=50,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    while steps_taken - before < steps:
        run_state_machine_as_test(seed(number)(Transactions), settings=how)
        number += 1
    return {"steps": steps_taken - before, "first_seed": first_seed, "last_seed": number - 1}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--steps", type=int, default=1_000_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = arguments.parse_args()
    begun, n = time.monotonic(), given.processes
    with ProcessPoolExecutor(n, mp_context=multiprocessing.get_context("spawn")) as pool:
        parts = list(pool.map(search, [-(-given.steps // n)] * n, [given.seed + 10_000 * each for each in range(n)]))
    found = {
        "steps": sum(part["steps"] for part in parts),
        "seconds": round(time.monotonic() - begun, 1),
        "seeds": [[part["first_seed"], part["last_seed"]] for part in parts],
        "violations": 0,
        "load_1m_at_end": round(os.getloadavg()[0], 1),
    }
    text = json.dumps(found, indent=2)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
