"""Enqueues tonight's questions, and cancels those that tonight's files no longer ask.

In slices, each a short transaction: other workers go on meanwhile, memory stays bounded, and whoever is stopped
half-way does it again, since a question that is there already is left as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Engine, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.gateway.protocol.answers import FLAGS
from pipelines.verify.priority import PARTS
from pipelines.verify.queue.asked_night import with_asked_night
from pipelines.verify.queue.transitions import BODY, FORGET_BODY, REFUSED
from pipelines.workspace import state
from pipelines.workspace.bulk_rows import among, execute_each, frame
from pipelines.workspace.state_tables import WAITING, questions

CHANGED = "content_changed"
"""Reason of a cancellation: tonight another question is asked about the same person."""
PERSON_CHANGED = "person_changed"
"""Reason of a cancellation: the record is the same, but the registry's entry of the person has changed."""
GONE = "no_longer_proposed"
"""Reason of a cancellation: tonight's files propose nobody with this content and person."""

SLICE_ROWS = 50_000
"""Number of questions in one transaction: half a second. Each slice writes nearly all of the index of request codes."""

Transaction = Callable[[], AbstractContextManager[Connection]]
"""A function that opens a write transaction."""

_FOLLOWED = ("sector", "tenant", "value", *PARTS)
"""What a waiting question takes from its records as they are tonight."""
_WHOLE = ("request_id", "content_hash", "person_id", *_FOLLOWED, *BODY)
_STILL_WAITING = questions.c.state == "waiting"
_STANDING = pl.Schema(
    {"request_id": pl.String, "state": pl.String, "reason": pl.String, "was_tenant": pl.String, "was_value": pl.Int64}
)
_KEY = pl.Schema(
    {
        "sequence": pl.Int64,
        "request_id": pl.String,
        "content_hash": pl.String,
        "person_id": pl.String,
        "sector": pl.String,
    }
)


def take_in(
    engine: Engine, transaction: Transaction, asking: pl.DataFrame, sectors: Sequence[str], day: str
) -> tuple[int, int]:
    """Number of questions enqueued and number cancelled; afterwards just tonight's questions wait.

    A question that already waits keeps its age; one that was answered or refused is left as it is. Sectors that
    sent nothing tonight keep theirs. Shape: `asking` as proposals.questions.
    """
    asked = asking.select("request_id")
    gone = [waiting.join(asked, on="request_id", how="anti") for waiting in _waiting(engine, sectors)]
    cancelled = 0
    for part in _leaving(pl.concat([pl.DataFrame(schema=_KEY), *gone]), asking).iter_slices(SLICE_ROWS):
        with transaction() as connection:
            cancelled += _cancel(connection, part, day)
    enqueued = 0
    for part in asking.sort("tenant", -pl.col("value"), "request_id").iter_slices(SLICE_ROWS):
        with transaction() as connection:
            enqueued += _enqueue(connection, part.select(_WHOLE), day)
    return enqueued, cancelled


def outcomes(engine: Engine, request_ids: pl.Series) -> pl.DataFrame:
    """State and answer of those of the questions that do not wait, and the night that asked.

    Shape: one row per request, sorted.
    """
    columns = ("request_id", "state", "result", *FLAGS, "charged_on")
    schema = pl.Schema(dict.fromkeys((*columns, "asked_night"), pl.String))
    parts = [pl.DataFrame(schema=schema)]
    with state.reading(engine) as connection:
        for part in request_ids.sort().to_frame("request_id").iter_slices(SLICE_ROWS):
            these = among(connection, questions.c.request_id, part["request_id"].to_list())
            parts.append(frame(connection, with_asked_night(*columns).where(these, ~WAITING), schema))
    return pl.concat(parts).sort("request_id")


def _waiting(engine: Engine, sectors: Sequence[str]) -> Iterator[pl.DataFrame]:
    """What waits of these sectors, a slice at a time in the order of the queue."""
    last = 0
    while True:
        columns = select(*(questions.c[name] for name in _KEY))
        slice_ = columns.where(WAITING, questions.c.sector.in_(sectors), questions.c.sequence > last)
        with state.reading(engine) as connection:
            found = frame(connection, slice_.order_by(questions.c.sequence).limit(SLICE_ROWS), _KEY)
        if found.is_empty():
            return
        last = int(found["sequence"][-1])
        yield found


def _leaving(gone: pl.DataFrame, asking: pl.DataFrame) -> pl.DataFrame:
    """The waiting questions that tonight does not ask, with the reason, in the order of the queue."""
    same_record = asking.select("content_hash", "person_id", same_record=True).unique()
    same_person = asking.select("sector", "person_id", same_person=True).unique()
    why = (
        pl.when("same_record")
        .then(pl.lit(PERSON_CHANGED))
        .when("same_person")
        .then(pl.lit(CHANGED))
        .otherwise(pl.lit(GONE))
    )
    return (
        gone.join(same_record, on=["content_hash", "person_id"], how="left")
        .join(same_person, on=["sector", "person_id"], how="left")
        .select("sequence", why=why)
        .sort("sequence")
    )


def _cancel(connection: Connection, leaving: pl.DataFrame, day: str) -> int:
    change = update(questions).where(_STILL_WAITING, questions.c.sequence == bindparam("question"))
    change = change.values(state="cancelled", reason=bindparam("why"), cancelled_on=day, **FORGET_BODY)
    return execute_each(connection, change, leaving.rename({"sequence": "question"}))


def _enqueue(connection: Connection, part: pl.DataFrame, day: str) -> int:
    """Insert what is new, take back what was cancelled, and follow what waits to its tenant and value."""
    columns = (questions.c.request_id, questions.c.state, questions.c.reason, questions.c.tenant, questions.c.value)
    these = among(connection, questions.c.request_id, part["request_id"].to_list())
    standing = frame(connection, select(*columns).where(these), _STANDING)
    known = part.join(standing, on="request_id", how="left", maintain_order="left")
    is_new = pl.col("state").is_null()
    is_back = (pl.col("state") == "cancelled") & ~pl.col("reason").str.starts_with(REFUSED)
    follows = (pl.col("state") == "waiting") & (
        (pl.col("was_tenant") != pl.col("tenant")) | (pl.col("was_value") != pl.col("value"))
    )
    new = known.filter(is_new).select(*_WHOLE, state=pl.lit("waiting"), enqueued_on=pl.lit(day))
    _insert(connection, new)
    back = known.filter(is_back)
    _change(
        connection,
        back,
        (*_FOLLOWED, *BODY),
        questions.c.state == "cancelled",
        {"state": "waiting", "reason": None, "cancelled_on": None, "enqueued_on": day},
    )
    _change(connection, known.filter(follows), _FOLLOWED, _STILL_WAITING, {})
    return new.height + back.height


def _insert(connection: Connection, new: pl.DataFrame) -> None:
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # Another machine may take in the same question at this moment.
    execute_each(connection, make(questions).on_conflict_do_nothing(index_elements=["request_id"]), new)


def _change(
    connection: Connection,
    rows: pl.DataFrame,
    names: Sequence[str],
    still: ColumnElement[bool],
    values: dict[str, str | None],
) -> None:
    """These columns of each of the questions that are `still` so, and the same `values` in all."""
    bound = rows.select(request="request_id", **{f"new_{name}": pl.col(name) for name in names})
    change = update(questions).where(questions.c.request_id == bindparam("request"), still)
    told: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    execute_each(connection, change.values({**values, **told}), bound)
