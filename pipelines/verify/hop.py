"""The hop `verify`: gives tonight's places to the waiting questions, and the answers to the records."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from sqlalchemy import Engine

from pipelines.config import Run, Settings
from pipelines.gateway.client import connect
from pipelines.gateway.client.client import Gateway, Transport
from pipelines.gateway.protocol.answers import answers
from pipelines.quota import ledger, orders
from pipelines.quota.forecast import current_queue
from pipelines.registry import snapshot
from pipelines.sectors import schema
from pipelines.verify import duplicates
from pipelines.verify import questions as proposals
from pipelines.verify.clock import Clock, RealClock
from pipelines.verify.queue import enqueue
from pipelines.verify.queue.enqueue import Transaction
from pipelines.verify.worker.options import Progress, Step, TurnResult, WorkerOptions
from pipelines.verify.worker.turn import Turn
from pipelines.workspace import run_schema, run_tables, state

STOPPED = ("outage", "refused", "paused", "past", "taken_over")
"""Why a night leaves questions waiting, but for the day's places."""


def _no_progress(_done: int, _of: int) -> None:
    pass


def _no_step(_name: str) -> None:
    pass


def verify(
    run: Run,
    *,
    transport: Transport | None = None,
    registry: Path | None = None,
    progress: Progress = _no_progress,
    on_step: Step = _no_step,
    conduct: WorkerOptions | None = None,
    clock: Clock | None = None,
) -> dict[str, int]:
    """Counts of tonight's questions and answers; writes the tables `verifications`, `duplicates`, `plan`,
    `asking`.

    `registry` is the snapshot that the links are of, by default the current one.
    Shape: `records` with a question and their `questions`; `enqueued`, `cancelled` by this run; of these questions
    `asked` by this night, all its runs together; records `answered` (of these `reused` from another night, `matched`,
    `verified`, `settled`: reviews that are links now), `waiting`, `failed`; the day's `cap`, `used`, `left`; one of
    STOPPED is 1 if the rest waits for that.
    Errors: Transient if the state database cannot be used. A gateway that is lost or refuses our messages is none:
    the rest of the night needs no answer.
    """
    settings = run.settings
    people = registry or snapshot.current(settings).path
    with run_tables.connect(run) as connection:
        asking = proposals.records(connection, people)
        sectors = proposals.sectors(connection)
    questions = proposals.questions(asking, settings.night)
    day = settings.night.isoformat()
    with (
        state.opened(settings) as engine,
        _line(engine, settings, people, transport, on_step, questions.height) as line,
    ):

        def take_in(transaction: Transaction) -> tuple[int, int]:
            return enqueue.take_in(engine, transaction, questions, sectors, day)

        turn = Turn(
            engine,
            Gateway(line),
            day,
            settings.worker_name,
            run.run_id,
            settings.daily_cap,
            conduct=conduct or WorkerOptions(asks=settings.asks is not False),
            clock=clock or RealClock(),
            progress=progress,
            step=on_step,
        )
        ended = turn.run(take_in)
        outcomes = enqueue.outcomes(engine, questions["request_id"])
        with state.transaction(engine) as connection_:
            cap = orders.cap(connection_, settings.daily_cap)
            left = ledger.open_day(connection_, day, cap)
            used = ledger.used(connection_, day)
            plan = current_queue.after(connection_, settings.night, cap)
    of_settings = schema.of_settings(settings)
    not_asked = {name: sector.not_asked for name, sector in of_settings.items()}
    table = proposals.verifications(asking, outcomes, settings.night, answers(), not_asked)
    with run_tables.connect(run) as connection:
        run_tables.replace_table(connection, run_schema.VERIFICATIONS, table)
        kept = duplicates.proposals(connection, [of_settings[name] for name in sectors])
        run_tables.replace_table(connection, run_schema.DUPLICATES, kept)
        run_tables.replace_table(connection, run_schema.PLAN, pl.DataFrame({"plan": [plan]}))
        run_tables.replace_table(connection, run_schema.ASKING, _asking(settings, cap, ended))
    counts = {"enqueued": ended.enqueued, "cancelled": ended.cancelled}
    stopped = {reason: int(ended.stopped_by == reason) for reason in STOPPED}
    return {
        "questions": questions.height, **counts, **_summary(table), **stopped, "cap": cap, "used": used, "left": left,
    }  # fmt: skip


def _asking(settings: Settings, cap: int, ended: TurnResult) -> pl.DataFrame:
    """How the asking ended; what was so on the night before, and nothing was settled since, is so since then."""
    since = ended.since
    earlier = [each for each in state.past_nights(settings) if each["night"] < settings.night.isoformat()]
    if since and earlier and not ended.settled:
        before = earlier[-1]["figures"]["asking"]
        since = before["since"] if before["stopped_by"] == ended.stopped_by else since
    row = {"cap": cap, "stopped_by": ended.stopped_by, "since": since, "error": ended.error}
    return pl.DataFrame([row], schema=run_schema.BY_NAME[run_schema.ASKING].schema)


@contextmanager
def _line(
    engine: Engine, settings: Settings, people: Path, given: Transport | None, on_step: Step, questions: int
) -> Iterator[Transport]:
    """The transport that was given, or the one that the settings name."""
    if given is not None:
        yield given
        return
    with state.reading(engine) as connection:
        cap = orders.cap(connection, settings.daily_cap)
    capped = settings.model_copy(update={"daily_cap": cap})
    with connect.open_transport(capped, people, on_step, min(questions, cap)) as line:
        yield line


def _summary(table: pl.DataFrame) -> dict[str, int]:
    is_answered = pl.col("state") == "answered"
    counted = table.select(
        asked=pl.col("request_id").filter("asked_tonight").n_unique(),
        records=pl.len(),
        answered=is_answered.sum(),
        reused=pl.col("reused").sum(),
        matched=(pl.col("result") == "MATCH").sum(),
        verified=(pl.col("status") == "verified").sum(),
        settled=(pl.col("decision") == "link").sum(),
        waiting=(pl.col("state") == "waiting").sum(),
        failed=(pl.col("state") == "failed").sum(),
    )
    return {name: int(value or 0) for name, value in counted.row(0, named=True).items()}
