"""Opening the state database, and transactions in it that are durable or did not happen.

One code for SQLite (WAL, each commit synced) and PostgreSQL (by URL); `state_tables` says what it holds.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, insert, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from pipelines.config import Settings
from pipelines.errors import BadInput, Terminal, Transient
from pipelines.state_tables import METADATA, nights, schema

SCHEMA = 2
"""Version of `state_tables`; a database of another version is refused."""
BUSY_TIMEOUT_S = 30

_POSTGRESQL = f"-c synchronous_commit=on -c lock_timeout={BUSY_TIMEOUT_S}s -c timezone=UTC"
_MAKING_TABLES = 5_005_031_945
"""The advisory lock under which PostgreSQL's tables are made: any number that nobody else uses."""


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """The state database, its tables made if they are not there; closed at the end."""
    if settings.state_url is None:
        settings.workspace.mkdir(parents=True, exist_ok=True)
    engine = connect(settings.state_database_url)
    try:
        with reading(engine) as connection:
            is_new = not inspect(connection).has_table(schema.name)
        if is_new:
            with transaction(engine) as connection:
                _make_tables(connection)
        with reading(engine) as connection:
            _check_version(connection)
        yield engine
    finally:
        engine.dispose()


def connect(url: str) -> Engine:
    """An engine whose commits are durable. Values never appear in its errors: they are personal data.

    Errors: BadInput if the URL names no SQLite or PostgreSQL database; the message never repeats it.
    """
    if not url.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
        raise BadInput(
            "bad_state_url",
            "SACHSONG_STATE_URL phải có dạng postgresql://MÁY/TÊN (mật khẩu để trong PGPASSFILE) hoặc sqlite:///TỆP "
            "/ the state's URL must name a PostgreSQL or SQLite database.",
        )
    if make_url(url).get_backend_name() == "postgresql":
        driven = make_url(url).set(drivername="postgresql+psycopg")
        return create_engine(driven, hide_parameters=True, pool_pre_ping=True, connect_args={"options": _POSTGRESQL})
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


def _make_tables(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_MAKING_TABLES)))
    if inspect(connection).has_table(schema.name):  # another worker was faster
        return
    METADATA.create_all(connection)
    connection.execute(insert(schema), {"version": SCHEMA})


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
        cause = _first_line(fault)
        raise Transient(
            "Không ghi hoặc đọc được cơ sở dữ liệu trạng thái; kiểm tra ổ đĩa và tiến trình khác rồi chạy lại / "
            f"the state database cannot be used now ({cause}); check the disk and other processes, run again."
        ) from None
    except (DatabaseError, sqlite3.DatabaseError) as fault:
        cause = _first_line(fault)
        raise Terminal(
            "Cơ sở dữ liệu trạng thái bị hỏng hoặc từ chối dữ liệu; phục hồi từ bản sao lưu / "
            f"the state database is damaged or refuses a row ({cause}); restore the backup."
        ) from None


def _first_line(fault: Exception) -> str:
    """What happened; PostgreSQL repeats the whole row, a person's, in the lines after it."""
    return str(getattr(fault, "orig", fault)).partition("\n")[0]


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
