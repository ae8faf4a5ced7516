"""Moves questions through their states: waiting → reserved → asked → answered, or cancelled with a reason.

Each function is one step in the caller's transaction, so that a question's state and the ledger change together.
A question is held by the turn that reserved it or took it over (its lease); another turn's answers to it are void.
What was once sent stays asked until the gateway has said what became of it: a message that was held up may arrive at
any time, and no clock tells when it no longer can. So it is asked again rather than let go.
Questions are found by `sequence`: neighbours in the order of asking lie together on disk, while each lookup of a
request code reads another page of an index over all questions ever asked.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, and_, bindparam, select, update

from pipelines.gateway.protocol.answers import DAILY_QUOTA, FLAGS, answers
from pipelines.quota import ledger
from pipelines.quota.ledger import Entry
from pipelines.verify.queue.leases import LeaseLost
from pipelines.workspace.bulk_rows import among, execute_each, frame
from pipelines.workspace.state_tables import IN_FLIGHT, questions

BATCH = 1_000
"""Number of questions in one transaction and one message: durable commits cost the same for one as for many."""

REFUSED = "refused:"
"""Beginning of the reason of a question that the gateway refused for itself; its code follows. Not asked again."""
BODY = ("id_number", "full_name", "date_of_birth", "sex")
FORGET_BODY: dict[str, None] = dict.fromkeys(BODY)
"""Column values that delete a question's content, once it is needed no more."""
_FREE = {"state": "waiting", "lease_token": None, "reserved_on": None, "asked_on": None, "asked_by": None}
_HELD = select(
    questions.c.sequence,
    questions.c.request_id,
    questions.c.tenant,
    questions.c.enqueued_on,
    questions.c.lease_token,
    questions.c.reserved_on,
    questions.c.charged_on,
)
_UNANSWERED = and_(IN_FLIGHT, questions.c.state == "asked", questions.c.charged_on.is_(None))
_HELD_SCHEMA = pl.Schema(
    {
        "sequence": pl.Int64,
        "request_id": pl.String,
        "tenant": pl.String,
        "enqueued_on": pl.String,
        "lease_token": pl.Int64,
        "reserved_on": pl.String,
        "charged_on": pl.String,
    }
)


def reserve(connection: Connection, sequences: Sequence[int], turn: int, day: str) -> pl.DataFrame:
    """The questions that still wait and fit under the cap and their tenants' places, now reserved.

    Shape: `sequence`, then as answers.QUESTION, in the order given.
    """
    columns = ("request_id", "tenant", "enqueued_on", "sector", *BODY)
    wanted = select(questions.c.sequence, *(questions.c[name] for name in columns)).where(
        among(connection, questions.c.sequence, sequences), questions.c.state == "waiting"
    )
    schema = pl.Schema({"sequence": pl.Int64, **dict.fromkeys(columns, pl.String)})
    rows = frame(connection, wanted.with_for_update(skip_locked=True), schema)
    order = pl.DataFrame({"sequence": list(sequences)}, schema={"sequence": pl.Int64})
    found = order.join(rows, on="sequence", maintain_order="left")
    left = ledger.lock_day(connection, day)
    room = ledger.room(connection, day, found["tenant"].to_list())
    fits = pl.int_range(pl.len()).over("tenant") < pl.col("tenant").replace_strict(
        room, default=0, return_dtype=pl.Int64
    )
    taken = found.filter(fits).head(left)
    entries = [
        Entry(day, turn, tenant, enqueued_on, reserved=count)
        for tenant, enqueued_on, count in _counted(taken, "tenant", "enqueued_on")
    ]
    if taken.is_empty() or not ledger.reserve(connection, entries, day):
        return _as_questions(taken.clear())
    values = {"state": "reserved", "reserved_on": day, "lease_token": turn}
    connection.execute(update(questions).where(_among(connection, taken)).values(values))
    return _as_questions(taken)


def mark_asked(connection: Connection, sequences: Sequence[int], turn: int, day: str) -> None:
    """Marks these questions as asked: from now on only the gateway can say whether they were charged.

    Errors: LeaseLost if one of them is no longer reserved by this turn, as where a standby took over that lacks the
    last commits: then nothing may be sent.
    """
    ours = and_(among(connection, questions.c.sequence, sequences), questions.c.lease_token == turn)
    asked = update(questions).where(ours, questions.c.state == "reserved")
    if connection.execute(asked.values(state="asked", asked_on=day, asked_by=turn)).rowcount != len(sequences):
        raise LeaseLost


def settle(
    connection: Connection, received: pl.DataFrame, turn: int, day: str, *, was_sent_before: bool = False
) -> int:
    """Number of questions that these answers settled: states, charges and places change together.

    An answer counts only while its question is asked, and by `turn`. Turned down for the day: it waits on, but if it
    `was_sent_before` (that message may still be charged) it stays asked. Turned down for itself: cancelled with the
    gateway's code. Pending answers are charged and stay asked. What was asked is forgotten once it is settled.
    Shape: `received` as answers.ANSWER, with the question's `sequence`.
    """
    ours = _HELD.where(
        questions.c.state == "asked",
        questions.c.lease_token == turn,
        _among(connection, received),
    )
    told = frame(connection, ours.with_for_update(), _HELD_SCHEMA).join(
        received, on=["sequence", "request_id"], maintain_order="left"
    )
    given = told.filter(pl.col("result").is_not_null())
    is_last = pl.col("result").is_in(answers().settled)
    _answer(connection, given.filter(is_last), {"state": "answered", **FORGET_BODY})
    _answer(connection, given.filter(~is_last), {"state": "asked"})
    ledger.book(connection, _charges(given.filter(pl.col("charged_on").is_null())))
    uncharged = told.filter(pl.col("charged_on").is_null())
    if not was_sent_before:
        release(connection, uncharged.filter(pl.col("error") == DAILY_QUOTA))
    _turn_down(connection, uncharged.filter(pl.col("error").is_not_null(), pl.col("error") != DAILY_QUOTA), day)
    return given.filter(is_last).height


