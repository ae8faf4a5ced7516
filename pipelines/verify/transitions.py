"""The way of every question: waiting → reserved → asked → answered, or cancelled with a reason.

Each function is one step in the caller's transaction, so that a question's state and the ledger change together.
A question is held by the turn that reserved it (its lease); another turn's answers to it are void.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, select, update

from pipelines.state import IN_FLIGHT, questions
from pipelines.verify import ledger
from pipelines.verify.gateway import DAILY_QUOTA, FLAGS, answers
from pipelines.verify.ledger import Entry

BATCH = 500
"""Questions in one transaction and one message: durable commits cost the same for one as for many."""

REFUSED = "refused:"
"""Begins the reason of a question that the gateway turned down for itself; its code follows. Not asked again."""
BODY = ("id_number", "full_name", "date_of_birth", "sex")
_FORGET_BODY = dict.fromkeys(BODY)
_FREE = {"state": "waiting", "lease_token": None, "reserved_on": None, "asked_on": None}
_HELD = select(
    questions.c.request_id,
    questions.c.tenant,
    questions.c.enqueued_on,
    questions.c.lease_token,
    questions.c.reserved_on,
    questions.c.charged_on,
)
_HELD_SCHEMA = pl.Schema(
    {
        "request_id": pl.String,
        "tenant": pl.String,
        "enqueued_on": pl.String,
        "lease_token": pl.Int64,
        "reserved_on": pl.String,
        "charged_on": pl.String,
    }
)


def reserve(connection: Connection, request_ids: Sequence[str], turn: int, day: str) -> pl.DataFrame:
    """Those of the requests that still wait and fit under the cap, now reserved; with what to ask.

    Shape: as gateway.QUESTION, in the order given.
    """
    columns = ("request_id", "tenant", "enqueued_on", "sector", *BODY)
    wanted = select(*(questions.c[name] for name in columns)).where(
        questions.c.request_id.in_(request_ids), questions.c.state == "waiting"
    )
    rows = connection.execute(wanted.with_for_update(skip_locked=True)).all()
    order = pl.DataFrame({"request_id": list(request_ids)})
    found = order.join(
        frame(rows, pl.Schema(dict.fromkeys(columns, pl.String))), on="request_id", maintain_order="left"
    )
    taken = found.head(ledger.left(connection, day))
    entries = [
        Entry(day, turn, tenant, enqueued_on, reserved=count)
        for tenant, enqueued_on, count in _counted(taken, "tenant", "enqueued_on")
    ]
    if not ledger.reserve(connection, entries, day):
        return _as_questions(taken.clear())
    values = {"state": "reserved", "reserved_on": day, "lease_token": turn}
    connection.execute(update(questions).where(_among(taken)).values(values))
    return _as_questions(taken)


def mark_asked(connection: Connection, request_ids: Sequence[str], turn: int, day: str) -> None:
    """From now on these may have been charged: only the gateway can say."""
    ours = and_(questions.c.request_id.in_(request_ids), questions.c.lease_token == turn)
    asked = update(questions).where(ours, questions.c.state == "reserved")
    connection.execute(asked.values(state="asked", asked_on=day))


def settle(connection: Connection, received: pl.DataFrame, *, turn: int | None, day: str) -> int:
    """How many questions these answers settled: states, charges and places change together.

    An answer counts only while its question is asked, and by `turn` (None: by whichever turn holds it). Turned down
    for the day: it waits on. Turned down for itself: cancelled with the gateway's code. Pending answers are charged
    and stay asked. What was asked is forgotten once it is settled.
    """
    ours = _HELD.where(questions.c.state == "asked", questions.c.request_id.in_(received["request_id"].to_list()))
    if turn is not None:
        ours = ours.where(questions.c.lease_token == turn)
    told = frame(connection.execute(ours.with_for_update()).all(), _HELD_SCHEMA).join(
        received, on="request_id", maintain_order="left"
    )
    given = told.filter(pl.col("result").is_not_null())
    is_last = pl.col("result").is_in(answers().settled)
    _answer(connection, given.filter(is_last), {"state": "answered", **_FORGET_BODY})
    _answer(connection, given.filter(~is_last), {"state": "asked"})
    ledger.book(connection, _charges(given.filter(pl.col("charged_on").is_null())))
    release(connection, told.filter(pl.col("error") == DAILY_QUOTA))
    _turn_down(connection, told.filter(pl.col("error").is_not_null(), pl.col("error") != DAILY_QUOTA), day)
    return given.filter(is_last).height


def held(connection: Connection, state: str) -> pl.DataFrame:
    """Questions that some turn, dead or alive, has reserved or asked, by request code."""
    return frame(connection.execute(_HELD.where(IN_FLIGHT, questions.c.state == state)).all(), _HELD_SCHEMA).sort(
        "request_id"
    )


def release(connection: Connection, freed: pl.DataFrame) -> None:
    """Back to waiting with their age, their places given back. Shape: as `held`. Only what was not charged."""
    if freed.is_empty():
        return
    connection.execute(update(questions).where(_among(freed)).values(_FREE))
    ledger.book(connection, _returned(freed))


def reserved_unsent(connection: Connection) -> int:
    """Give back what was reserved by a turn that died before asking; how many."""
    unsent = held(connection, "reserved")
    for part in unsent.iter_slices(BATCH):
        release(connection, part)
    return unsent.height


def outstanding(connection: Connection, request_ids: Sequence[str]) -> pl.DataFrame:
    """Those of the requests that are asked and not charged as far as we know. Shape: as `held`."""
    open_still = _HELD.where(
        questions.c.request_id.in_(request_ids), questions.c.state == "asked", questions.c.charged_on.is_(None)
    )
    return frame(connection.execute(open_still.with_for_update()).all(), _HELD_SCHEMA).sort("request_id")


def _answer(connection: Connection, given: pl.DataFrame, values: dict[str, str | None]) -> None:
    if given.is_empty():
        return
    columns = ("result", *FLAGS)
    change = update(questions).where(questions.c.request_id == bindparam("request"))
    change = change.values({**values, **{name: bindparam(f"new_{name}") for name in (*columns, "charged_on")}})
    rows = given.select(
        request="request_id",
        new_charged_on=pl.coalesce("charged_on", "quota_day"),
        **{f"new_{name}": pl.col(name) for name in columns},
    )
    connection.execute(change, rows.to_dicts())


def _turn_down(connection: Connection, refused: pl.DataFrame, day: str) -> None:
    if refused.is_empty():
        return
    change = update(questions).where(questions.c.request_id == bindparam("request"))
    change = change.values(state="cancelled", reason=bindparam("why"), cancelled_on=day, **_FORGET_BODY)
    connection.execute(change, refused.select(request="request_id", why=REFUSED + pl.col("error")).to_dicts())
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
    return taken.select("request_id", *BODY, unit="tenant", purpose="sector")


def _among(rows: pl.DataFrame) -> ColumnElement[bool]:
    return questions.c.request_id.in_(rows["request_id"].to_list())


def frame(rows: Sequence[Row[Any]], schema: pl.Schema) -> pl.DataFrame:
    """Rows of the state database as columns."""
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
