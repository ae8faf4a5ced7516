"""A queue with questions in it, a gateway in memory, and workers: turns without links, hops and files."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, text

from pipelines.errors import GatewayDown
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.protocol.answers import ANSWER, DAILY_QUOTA, FLAGS
from pipelines.quota import orders
from pipelines.verify import priority
from pipelines.verify.queue import enqueue as intake
from pipelines.verify.worker.options import WorkerOptions
from pipelines.verify.worker.turn import Turn
from pipelines.workspace import state
from tests.pipelines.verify.world import FIRST, Hands

DAY = "2026-11-22"
NEXT = "2026-11-23"
TENS = WorkerOptions(batch=10)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
A, B, C = "students-00", "students-01", "students-02"
"""The tenants of `asking(…, tenants=3)`."""


def request(number: int) -> str:
    return f"{number:08}-0000-8000-a000-000000000000"


def sequences(connection: Connection, requests: Sequence[str]) -> list[int]:
    """Each request's `sequence` in the queue; 0, which no question has, of one that is not there."""
    found = dict(connection.exec_driver_sql("SELECT request_id, sequence FROM questions").tuples().all())
    return [found.get(key, 0) for key in requests]


def with_sequence(connection: Connection, answers: pl.DataFrame) -> pl.DataFrame:
    """The answers as a turn hands them on to be settled."""
    known = sequences(connection, answers["request_id"].to_list())
    return answers.with_columns(sequence=pl.Series(known, dtype=pl.Int64))


def asking(numbers: Sequence[int], tenants: int = 1, value: int = 100) -> pl.DataFrame:
    """Questions about so many people, dealt out to the tenants in turn."""
    rows = [
        {
            "request_id": request(n),
            "content_hash": f"{n:032}",
            "person_id": f"0790870{n:05}",
            "sector": "students",
            "tenant": f"students-{n % tenants:02}",
            "value": value,
            **dict.fromkeys(priority.PARTS, 0),
            "id_number": f"0790870{n:05}",
            "full_name": "Nguyễn Văn An",
            "date_of_birth": "1987-09-05",
            "sex": "Nam",
        }
        for n in numbers
    ]
    return pl.DataFrame(rows).with_columns(pl.col("value", *priority.PARTS).cast(pl.Int32))


def once(step: str, work: Callable[[], object]) -> Callable[[str], None]:
    """A step callback that does this work when the step is passed for the first time."""
    left = [step]

    def on_step(name: str) -> None:
        if left == [name]:
            left.clear()
            work()

    return on_step


def raising(error: Exception, *messages: int) -> Callable[[int], None]:
    """A desk's `before` or `after` that fails at these messages."""

    def fail(message: int) -> None:
        if message in messages:
            raise error

    return fail