def held(connection: Connection, state: str, turn: int) -> pl.DataFrame:
    """Questions that this turn holds in this state, by request code. `charged_on` is set of those that are pending."""
    ours = _HELD.where(IN_FLIGHT, questions.c.state == state, questions.c.lease_token == turn)
    return frame(connection, ours, _HELD_SCHEMA).sort("request_id")


def release(connection: Connection, freed: pl.DataFrame) -> None:
    """Returns questions to waiting with their age, and gives their places back. Shape: as `held`. Only what was not
    charged.
    """
    if freed.is_empty():
        return
    connection.execute(update(questions).where(_among(connection, freed)).values(_FREE))
    ledger.book(connection, _returned(freed))


def release_unsent(connection: Connection, turn: int) -> int:
    """Number of questions that this turn held and never sent; they are given back."""
    unsent = held(connection, "reserved", turn)
    for part in unsent.iter_slices(BATCH):
        release(connection, part)
    return unsent.height


def unanswered(connection: Connection, turn: int, sequences: Sequence[int] | None = None) -> pl.DataFrame:
    """This turn's asked questions that are not known to be charged, of these or of all. Shape: as `held`."""
    open_still = _HELD.where(_UNANSWERED, questions.c.lease_token == turn)
    if sequences is not None:
        open_still = open_still.where(among(connection, questions.c.sequence, sequences))
    return frame(connection, open_still.with_for_update(), _HELD_SCHEMA).sort("request_id")


def move_to(connection: Connection, turn: int, day: str) -> None:
    """Moves this turn's unanswered questions of earlier days onto this day's places, as far as they go."""
    late = unanswered(connection, turn).filter(pl.col("reserved_on") != day).sort("reserved_on", "request_id")
    for part in late.head(ledger.lock_day(connection, day)).iter_slices(BATCH):
        taken = [
            Entry(day, turn, tenant, enqueued_on, reserved=count)
            for tenant, enqueued_on, count in _counted(part, "tenant", "enqueued_on")
        ]
        if ledger.reserve(connection, taken, day):
            ledger.book(connection, _returned(part))
            connection.execute(update(questions).where(_among(connection, part)).values(reserved_on=day))


def to_ask_again(connection: Connection, turn: int, day: str) -> pl.DataFrame:
    """This turn's unanswered questions with a place of this day. Shape: as `reserve`, by request code."""
    columns = ("request_id", "tenant", "sector", *BODY)
    wanted = select(questions.c.sequence, *(questions.c[name] for name in columns)).where(
        _UNANSWERED, questions.c.lease_token == turn, questions.c.reserved_on == day
    )
    schema = pl.Schema({"sequence": pl.Int64, **dict.fromkeys(columns, pl.String)})
    return _as_questions(frame(connection, wanted.order_by(questions.c.request_id), schema))


def _answer(connection: Connection, given: pl.DataFrame, values: dict[str, str | None]) -> None:
    columns = ("result", *FLAGS)
    change = update(questions).where(questions.c.sequence == bindparam("question"))
    change = change.values({**values, **{name: bindparam(f"new_{name}") for name in (*columns, "charged_on")}})
    rows = given.select(
        question="sequence",
        new_charged_on=pl.coalesce("charged_on", "quota_day"),
        **{f"new_{name}": pl.col(name) for name in columns},
    )
    execute_each(connection, change, rows)


def _turn_down(connection: Connection, refused: pl.DataFrame, day: str) -> None:
    if refused.is_empty():
        return
    change = update(questions).where(questions.c.sequence == bindparam("question"))
    change = change.values(state="cancelled", reason=bindparam("why"), cancelled_on=day, **FORGET_BODY)
    execute_each(connection, change, refused.select(question="sequence", why=REFUSED + pl.col("error")))
    ledger.book(connection, _returned(refused))


def _charges(given: pl.DataFrame) -> list[Entry]:
    """Charges on the gateway's day; a place reserved on another day moves to it."""
    entries: list[Entry] = []
    key = ("reserved_on", "quota_day", "lease_token", "tenant", "enqueued_on")
    for reserved_on, quota_day, turn, tenant, enqueued_on, count in _counted(given, *key):
        moved = 0 if reserved_on == quota_day else count
        entries.append(Entry(reserved_on, turn, tenant, enqueued_on, reserved=-moved))
        entries.append(Entry(quota_day, turn, tenant, enqueued_on, reserved=moved, charged=count))
    return entries


def _returned(freed: pl.DataFrame) -> list[Entry]:
    key = ("reserved_on", "lease_token", "tenant", "enqueued_on")
    return [
        Entry(day, turn, tenant, enqueued_on, reserved=-count)
        for day, turn, tenant, enqueued_on, count in _counted(freed, *key)
    ]


def _counted(rows: pl.DataFrame, *key: str) -> list[tuple[Any, ...]]:
    return rows.group_by(key).len().sort(key).rows()


def _as_questions(taken: pl.DataFrame) -> pl.DataFrame:
    return taken.select("sequence", "request_id", *BODY, unit="tenant", purpose="sector")


def _among(connection: Connection, rows: pl.DataFrame) -> ColumnElement[bool]:
    return among(connection, questions.c.sequence, rows["sequence"].to_list())
