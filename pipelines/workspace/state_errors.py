"""Translates errors of the state database for an officer: whether trying again may work, and the remedy.

`state_errors.toml` says it by SQLSTATE, for PostgreSQL; SQLite only tells what is operational from what is not.
"""

import sqlite3
import sys
import tomllib
from functools import cache
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from pipelines.errors import PipelineError, Terminal, Transient


def raised() -> tuple[type[Exception], ...]:
    """Exceptions that the databases raise, by way of SQLAlchemy or straight from a driver.

    PostgreSQL's driver is slow to load: where it has not been, it raises nothing.
    """
    driver = sys.modules.get("psycopg")
    return (DBAPIError, sqlite3.Error, *([driver.Error] if driver else []))


def typed(fault: Exception) -> PipelineError:
    """The error to raise instead of one of `raised`; it repeats no value of any row."""
    cause = fault.orig if isinstance(fault, DBAPIError) else fault
    meaning = _meanings()[_name(cause)]
    kind = Transient if meaning["again"] else Terminal
    return kind(f"{meaning['vi']} / {meaning['en']} ({_first_line(cause)}).")


def _name(cause: BaseException | None) -> str:
    """The section of state_errors.toml that fits."""
    import psycopg

    if not isinstance(cause, psycopg.Error):
        return "sqlite" if isinstance(cause, sqlite3.OperationalError) else "damaged"
    if cause.sqlstate is None:
        is_lost = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
        return "unreachable" if is_lost else "damaged"
    fits = [(len(code), name) for code, name in _by_code().items() if code and cause.sqlstate.startswith(code)]
    return max(fits)[1] if fits else "damaged"


def _first_line(cause: BaseException | None) -> str:
    """What happened; PostgreSQL repeats the whole row, a person's, in the lines after it."""
    return str(cause).partition("\n")[0]


@cache
def _meanings() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("state_errors.toml").read_text("utf-8"))


@cache
def _by_code() -> dict[str, str]:
    return {code: name for name, meaning in _meanings().items() for code in meaning.get("sqlstates", ())}
