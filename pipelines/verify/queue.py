"""What waits to be asked, who may ask how much of it today, and in which order.

Tonight's links enter the queue here; what they no longer ask leaves it. `transitions` moves single questions on.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.state import WAITING, allocations, opened, questions, quota_days, reading, turns
from pipelines.verify import ledger, share
from pipelines.verify.gateway import FLAGS
from pipelines.verify.transitions import BODY, REFUSED, frame

CHANGED = "content_changed"
"""Cancelled: tonight another question is asked about the same person."""
GONE = "no_longer_proposed"
"""Cancelled: tonight's files propose nobody with this content and person."""
STATES = ("waiting", "reserved", "asked", "answered", "cancelled")

PARTS = ("floor", "aged", "size", "override", "left_over", "earlier")
"""Of what a tenant's places for a day consist (share.Places)."""
ROUND = 50
"""Questions of one tenant before the next one's turn: a few, and still neighbours on disk."""

_SLICE_ROWS = 50_000
_WHOLE = ("content_hash", "person_id", "sector", "tenant", "rank", *BODY)

_tonight = Table(
    "asked_tonight",
    MetaData(),
    Column("request_id", String(36), primary_key=True),
    Column("content_hash", String(64)),
    Column("person_id", String(12)),
    Column("sector", String),
    Column("tenant", String),
    Column("rank", Integer),
    *(Column(name, String) for name in BODY),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
    sqlite_with_rowid=False,
)

_BY_PERSON = text("CREATE INDEX asked_tonight_by_person ON asked_tonight (person_id)")


def take_in(connection: Connection, asking: pl.DataFrame, sectors: Sequence[str], day: str) -> tuple[int, int]:
    """How many questions were enqueued and how many cancelled, so that just what tonight asks is waiting.

    A question that already waits keeps its age; one that was answered or refused is left as it is. Sectors that
    sent nothing tonight keep theirs. Shape: `asking` as proposals.questions.
    """
    _stage(connection, asking)
    connection.execute(_BY_PERSON)
    cancelled = _cancel(connection, sectors, day)
    settled = exists().where(
        questions.c.request_id == _tonight.c.request_id,
        or_(questions.c.state != "cancelled", _is_refused()),
    )
    new = connection.execute(select(func.count()).select_from(_tonight).where(~settled)).scalar_one()
    _enqueue(connection, day)
    _tonight.drop(connection)
    return int(new), cancelled


def outcomes(connection: Connection, request_ids: pl.Series) -> pl.DataFrame:
    """Where these questions stand and what was answered. Shape: one row per request, sorted."""
    _stage(connection, pl.DataFrame({"request_id": request_ids}))
    columns = ("request_id", "state", "result", *FLAGS, "charged_on")
    found = select(*(questions.c[name] for name in columns)).join(
        _tonight, _tonight.c.request_id == questions.c.request_id
    )
    rows = connection.execute(found).all()
    _tonight.drop(connection)
    return frame(rows, pl.Schema(dict.fromkeys(columns, pl.String))).sort("request_id")


def begin_turn(connection: Connection, day: str, run_id: str) -> int:
    """The number of a new turn of asking, above every earlier one."""
    key = connection.execute(insert(turns), {"day": day, "run_id": run_id}).inserted_primary_key
    assert key is not None
    return int(key[0])


def end_turn(connection: Connection, turn: int, stopped_by: str, last_error: str | None) -> None:
    """Note why the turn stopped: `empty`, `cap` or `outage`."""
    values = {"stopped_by": stopped_by, "last_error": last_error}
    connection.execute(update(turns).where(turns.c.turn == turn).values(values))


