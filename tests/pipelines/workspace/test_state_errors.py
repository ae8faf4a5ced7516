"""Each error of the state database comes out as one that says whether to try again, and the remedy."""

import sqlite3

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.exc import OperationalError

from pipelines.errors import Terminal, Transient
from pipelines.workspace import state_errors

CASES = [
    # SQLSTATE (None: the connection itself failed), again, what the remedy says
    (None, True, "SACHSONG_STATE_URL"),
    ("08006", True, "does not answer"),
    ("57P01", True, "does not answer"),  # an administrator ended the session
    ("57P02", True, "does not answer"),  # another session crashed, the server restarts
    ("57P03", True, "does not answer"),  # it is starting or recovering
    ("53300", True, "max_connections"),
    ("53200", True, "max_connections"),
    ("53100", True, "disk .* is full"),  # a longer beginning goes before a shorter one
    ("55P03", True, "another process"),  # lock_timeout
    ("57014", True, "another process"),  # statement_timeout
    ("40P01", True, "another process"),
    ("40001", True, "another process"),
    ("25P03", True, "stood still"),  # psycopg does not call it operational
    ("25006", True, "read-only"),  # nor this
    ("58030", True, "its disk"),
    ("42501", False, "no right"),
    ("28P01", False, "no right"),
    ("23505", False, "restore the backup"),
    ("XX001", False, "restore the backup"),
    ("42P01", False, "restore the backup"),
]


@pytest.mark.parametrize(("sqlstate", "again", "remedy"), CASES)
def test_each_fault_of_postgresql(sqlstate: str | None, again: bool, remedy: str) -> None:
    cause = errors.lookup(sqlstate)("what it said") if sqlstate else psycopg.OperationalError("what it said")
    told = state_errors.typed(cause)
    assert type(told) is (Transient if again else Terminal)
    with pytest.raises(type(told), match=remedy):
        raise told
    assert "what it said" in str(told)


def test_faults_without_a_code() -> None:
    assert type(state_errors.typed(sqlite3.OperationalError("database is locked"))) is Transient
    assert type(state_errors.typed(sqlite3.DatabaseError("file is not a database"))) is Terminal
    assert type(state_errors.typed(psycopg.InterfaceError("the connection is closed"))) is Transient
    assert type(state_errors.typed(psycopg.ProgrammingError("cannot adapt type"))) is Terminal


def test_the_row_that_postgresql_repeats_is_not() -> None:
    cause = errors.lookup("23514")("new row violates a check\nDETAIL: Failing row contains (079087000001, An).")
    told = str(state_errors.typed(OperationalError("INSERT", {}, cause)))
    assert "violates a check" in told
    assert "079087000001" not in told
