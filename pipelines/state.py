"""The state database: what must survive every crash and is never rebuilt.

Queue, quota ledger, the places given each day, and the figures of past nights. One code for SQLite (WAL, each
commit synced) and PostgreSQL (by URL). Dates are quota days as ISO text, which sorts the same in both.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    event,
    insert,
    inspect,
    literal,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from pipelines.config import Settings
from pipelines.errors import Terminal, Transient

SCHEMA = 1
"""Version of the tables below; a database of a newer version is refused."""
BUSY_TIMEOUT_S = 30

METADATA = MetaData()

DAY = String(10)

schema = Table("schema_version", METADATA, Column("version", Integer, primary_key=True))

turns = Table(
    "turns",
    METADATA,
    # One row each time somebody starts to ask; its number is the fencing token of what it reserves.
    Column("turn", Integer, primary_key=True, autoincrement=True),
    Column("day", DAY, nullable=False),
    Column("run_id", String, nullable=False),
    Column("stopped_by", String),  # empty, cap, outage; null while asking or after a crash
    Column("last_error", String),
)

questions = Table(
    "questions",
    METADATA,
    # Given in the order of asking, so that what is asked together lies together on disk.
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("request_id", String(36), nullable=False, unique=True),
    Column("content_hash", String(64), nullable=False),
    Column("person_id", String(12), nullable=False),
    Column("sector", String, nullable=False),
    Column("tenant", String, nullable=False),
    Column("rank", Integer, nullable=False),  # order within tenant and day: likelier confirmed is lower
    Column("state", String(9), nullable=False),
    Column("reason", String),  # why cancelled
    Column("enqueued_on", DAY, nullable=False),
    Column("reserved_on", DAY),
    Column("asked_on", DAY),
    Column("charged_on", DAY),  # the gateway's quota day, from its answer
    Column("cancelled_on", DAY),
    Column("lease_token", Integer),  # the turn that reserved it; a stale turn's settling is void
    Column("result", String(16)),
    Column("id_flag", String(1)),
    Column("name_flag", String(1)),
    Column("birth_flag", String(1)),
    Column("sex_flag", String(1)),
    # What is asked; kept only until it has been answered or cancelled.
    Column("id_number", String(12)),
    Column("full_name", String),
    Column("date_of_birth", DAY),
    Column("sex", String(8)),
)


WAITING = questions.c.state == literal("waiting", literal_execute=True)
IN_FLIGHT = questions.c.state.in_([literal(state, literal_execute=True) for state in ("reserved", "asked")])
"""Conditions spelt as the indexes below are: only then do the databases use them."""

# Partial: a question leaves them as it moves on, and the answered millions cost nothing.
Index(
    "questions_waiting",
    *(questions.c[name] for name in ("tenant", "enqueued_on", "rank", "request_id")),
    sqlite_where=WAITING,
    postgresql_where=WAITING,
)
Index(
    "questions_in_flight",
    questions.c.state,
    sqlite_where=IN_FLIGHT,
    postgresql_where=IN_FLIGHT,
)

quota_days = Table(
    "quota_days",
    METADATA,
    Column("day", DAY, primary_key=True),
    Column("cap", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),  # places taken: in flight and charged
    Column("charged", Integer, nullable=False),
)

ledger = Table(
    "ledger",
    METADATA,
    # Append-only; the sums by day are quota_days.
    Column("entry", Integer, primary_key=True, autoincrement=True),
    Column("day", DAY, nullable=False, index=True),
    Column("turn", Integer, nullable=False),  # whose reservation
    Column("tenant", String, nullable=False),
    Column("enqueued_on", DAY, nullable=False),  # how long it had waited
    Column("reserved", Integer, nullable=False),
    Column("charged", Integer, nullable=False),
)

allocations = Table(
    "allocations",
    METADATA,
    # What a turn found to be each tenant's places for the whole day; the day's last turn is in force.
    Column("turn", Integer, primary_key=True),
    Column("tenant", String, primary_key=True),
    Column("day", DAY, nullable=False, index=True),
    Column("rule", String, nullable=False),
    Column("cap", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("used", Integer, nullable=False),  # of the day, when the turn began
    Column("floor", Integer, nullable=False),
    Column("aged", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("override", Integer, nullable=False),
    Column("left_over", Integer, nullable=False),
    Column("earlier", Integer, nullable=False),
)

nights = Table(
    "nights",
    METADATA,
    Column("run_id", String, primary_key=True),
    Column("night", DAY, nullable=False),
    Column("figures", JSON, nullable=False),
)

decisions = Table(
    "decisions",
    METADATA,
    # Append-only: who decided what about whom is told for ever (pipelines/decisions.py says which word is the last).
    Column("decision", Integer, primary_key=True, autoincrement=True),
    Column("sector", String, nullable=False),
    Column("content", String(64), nullable=False),  # fingerprint of what the record says
    Column("verdict", String(9), nullable=False),  # same, different, nobody, revoked
    Column("person_id", String),  # null: nobody, revoked
    Column("person", String(64)),  # fingerprint of what the registry says of the person
    Column("decided_by", String, nullable=False),
    Column("decided_at", String, nullable=False),
    Column("reason", String, nullable=False),
)


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """The state database, its tables made if they are not there; closed at the end."""
    if settings.state_url is None:
        settings.workspace.mkdir(parents=True, exist_ok=True)
    engine = connect(settings.state_database_url)
    try:
        with reading(engine) as connection:
            is_new = not inspect(connection).has_table(schema.name)
            is_older = not is_new and not inspect(connection).has_table(decisions.name)
        if is_older:
            with transaction(engine) as connection:
                decisions.create(connection, checkfirst=True)
        if is_new:
            with transaction(engine) as connection:
                METADATA.create_all(connection)
                connection.execute(delete(schema))
                connection.execute(insert(schema), {"version": SCHEMA})
        with reading(engine) as connection:
            _check_version(connection)
        yield engine
    finally:
        engine.dispose()


def connect(url: str) -> Engine:
    """An engine whose commits are durable. Values never appear in its errors: they are personal data."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, hide_parameters=True, pool_pre_ping=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A connection in one write transaction: all of it is on disk afterwards, or none.

    Errors: Transient if the database is locked or the disk full, Terminal if it is damaged.
    """
    with _typed_errors(), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment's state and does not hold up writers."""
    with _typed_errors(), engine.connect().execution_options(reading=True) as connection, connection.begin():
        yield connection