def give_places(connection: Connection, turn: int, day: str, cap: int) -> int:
    """How many questions this turn may ask: each tenant's places for the day, less what it has used of them.

    The parts are stored for the whole day, so that a night that was interrupted is shared as if it had not been.
    """
    ledger.open_day(connection, day, cap)
    used = {(tenant, _day(since)): count for (tenant, since), count in ledger.used_by_tenant(connection, day).items()}
    by_day = select(questions.c.tenant, questions.c.enqueued_on, func.count()).where(WAITING)
    rows = connection.execute(by_day.group_by(questions.c.tenant, questions.c.enqueued_on)).all()
    waiting = {(tenant, _day(since)): int(count) for tenant, since, count in rows}
    places = share.allocate(waiting, cap, day=_day(day), used=used)
    given = [
        {
            "turn": turn,
            "tenant": tenant,
            "day": day,
            "rule": share.rule(),
            "cap": cap,
            "waiting": sum(count for (name, _), count in waiting.items() if name == tenant),
            "used": sum(count for (name, _), count in used.items() if name == tenant),
            **vars(part),
        }
        for tenant, part in places.items()
    ]
    if given:
        connection.execute(insert(allocations), given)
    return sum(part.total for part in places.values()) - sum(used.values())


def in_order(connection: Connection, turn: int) -> list[str]:
    """The requests that fit into the turn's places, in the order of asking.

    Within a tenant: the oldest enqueue day, then the likeliest to be confirmed, then the request code. Tenants take
    turns of `ROUND` questions, so that a night cut short is short for all alike.
    """
    place = func.row_number().over(
        partition_by=questions.c.tenant,
        order_by=(questions.c.enqueued_on, questions.c.rank, questions.c.request_id),
    )
    waiting = select(questions.c.request_id, questions.c.tenant, place.label("place")).where(WAITING).subquery()
    given = sum((allocations.c[part] for part in PARTS), -allocations.c.used)
    fits = select(waiting.c.request_id, waiting.c.tenant, waiting.c.place).join(
        allocations, and_(allocations.c.turn == turn, allocations.c.tenant == waiting.c.tenant)
    )
    rows = connection.execute(fits.where(waiting.c.place <= given)).all()
    schema = pl.Schema({"request_id": pl.String, "tenant": pl.String, "place": pl.Int64})
    return frame(rows, schema).sort((pl.col("place") - 1) // ROUND, "tenant", "place")["request_id"].to_list()


def anything_waits(connection: Connection) -> bool:
    """Whether a question is left for another turn or day."""
    waiting = select(questions.c.request_id).where(WAITING).limit(1)
    return connection.execute(waiting).first() is not None


def status(settings: Settings) -> dict[str, Any]:
    """The queue on the day `settings.night`, ready for JSON, without personal data.

    `states`: questions by state. `tenants`: for each, how many wait (and since when), are in flight, were answered,
    were charged today, and today's places in their parts. `last_turn`: who asked last and why it stopped.
    Errors: BadInput if the workspace does not exist.
    """
    if settings.state_url is None and not settings.workspace.is_dir():
        raise BadInput(
            "no_workspace",
            f"Không có thư mục làm việc «{settings.workspace}»; hãy chạy: sachsong nightly / no such workspace.",
        )
    day = settings.night.isoformat()
    with opened(settings) as engine, reading(engine) as connection:
        row = connection.execute(select(quota_days).where(quota_days.c.day == day)).mappings().one_or_none()
        quota = dict(row) if row else {"cap": settings.daily_cap, "reserved": 0, "charged": 0}
        last = connection.execute(select(turns).order_by(turns.c.turn.desc()).limit(1)).mappings().one_or_none()
        tenants = _by_tenant(connection, day)
    counts = {state: sum(int(tenant[state]) for tenant in tenants) for state in STATES}
    return {
        "day": day,
        "cap": quota["cap"],
        "used": quota["reserved"],
        "charged": quota["charged"],
        "left": max(0, quota["cap"] - quota["reserved"]),
        "enqueued": sum(counts.values()),
        "states": counts,
        "tenants": tenants,
        "last_turn": dict(last) if last else None,
    }


def _by_tenant(connection: Connection, day: str) -> list[dict[str, Any]]:
    oldest = func.min(questions.c.enqueued_on)
    by_state = select(questions.c.tenant, questions.c.state, func.count(), oldest)
    tenants: dict[str, dict[str, Any]] = {}
    for tenant, state, count, since in connection.execute(by_state.group_by("tenant", "state")):
        row = tenants.setdefault(tenant, _nothing(tenant))
        row[state] = int(count)
        if state == "waiting":
            row["waiting_since"] = since
    for tenant, count in ledger.charged_by_tenant(connection, day).items():
        tenants.setdefault(tenant, _nothing(tenant))["charged_today"] = count
    last = select(func.max(allocations.c.turn)).where(allocations.c.day == day).scalar_subquery()
    for found in connection.execute(select(allocations).where(allocations.c.turn == last)).mappings():
        row = tenants.setdefault(found["tenant"], _nothing(found["tenant"]))
        row.update({part: int(found[part]) for part in PARTS})
        row["allocated_today"] = sum(row[part] for part in PARTS)
    return [tenants[tenant] for tenant in sorted(tenants)]


def _nothing(tenant: str) -> dict[str, Any]:
    numbers = ("charged_today", "allocated_today", *PARTS)
    return {"tenant": tenant, "waiting_since": None, **dict.fromkeys((*STATES, *numbers), 0)}


def _is_refused() -> ColumnElement[bool]:
    return and_(questions.c.state == "cancelled", questions.c.reason.like(f"{REFUSED}%"))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _stage(connection: Connection, rows: pl.DataFrame) -> None:
    """Tonight's requests beside the queue, so that one statement can compare them all."""
    _tonight.create(connection)
    for part in rows.select(pl.col(name) for name in rows.columns if name in _tonight.c).iter_slices(_SLICE_ROWS):
        if not part.is_empty():
            connection.execute(insert(_tonight), part.to_dicts())


def _cancel(connection: Connection, sectors: Sequence[str], day: str) -> int:
    asked_still = exists().where(_tonight.c.request_id == questions.c.request_id)
    same_person = exists().where(_tonight.c.person_id == questions.c.person_id, _tonight.c.sector == questions.c.sector)
    gone = and_(WAITING, questions.c.sector.in_(sectors), ~asked_still)
    values = {"state": "cancelled", "cancelled_on": day, **dict.fromkeys(BODY)}
    changed = connection.execute(update(questions).where(gone, same_person).values(reason=CHANGED, **values)).rowcount
    return changed + connection.execute(update(questions).where(gone).values(reason=GONE, **values)).rowcount


def _enqueue(connection: Connection, day: str) -> None:
    """Insert what is new, take back what was cancelled, and follow a waiting question's tenant and rank."""
    names = ["request_id", *_WHOLE, "state", "enqueued_on"]
    is_same = and_(questions.c.tenant == _tonight.c.tenant, questions.c.rank == _tonight.c.rank)
    is_settled = or_(questions.c.state.in_(("reserved", "asked", "answered")), _is_refused())
    stays = exists().where(
        questions.c.request_id == _tonight.c.request_id,
        or_(is_settled, and_(questions.c.state == "waiting", is_same)),
    )
    asked = select(*(_tonight.c[name] for name in names[:-2]), literal("waiting"), literal(day)).where(~stays)
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    change = make(questions).from_select(
        names, asked.order_by(_tonight.c.tenant, _tonight.c.rank, _tonight.c.request_id)
    )
    new = change.excluded
    is_back = questions.c.state == "cancelled"
    connection.execute(
        change.on_conflict_do_update(
            index_elements=["request_id"],
            set_={
                **{name: new[name] for name in _WHOLE},
                "state": "waiting",
                "reason": None,
                "cancelled_on": None,
                "enqueued_on": case((is_back, new.enqueued_on), else_=questions.c.enqueued_on),
            },
            where=or_(is_back, questions.c.state == "waiting"),
        )
    )
