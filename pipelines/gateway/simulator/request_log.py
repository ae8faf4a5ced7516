"""Stores what the gateway never forgets: the answer to each request, the day it was charged to, and used nonces.

A SQLite file of its own, each commit synced. Requests are kept for good (a real gateway promises seven days and more).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import polars as pl
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import sqlite

from pipelines.errors import BadInput
from pipelines.gateway.protocol.answers import FLAGS
from pipelines.gateway.protocol.signing import FUTURE_S, OLDEST_S
from pipelines.workspace import state
from pipelines.workspace.bulk_rows import among, execute_each, frame

_METADATA = MetaData()
_answered = Table(
    "answered",
    _METADATA,
    Column("request_id", String(40), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("result", String(16), nullable=False),
    *(Column(flag, String(1), nullable=False) for flag in FLAGS),
    Column("quota_day", String(10), nullable=False),
)
_pending = Table(
    "pending",
    _METADATA,
    # Under review: until then the answer is MANUAL_REVIEW.
    Column("request_id", String(40), primary_key=True),
    Column("ready_at", BigInteger, nullable=False),  # seconds since 1970
)
_days = Table(
    "days",
    _METADATA,
    Column("day", String(10), primary_key=True),
    Column("accepted", Integer, nullable=False),
)
_nonces = Table(
    "nonces",
    _METADATA,
    Column("nonce", String(64), primary_key=True),
    Column("seen_at", Float, nullable=False, index=True),
)

REMEMBERED = pl.Schema(
    {
        "request_id": pl.String,
        "body_hash": pl.String,
        "result": pl.String,
        **dict.fromkeys(FLAGS, pl.String),
        "quota_day": pl.String,
        "ready_at": pl.Int64,
    }
)
"""Columns of requests that were answered before; `ready_at` is null for those never under review."""


@contextmanager
def open_log(path: Path) -> Iterator[Engine]:
    """The gateway's request log, its tables made if they are missing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise BadInput(
            "no_memory", f"Không tạo được thư mục «{path.parent}» ({fault.strerror}) / the folder cannot be made."
        ) from None
    engine = state.connect(state.sqlite_file(path))
    try:
        with state.transaction(engine) as connection:
            _METADATA.create_all(connection)
        yield engine
    finally:
        engine.dispose()


def spend(connection: Connection, nonce: str, now: datetime) -> bool:
    """Whether this nonce is new; from now on it is used. Those too old to come again in time are forgotten."""
    instant = now.timestamp()
    connection.execute(delete(_nonces).where(_nonces.c.seen_at < instant - OLDEST_S - FUTURE_S))
    row = sqlite.insert(_nonces).values(nonce=nonce, seen_at=instant).on_conflict_do_nothing()
    return connection.execute(row).rowcount == 1


def remembered(connection: Connection, request_ids: list[str]) -> pl.DataFrame:
    """The stored answers to these requests. Shape: as REMEMBERED, sorted; a request never received has no row."""
    columns = [_answered.c[name] for name in REMEMBERED if name != "ready_at"]
    found = (
        select(*columns, _pending.c.ready_at)
        .join(_pending, _pending.c.request_id == _answered.c.request_id, isouter=True)
        .where(among(connection, _answered.c.request_id, request_ids))
    )
    return frame(connection, found, REMEMBERED).sort("request_id")


def accepted(connection: Connection, day: str) -> int:
    """Number of questions that were charged to this day."""
    return int(connection.execute(select(_days.c.accepted).where(_days.c.day == day)).scalar() or 0)


def charge(connection: Connection, new: pl.DataFrame, day: str) -> None:
    """Stores these answers and charges each to the day. Shape: REMEMBERED without the day."""
    if new.is_empty():
        return
    rows = new.select("request_id", "body_hash", "result", *FLAGS, quota_day=pl.lit(day))
    execute_each(connection, insert(_answered), rows)
    under_review = new.filter(pl.col("ready_at").is_not_null()).select("request_id", "ready_at")
    execute_each(connection, insert(_pending), under_review)
    count = {"accepted": _days.c.accepted + new.height}
    if not connection.execute(update(_days).where(_days.c.day == day).values(count)).rowcount:
        connection.execute(insert(_days), {"day": day, "accepted": new.height})