def record_night(settings: Settings, run_id: str, figures: Mapping[str, Any]) -> None:
    """Keep a run's figures for the trend; a run recorded again replaces its own."""
    row = {"run_id": run_id, "night": settings.night.isoformat(), "figures": dict(figures)}
    with opened(settings) as engine, transaction(engine) as connection:
        connection.execute(delete(nights).where(nights.c.run_id == run_id))
        connection.execute(insert(nights), row)


def past_nights(settings: Settings) -> list[dict[str, Any]]:
    """The figures of each night's last run, oldest night first: `night`, `run_id`, `figures`."""
    with opened(settings) as engine, reading(engine) as connection:
        rows = connection.execute(select(nights.c.night, nights.c.run_id, nights.c.figures)).mappings().all()
    ordered = sorted(rows, key=lambda row: (row["night"], _number(row["run_id"])))
    return list({row["night"]: dict(row) for row in ordered}.values())


def _number(run_id: str) -> int:
    return int(run_id.rpartition("-")[2])


def _check_version(connection: Connection) -> None:
    version = connection.execute(select(schema.c.version)).scalar()
    if version != SCHEMA:
        raise Terminal(
            f"Cơ sở dữ liệu trạng thái có phiên bản {version}, chương trình cần {SCHEMA} / "
            f"the state database has version {version}, this program needs {SCHEMA}."
        )


@contextmanager
def _typed_errors() -> Iterator[None]:
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as fault:
        cause = getattr(fault, "orig", fault)
        raise Transient(
            "Không ghi hoặc đọc được cơ sở dữ liệu trạng thái; kiểm tra ổ đĩa và tiến trình khác rồi chạy lại / "
            f"the state database cannot be used now ({cause}); check the disk and other processes, run again."
        ) from fault
    except (DatabaseError, sqlite3.DatabaseError) as fault:
        cause = getattr(fault, "orig", fault)
        raise Terminal(
            "Cơ sở dữ liệu trạng thái bị hỏng hoặc từ chối dữ liệu; phục hồi từ bản sao lưu / "
            f"the state database is damaged or refuses a row ({cause}); restore the backup."
        ) from fault


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin or commit by itself
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536", "wal_autocheckpoint=8000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a transaction that reads first and writes later could not wait for another writer.
    is_reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")