@dataclass
class Desk:
    """A gateway in memory: charges each request once, never over its cap, to its own day."""

    cap: int = 1_000_000
    day: str = DAY
    forgets: bool = False
    """A gateway that knows no request codes: the negative control."""
    before: Callable[[int], None] = lambda _n: None
    """Called with the message's number before it is received; may raise."""
    before_looking_up: Callable[[], None] = lambda: None
    """The same for look-ups."""
    after: Callable[[int], None] = lambda _n: None
    """The same once it was answered: the answer is lost if it raises."""
    is_down: bool = False
    """Neither questions nor look-ups get through."""
    told: dict[str, str] = field(default_factory=dict)
    """Request → the day that it was charged to."""
    charges: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each request was charged on each day."""
    messages: int = 0
    pending: frozenset[str] = frozenset()
    lock: Any = field(default_factory=Lock)

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        with self.lock:
            self.messages += 1
            number = self.messages
            self._require()
            self.before(number)
            for key in questions["request_id"].to_list():
                if (self.forgets or key not in self.told) and self.used(self.day) < self.cap:
                    self.told[key] = self.day
                    self.charges[key, self.day] += 1
            answers = self._answers(questions["request_id"].to_list())
            self.after(number)
            return answers

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        with self.lock:
            self._require()
            self.before_looking_up()
            if self.forgets:
                return pl.DataFrame(schema=ANSWER)
            return self._answers([key for key in request_ids if key in self.told])

    def _require(self) -> None:
        if self.is_down:
            raise GatewayDown("no line")

    def used(self, day: str) -> int:
        return sum(count for (_, charged), count in self.charges.items() if charged == day)

    def _answers(self, keys: Sequence[str]) -> pl.DataFrame:
        rows = [
            {
                "request_id": key,
                "result": ("MANUAL_REVIEW" if key in self.pending else "MATCH") if key in self.told else None,
                **{flag: "M" if key in self.told else None for flag in FLAGS},
                "quota_day": self.told.get(key),
                "error": None if key in self.told else DAILY_QUOTA,
            }
            for key in keys
        ]
        return pl.DataFrame(rows, schema=ANSWER)


@dataclass
class Stage:
    """One state database and whoever works on it."""

    engine: Engine
    desk: Desk = field(default_factory=Desk)
    clock: Hands = field(default_factory=Hands)
    cap: int = 1_000

    def enqueue(self, questions: pl.DataFrame, day: str = DAY) -> tuple[int, int]:
        transaction = partial(state.transaction, self.engine)
        return intake.take_in(self.engine, transaction, questions, ["students"], day)

    def turn(self, worker: str = "a", day: str = DAY, conduct: WorkerOptions = TENS, **options: Any) -> Turn:
        clock = options.pop("clock", self.clock)
        gateway = Gateway(options.pop("transport", self.desk))
        return Turn(self.engine, gateway, day, worker, "", self.cap, conduct=conduct, clock=clock, **options)

    def order(self, kind: str, by: str = "Lan", **detail: object) -> None:
        """Somebody orders a pause, a cap, a policy …, at noon."""
        with state.transaction(self.engine) as connection:
            orders.write(connection, FIRST, kind, by=by, at=NOON, reason="bảo trì", detail=detail)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with state.reading(self.engine) as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def states(self) -> dict[str, int]:
        return dict(self.rows("SELECT state, count(*) FROM questions GROUP BY state"))

    def check(self, enqueued: int) -> None:
        """Nothing lost, nothing charged twice, all books the same, settled texts forgotten."""
        assert sum(self.states().values()) == enqueued
        assert max(self.desk.charges.values(), default=0) <= 1
        assert {key for key, _ in self.desk.charges} == set(self.desk.told)
        for day, reserved, charged in self.rows("SELECT day, reserved, charged FROM quota_days"):
            assert charged <= self.desk.used(day) <= reserved, day
        book = "SELECT day, sum(reserved), sum(charged) FROM ledger GROUP BY day HAVING count(*) > 0 ORDER BY day"
        days = "SELECT day, reserved, charged FROM quota_days ORDER BY day"
        assert [row for row in self.rows(book) if any(row[1:])] == [row for row in self.rows(days) if any(row[1:])]
        kept = "full_name IS NOT NULL OR id_number IS NOT NULL OR date_of_birth IS NOT NULL OR sex IS NOT NULL"
        settled = "state IN ('answered', 'cancelled')"
        assert self.rows(f"SELECT count(*) FROM questions WHERE {settled} AND ({kept})") == [(0,)]

    def check_at_rest(self, enqueued: int) -> None:
        """With nothing in flight, our book and the gateway's agree to the question."""
        self.check(enqueued)
        assert self.rows("SELECT count(*) FROM questions WHERE state IN ('reserved', 'asked')") == [(0,)]
        ours = dict(self.rows("SELECT day, charged FROM quota_days WHERE charged > 0"))
        assert ours == {day: self.desk.used(day) for day in ours}
        assert sum(ours.values()) == len(self.desk.told)
        # At rest only, with the cap that the test ends with: an order that lowers the cap is stored at once, and may
        # lie below what was asked before it.
        for day, cap in self.rows("SELECT day, cap FROM quota_days"):
            assert self.desk.used(day) <= max(cap, self.desk.cap)
        assert self.rows("SELECT count(*) FROM quota_days WHERE reserved <> charged") == [(0,)]
