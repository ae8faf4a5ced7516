"""The hop `verify`: tonight's places go to the waiting questions, and the answers to the records.

A crash at any point is mended by running the hop again: what was reserved but not sent is free again; what was sent
is settled by the answer that the gateway remembers; what the gateway never saw waits on.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Engine

from pipelines import snapshots, state, store
from pipelines.config import Run
from pipelines.errors import CapReached, GatewayDown, GatewayTimeout
from pipelines.verify import ledger, proposals, queue, transitions
from pipelines.verify.gateway import DAILY_QUOTA, Gateway, Transport, answers
from pipelines.verify.simulator import embedded

_LOG = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with the questions settled in this turn and the questions that it may ask."""
Step = Callable[[str], None]
"""Called with a step's name as it is passed; the crash tests stop the process there."""


def _no_progress(_done: int, _of: int) -> None:
    pass


def _no_step(_name: str) -> None:
    pass


def verify(
    run: Run,
    *,
    transport: Transport | None = None,
    progress: Progress = _no_progress,
    on_step: Step = _no_step,
    batch: int = transitions.BATCH,
) -> dict[str, int]:
    """Counts of tonight's questions and answers; writes the table `verifications`.

    Shape: `records` with a question and their `questions`; `enqueued`, `cancelled`, `asked` by this run; records
    `answered` (of these `reused` from another night, `matched`, `verified`), `waiting`, `failed`; the day's
    `cap`, `used`, `left`; `outage` is 1 if the gateway was lost and the rest waits.
    Errors: Terminal if the gateway refuses our messages, Transient if the state database cannot be used.
    """
    with store.connect(run) as connection:
        asking = proposals.records(connection)
        sectors = proposals.sectors(connection)
    questions = proposals.questions(asking, answers().order)
    day = run.settings.night.isoformat()
    with state.opened(run.settings) as engine, _line(run, transport, on_step) as line:
        turn = Turn(engine, Gateway(line), day, progress=progress, step=on_step, batch=batch)
        counts = turn.run(questions, sectors, run)
        with state.transaction(engine) as connection_:
            outcomes = queue.outcomes(connection_, questions["request_id"])
            left = ledger.open_day(connection_, day, run.settings.daily_cap)
            used = ledger.used(connection_, day)
    table = proposals.verifications(asking, outcomes, run.settings.night, answers())
    with store.connect(run) as connection:
        store.replace_table(connection, store.VERIFICATIONS, table)
    quota = {"cap": run.settings.daily_cap, "used": used, "left": left}
    return {"questions": questions.height, **counts, **_summary(table), **quota}


