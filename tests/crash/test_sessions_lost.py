"""Sessions of PostgreSQL ended or held up, a standby, a full disk: the worker says what to do; all goes on again."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests.crash import books, forge
from tests.crash.forge import Forge
from tests.crash.job import Job
from tests.crash.lost import IN_TRANSACTION, administrator, gave_up, look, resume, stopped_at
from tests.pipelines.verify import postgres


@pytest.mark.parametrize("step", ["answered", pytest.param("before_asked", marks=pytest.mark.long)])
def test_a_session_is_ended_by_an_administrator(smithy: Forge, job: Job, step: str) -> None:
    worker = stopped_at(smithy, job, step)
    with administrator(job) as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(f"{ended} AND pid <> pg_backend_pid()".encode())
    worker.signal(signal.SIGCONT)
    assert gave_up(worker) == (step in IN_TRANSACTION)
    resume(smithy, job)


def test_one_session_is_killed(smithy: Forge, server: Path, job: Job) -> None:
    """As where memory runs out: the server ends all sessions and recovers by itself."""
    worker = stopped_at(smithy, job, "before_settled")
    with administrator(job) as connection:
        sessions = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        for (pid,) in connection.execute(sessions.encode()).fetchall():
            os.kill(int(str(pid)), signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):  # until the server has noticed
            connection.execute("SELECT pg_sleep(30)")
    worker.signal(signal.SIGCONT)
    assert gave_up(worker)
    postgres.wait(server)
    assert look(job) == []
    resume(smithy, job)


def test_stopped_in_a_transaction_it_holds_up_nobody_for_long(smithy: Forge, job: Job) -> None:
    """It has the day's row locked. The server cuts it off before the other has waited too long."""
    first = stopped_at(smithy, job.model_copy(update={"still_timeout_s": 1}), "before_reserved")
    with forge.opened() as other:
        assert other.run(job.model_copy(update={"worker": "b", "questions": 0})).said["ended"] == "cap"
    before = books.states(job.folder, job.state_url)
    first.signal(signal.SIGCONT)
    assert gave_up(first, "stood still")
    assert books.states(job.folder, job.state_url) == before
    resume(smithy, job)


@pytest.mark.long
def test_another_holds_the_day_for_too_long(smithy: Forge, job: Job) -> None:
    smithy.run(job.model_copy(update={"kill_step": "places_given"}))
    with psycopg.connect(str(job.state_url)) as connection:
        connection.execute("SELECT * FROM quota_days FOR UPDATE")
        assert gave_up(smithy.start(job.model_copy(update={"busy_timeout_s": 1})), "another process")
    resume(smithy, job)


def test_too_many_connections(smithy: Forge, server: Path, job: Job) -> None:
    held: list[psycopg.Connection[tuple[object, ...]]] = []
    with suppress(psycopg.OperationalError):
        while True:
            held.append(psycopg.connect(str(job.state_url)))
    assert gave_up(smithy.start(job), "too many clients")
    for connection in held:
        connection.close()
    resume(smithy, job)


def test_the_server_is_a_standby_until_it_takes_over(smithy: Forge, server: Path, job: Job) -> None:
    worker = stopped_at(smithy, job, "answered")
    postgres.stop(server, "fast")
    (server / "data" / "standby.signal").touch()
    postgres.start(server)
    worker.signal(signal.SIGCONT)
    assert gave_up(worker, "read-only")
    assert gave_up(smithy.start(job), "read-only")
    postgres.promote(server)
    assert look(job) == []
    resume(smithy, job)


FORGET_RESERVING = """
    UPDATE questions SET state = 'waiting', lease_token = NULL, reserved_on = NULL WHERE state = 'reserved';
    DELETE FROM ledger;
    UPDATE quota_days SET reserved = 0;
    UPDATE tenant_days SET reserved = 0;
"""


def test_a_standby_takes_over_that_lacks_the_last_commit(smithy: Forge, job: Job) -> None:
    """What the worker reserved is unknown to it: nothing is sent without a place."""
    worker = stopped_at(smithy, job, "reserved")
    with administrator(job) as connection:
        connection.execute(FORGET_RESERVING.encode())
    worker.signal(signal.SIGCONT)
    assert worker.end() == 0
    assert worker.said["ended"] == "taken_over"
    assert books.charged(job.folder) == {}
    assert look(job) == []
    resume(smithy, job)


@pytest.fixture
def small_disk(server: Path) -> Iterator[Path]:
    """A small file system for a database; the server's log is elsewhere."""
    folder = server / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=777", "none", str(folder)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_the_servers_disk_is_full(smithy: Forge, server: Path, job: Job, small_disk: Path) -> None:
    inside = small_disk / "space"
    inside.mkdir(mode=0o777)
    os.chown(inside, small_disk.parent.stat().st_uid, -1)
    with administrator(job) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{inside}'".encode())
        connection.execute("CREATE DATABASE narrow TEMPLATE template0 TABLESPACE small")
    narrow = job.model_copy(update={"state_url": f"postgresql://{postgres.NOBODY}@/narrow?host={server}"})
    filler = small_disk / "filler"
    try:
        smithy.run(narrow.model_copy(update={"kill_step": "begun"}))
        with filler.open("wb") as file, suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
                file.flush()
        assert gave_up(smithy.start(narrow), "disk of the state database's server is full")
        filler.unlink()
        assert look(narrow) == []
        resume(smithy, narrow)
    finally:
        with administrator(job) as connection:
            connection.execute("DROP DATABASE narrow")
            connection.execute("DROP TABLESPACE small")
