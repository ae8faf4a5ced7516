"""What a worker that may be killed, stopped or starved does: takes questions in and asks an embedded gateway.

The line, the service, the desk and its memory are the product's; only the registry's people are made up, so that the
right answer to each question follows from its number and no database of people is opened.
"""

import os
import resource
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel
from sqlalchemy import Connection

from pipelines.config import TIME_ZONE, Settings
from pipelines.errors import PipelineError
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.client.embedded import InProcess
from pipelines.gateway.client.signed import Sender, SignedTransport
from pipelines.gateway.protocol.answers import FLAGS
from pipelines.gateway.simulator import request_log
from pipelines.gateway.simulator.answering import Answering
from pipelines.gateway.simulator.quota import Quota
from pipelines.gateway.simulator.service import Service
from pipelines.verify import priority
from pipelines.verify.clock import RealClock
from pipelines.verify.queue import enqueue
from pipelines.verify.queue.enqueue import Transaction
from pipelines.verify.worker.options import WorkerOptions
from pipelines.verify.worker.turn import Turn
from pipelines.workspace import state
from tests.crash import shim

SECRET = b"not a secret, only a test's"
RESULTS = ("MATCH", "PARTIAL", "MISMATCH")
MEMORY = "gateway.sqlite"


def questions(count: int, tenants: int) -> pl.DataFrame:
    """So many questions about as many people, dealt out to the tenants in turn. Shape: as proposals.questions."""
    number = pl.int_range(count, eager=True).alias("n").to_frame().select("n", code=pl.col("n").cast(pl.String))
    return number.select(
        request_id=pl.format("{}-0000-8000-a000-000000000000", pl.col("code").str.zfill(8)),
        content_hash=pl.col("code").str.zfill(32),
        person_id=pl.col("code").str.zfill(12),
        sector=pl.lit("students"),
        tenant=pl.format("students-{}", (pl.col("n") % tenants).cast(pl.String).str.zfill(2)),
        value=pl.lit(100, dtype=pl.Int32),
        **dict.fromkeys(priority.PARTS, pl.lit(0, dtype=pl.Int32)),
        id_number=pl.col("code").str.zfill(12),
        full_name=pl.lit("Nguyễn Văn An"),
        date_of_birth=pl.lit("1987-09-05"),
        sex=pl.lit("Nam"),
    )


class Job(BaseModel):
    """One worker's turn."""

    folder: Path
    day: str
    cap: int
    questions: int
    """Taken in first; 0: only asks what waits."""
    tenants: int = 3
    batch: int = 6
    worker: str = "a"
    at: str | None = None
    """The gateway's time; by default noon of the day."""
    kill_step: str | None = None
    """SIGKILL to itself as it passes this step."""
    stop_step: str | None = None
    """SIGSTOP to itself."""
    nth: int = 1
    ahead: Path | None = None
    """A file that says by how many seconds this worker's clocks are ahead."""
    busy_timeout_s: float = 30.0
    fails: shim.Failure | None = None
    largest_file: int | None = None
    """RLIMIT_FSIZE, which stands for a disk quota."""
    state_url: str | None = None
    """PostgreSQL's; None: SQLite in the folder."""
    still_timeout_s: float = 20.0
    books_own_day: bool = False
    """Negative control: charges are booked to the sender's day."""


class Ahead(RealClock):
    """The real clocks, and what the test adds to them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self, connection: Connection) -> float:
        return super().now(connection) + float(self._path.read_text())

    def elapsed(self) -> float:
        return super().elapsed() + float(self._path.read_text())


class Everybody:
    """A registry in which the answer to a question is told by its number."""

    def compare(self, questions: pl.DataFrame) -> pl.DataFrame:
        number = pl.col("id_number").cast(pl.Int64)
        return questions.select(
            "request_id",
            body_hash="id_number",
            is_well_formed=pl.lit(True),
            **dict.fromkeys(FLAGS, pl.lit("M")),
            result=pl.lit(list(RESULTS)).list.get(number % len(RESULTS)),
        )


class OwnDay:
    """Negative control: a client that does not look at which day it was charged to."""

    def __init__(self, line: SignedTransport, day: str) -> None:
        self._line = line
        self._day = day

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        return self._line.ask(questions).with_columns(quota_day=pl.lit(self._day))

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        return self._line.results(request_ids).with_columns(quota_day=pl.lit(self._day))


def run(job: Job, say: Callable[..., None]) -> int:
    """Exit code 0 if the turn ended by itself, that of the error otherwise; says `ended`, or `error` and `message`."""
    state.BUSY_TIMEOUT_S, state.STILL_TIMEOUT_S = int(job.busy_timeout_s), int(job.still_timeout_s)
    on_step = _on_step(job, say)
    if job.largest_file is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.largest_file, job.largest_file))
    if job.fails:
        shim.arm(job.fails)
    try:
        ended = _asked(job, on_step)
    except PipelineError as fault:
        say(error=type(fault).__name__, message=str(fault), failed=shim.count() if job.fails else 0)
        return fault.exit_code
    say(ended=ended.stopped_by, failed=shim.count() if job.fails else 0)
    return 0


def _asked(job: Job, on_step: Callable[[str], None]) -> Any:
    at = datetime.fromisoformat(job.at or f"{job.day}T12:00:00").replace(tzinfo=TIME_ZONE)
    with ExitStack() as stack:
        remembered = stack.enter_context(request_log.open_log(job.folder / MEMORY))
        engine = stack.enter_context(state.opened(Settings(workspace=job.folder, state_url=job.state_url)))
        desk = Answering(Everybody(), remembered, Quota(cap=job.cap), on_step=on_step)  # type: ignore[arg-type]
        line: Any = SignedTransport(InProcess(Service(desk, SECRET, lambda: at)), SECRET, Sender(), lambda: at)
        clock = Ahead(job.ahead) if job.ahead else RealClock()
        turn = Turn(
            engine,
            Gateway(OwnDay(line, job.day) if job.books_own_day else line),
            job.day,
            job.worker,
            "",
            job.cap,
            conduct=WorkerOptions(batch=job.batch),
            clock=clock,
            step=on_step,
        )

        def take_in(transaction: Transaction) -> tuple[int, int]:
            if not job.questions:
                return 0, 0
            return enqueue.take_in(engine, transaction, questions(job.questions, job.tenants), ["students"], job.day)

        on_step("opened")
        return turn.run(take_in)


def _on_step(job: Job, say: Callable[..., None]) -> Callable[[str], None]:
    passed = dict.fromkeys((job.kill_step, job.stop_step), 0)

    def on_step(name: str) -> None:
        say(step=name)
        if name not in passed:
            return
        passed[name] += 1
        if passed[name] == job.nth:
            os.kill(os.getpid(), signal.SIGKILL if name == job.kill_step else signal.SIGSTOP)

    return on_step