@dataclass
class Turn:
    """One worker's asking on one day."""

    engine: Engine
    gateway: Gateway
    day: str
    progress: Progress = _no_progress
    step: Step = _no_step
    batch: int = transitions.BATCH
    number: int = field(default=0, init=False)
    """The fencing token of what it reserves."""
    asked: int = field(default=0, init=False)
    settled: int = field(default=0, init=False)

    def run(self, questions: pl.DataFrame, sectors: list[str], run: Run) -> dict[str, int]:
        """Counts of what was enqueued, cancelled and asked; goes on until the places, the queue or the line end."""
        with state.transaction(self.engine) as connection:
            self.number = queue.begin_turn(connection, self.day, run.run_id)
            transitions.reserved_unsent(connection)
        self.step("begun")
        stopped_by, error = self._until_lost(self._recover)
        with state.transaction(self.engine) as connection:
            enqueued, cancelled = queue.take_in(connection, questions, sectors, self.day)
            self.step("before_enqueued")
        self.step("enqueued")
        if not stopped_by:
            stopped_by, error = self._until_lost(lambda: self._ask_all(run.settings.daily_cap))
        with state.transaction(self.engine) as connection:
            queue.end_turn(connection, self.number, stopped_by, error)
        self.step("ended")
        outage = int(stopped_by == "outage")
        return {"enqueued": enqueued, "cancelled": cancelled, "asked": self.asked, "outage": outage}

    def _until_lost(self, work: Callable[[], str]) -> tuple[str, str | None]:
        """What the work says, or `outage` or `cap` with the error if the gateway stopped it."""
        try:
            return work(), None
        except CapReached as fault:
            return "cap", f"{type(fault).__name__}: {fault}"
        except (GatewayDown, GatewayTimeout) as fault:
            error = f"{type(fault).__name__}: {fault}"
            _LOG.warning("Cổng xác thực không trả lời; phần còn lại chờ / the gateway is lost: %s", error)
            return "outage", error

    def _recover(self) -> str:
        """Settle what an earlier turn asked; what the gateway never received waits again. Nothing stops it."""
        with state.reading(self.engine) as connection:
            unsettled = transitions.held(connection, "asked")
        for part in unsettled.iter_slices(self.batch):
            request_ids = part["request_id"].to_list()
            found = self.gateway.results(request_ids)
            self.step("looked_up")
            with state.transaction(self.engine) as connection:
                transitions.settle(connection, found, turn=None, day=self.day)
                missing = transitions.outstanding(connection, request_ids)
                transitions.release(connection, missing)
                self.step("before_recovered")
            self.step("recovered")
        return ""

    def _ask_all(self, cap: int) -> str:
        """Why the asking ended: `empty` or `cap`."""
        with state.transaction(self.engine) as connection:
            places = queue.give_places(connection, self.number, self.day, cap)
            planned = queue.in_order(connection, self.number)
        self.step("places_given")
        self.progress(0, places)
        for start in range(0, len(planned), self.batch):
            is_open = self._ask(planned[start : start + self.batch])
            self.progress(self.settled, places)
            if not is_open:
                break
        return "cap" if self._anything_waits() else "empty"

    def _ask(self, request_ids: list[str]) -> bool:
        """Whether the day is still open after this batch."""
        with state.transaction(self.engine) as connection:
            taken = transitions.reserve(connection, request_ids, self.number, self.day)
            is_open = ledger.left(connection, self.day) > 0
            self.step("before_reserved")
        self.step("reserved")
        if taken.is_empty():  # another worker was faster, or took the last place
            return is_open
        with state.transaction(self.engine) as connection:
            transitions.mark_asked(connection, taken["request_id"].to_list(), self.number, self.day)
            self.step("before_asked")
        self.step("asked")
        received = self.gateway.ask(taken)
        self.asked += taken.height
        self.step("answered")
        with state.transaction(self.engine) as connection:
            self.settled += transitions.settle(connection, received, turn=self.number, day=self.day)
            self.step("before_settled")
        self.step("settled")
        return is_open and not (received["error"] == DAILY_QUOTA).any()

    def _anything_waits(self) -> bool:
        with state.reading(self.engine) as connection:
            return queue.anything_waits(connection)


@contextmanager
def _line(run: Run, transport: Transport | None, on_step: Step) -> Iterator[Transport]:
    """The transport that was given, or the embedded gateway over the current registry snapshot."""
    if transport is not None:
        yield transport
        return
    settings = run.settings
    memory = settings.workspace / "gateway.sqlite"
    people = snapshots.current(settings).path
    with embedded(people, memory, day=settings.night, daily_cap=settings.daily_cap, on_step=on_step) as line:
        yield line


def _summary(table: pl.DataFrame) -> dict[str, int]:
    is_answered = pl.col("state") == "answered"
    counted = table.select(
        records=pl.len(),
        answered=is_answered.sum(),
        reused=pl.col("reused").sum(),
        matched=(pl.col("result") == "MATCH").sum(),
        verified=(pl.col("status") == "verified").sum(),
        waiting=(pl.col("state") == "waiting").sum(),
        failed=(pl.col("state") == "failed").sum(),
    )
    return {name: int(value or 0) for name, value in counted.row(0, named=True).items()}
