"""Opens the state database and its transactions, which are durable or did not happen.

One code for SQLite (WAL, each commit synced) and PostgreSQL (by URL); `state_tables` says what it holds.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from pipelines.config import Settings
from pipelines.errors import BadInput, Terminal
from pipelines.workspace import state_errors
from pipelines.workspace.state_tables import METADATA, nights, schema

SCHEMA = 6
"""Version of `state_tables`; a database of another version is refused."""
BUSY_TIMEOUT_S = 30
"""Seconds that a transaction waits for another's; longer than any of them stands still."""
STILL_TIMEOUT_S = 20
"""Seconds after which PostgreSQL ends a silent transaction: its worker was stopped, or its machine is gone."""
CONNECT_TIMEOUT_S = 10
SILENCE_S = 30
"""Seconds without a reply after which a connection is lost, on both ends."""

_READING: dict[str, dict[str, Any]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ"},
    "sqlite": {"reading": True},
}
_MAKING_TABLES = 5_005_031_945
"""The advisory lock under which PostgreSQL's tables are made: any number that nobody else uses."""


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """The state database, its tables made if they are missing; closed at the end."""
    if settings.state_url is None:
        settings.workspace.mkdir(parents=True, exist_ok=True)
    engine = connect(settings.state_url or sqlite_file(settings.workspace / "state.sqlite"))
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


def sqlite_file(path: Path) -> URL:
    """The URL of a SQLite file, whatever its path: written out, a `?` would be the end of it."""
    return URL.create("sqlite", database=str(path.resolve()))


def connect(url: str | URL) -> Engine:
    """An engine whose commits are durable. Values never appear in its errors: they are personal data.

    Errors: BadInput if the URL names no SQLite or PostgreSQL database; the message never repeats it.
    """
    try:
        target = make_url(url)
        if target.get_backend_name() == "postgresql":
            return _postgresql(target.set(drivername="postgresql+psycopg"))
    except (ArgumentError, ValueError):
        raise _bad_url() from None
    if target.get_backend_name() != "sqlite":
        raise _bad_url()
    engine = create_engine(target, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(target: URL) -> Engine:
    # Slow to load: only where there is a server.
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo

    in_session = {
        "synchronous_commit": "on",
        "timezone": "UTC",
        "lock_timeout": f"{BUSY_TIMEOUT_S}s",
        "idle_in_transaction_session_timeout": f"{STILL_TIMEOUT_S}s",
        "tcp_keepalives_idle": SILENCE_S // 3,
        "tcp_keepalives_interval": SILENCE_S // 3,
        "tcp_keepalives_count": 2,
        "tcp_user_timeout": f"{SILENCE_S}s",
    }
    arguments = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "keepalives_idle": SILENCE_S // 3,
        "keepalives_interval": SILENCE_S // 3,
        "keepalives_count": 2,
        "tcp_user_timeout": SILENCE_S * 1000,
        "options": " ".join(f"-c {name}={value}" for name, value in in_session.items()),
    }
    engine = create_engine(target, hide_parameters=True, pool_pre_ping=True, connect_args=arguments)
    told = engine.dialect.create_connect_args(target)[1]
    try:  # refuses what it does not know
        make_conninfo(**{name: value for name, value in told.items() if name != "context"})
    except ProgrammingError:
        raise _bad_url() from None
    return engine


def _bad_url() -> BadInput:
    return BadInput(
        "bad_state_url",
        "SACHSONG_STATE_URL phải có dạng postgresql://MÁY/TÊN (mật khẩu để trong PGPASSFILE) hoặc sqlite:///TỆP "
        "/ the state's URL must name a PostgreSQL or SQLite database.",
    )


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A connection in one write transaction: all of it is on disk afterwards, or none.

    Errors: Transient if the database is locked, its disk full or its server gone, Terminal if it is damaged. A commit
    that was not answered may have happened: the next turn reads what did.
    """
    with _typed_errors(), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that reads one moment's state and does not hold up writers."""
    with _typed_errors(), engine.connect() as connection:
        connection.execution_options(**_READING[engine.dialect.name])
        with connection.begin():
            yield connection


def record_night(settings: Settings, run_id: str, figures: Mapping[str, Any]) -> None:
    """Stores a run's figures for the trend; a run recorded again replaces its own."""
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
    except state_errors.raised() as fault:
        raise state_errors.typed(fault) from None


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin or commit by itself
    cursor = connection.cursor()
    # The log is copied into the file at 128 MB: request codes touch pages all over their index, and a page that several
    # commits changed is copied once.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536", "wal_autocheckpoint=32000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a transaction that reads first and writes later could not wait for another writer.
    is_reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


def require_workspace(settings: Settings) -> None:
    """Returns if the workspace exists; BadInput otherwise."""
    if settings.state_url is None and not settings.workspace.is_dir():
        raise BadInput(
            "no_workspace",
            f"Không có thư mục làm việc «{settings.workspace}»; hãy chạy: sachsong nightly / no such workspace.",
        )
