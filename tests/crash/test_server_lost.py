"""PostgreSQL's server killed, stopped or restarted under its workers, their sessions ended, its disk full.

A worker says in one sentence what to do and ends with the exit code of a Transient error, or goes on with a new
session; the same command afterwards ends as if nothing had happened.
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count as counted
from pathlib import Path

import psycopg
import pytest

from pipelines.errors import Transient
from tests.crash import books, forge, kills
from tests.crash.forge import Forge, Worker
from tests.crash.job import Job
from tests.pipelines.verify import postgres

DAY, CAP, QUESTIONS = kills.FIRST.isoformat(), 12, 14
LOST = "SACHSONG_STATE_URL"
"""In the remedy of a server that does not answer."""

IN_TRANSACTION = [step for step in kills.steps() if step.startswith("before_")]
WITHOUT = ("looked_up", "before_recovered", "recovered", "ended")
"""Steps that an undisturbed worker does not pass, or after which nothing is left to do."""

Blow = Callable[[Path], None]
BLOWS: dict[str, Blow] = {
    "kill -9": postgres.crash,
    "immediate": lambda server: postgres.stop(server, "immediate"),
    "fast": lambda server: postgres.stop(server, "fast"),
}
_numbers = counted(1)


@pytest.fixture(scope="module")
def smithy() -> Iterator[Forge]:
    with forge.opened() as opened:
        yield opened


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    if postgres.PROGRAMS is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.server() as folder:
        yield folder


@pytest.fixture
def job(tmp_path: Path, server: Path) -> Job:
    url = postgres.database(server, f"lost{next(_numbers)}")
    return Job(folder=tmp_path, state_url=url, day=DAY, cap=CAP, questions=QUESTIONS, busy_timeout_s=5)


def look(job: Job, *, at_rest: bool = False) -> list[str]:
    return books.broken(job.folder, job.cap, job.questions, at_rest=at_rest, state_url=job.state_url)


def gave_up(worker: Worker, remedy: str = LOST) -> bool:
    """Whether it ended with an error, which then is a Transient one that names the remedy."""
    if worker.end() == 0:
        return False
    assert worker.said["returncode"] == Transient.exit_code
    assert worker.said["error"] == "Transient", worker.said
    assert remedy in worker.said["message"], worker.said
    return True


def resume(smithy: Forge, job: Job) -> None:
    """The same command again: as if nothing had happened."""
    again = smithy.run(job)
    assert again.said["ended"] == "cap", again.said
    assert look(job, at_rest=True) == []
    assert books.charged(job.folder) == {DAY: CAP}
    assert books.states(job.folder, job.state_url) == {"answered": CAP, "waiting": QUESTIONS - CAP}


def stopped_at(smithy: Forge, job: Job, step: str) -> Worker:
    worker = smithy.start(job.model_copy(update={"stop_step": step}))
    worker.hear("stopped")
    return worker


def lose(smithy: Forge, server: Path, job: Job, blow: Blow, step: str, *, comes_back: bool) -> None:
    """The server is lost as a worker passes a step; it is there again before the worker goes on, or only afterwards."""
    worker = stopped_at(smithy, job, step)
    blow(server)
    try:
        if comes_back:
            postgres.start(server)
        worker.signal(signal.SIGCONT)
        assert gave_up(worker) == (not comes_back or step in IN_TRANSACTION), worker.said
    finally:
        if not comes_back:
            postgres.start(server)
    assert look(job) == []
    resume(smithy, job)


@pytest.mark.parametrize(
    ("step", "comes_back"),
    [("gateway.after_commit", False), ("before_settled", True), pytest.param("asked", True, marks=pytest.mark.long)],
)
def test_the_server_is_killed_as_a_worker_passes_a_step(
    smithy: Forge, server: Path, job: Job, step: str, comes_back: bool
) -> None:
    lose(smithy, server, job, postgres.crash, step, comes_back=comes_back)


@pytest.mark.long
@pytest.mark.parametrize("blow", BLOWS)
@pytest.mark.parametrize("comes_back", [False, True])
@pytest.mark.parametrize("step", [step for step in kills.steps() if step not in WITHOUT])
def test_the_server_is_lost_at_every_step(
    smithy: Forge, server: Path, job: Job, blow: str, step: str, comes_back: bool
) -> None:
    lose(smithy, server, job, BLOWS[blow], step, comes_back=comes_back)


def killed_again_and_again(both: list[Forge], server: Path, job: Job, times: int, seed: int) -> None:
    """The server, at random moments while workers ask, and at once started again, while they start."""
    chance, day, lost = random.Random(seed), kills.FIRST, 0
    while lost < times or books.states(job.folder, job.state_url) != {"answered": job.questions}:
        assert day < kills.FIRST + timedelta(days=30), "it never settles"
        todays = job.model_copy(update={"day": day.isoformat()})
        jobs = [todays.model_copy(update={"worker": name}) for name, _ in zip("ab", both, strict=False)]
        workers = [each.start(its) for each, its in zip(both, jobs, strict=True)]
        if lost < times:
            time.sleep(chance.uniform(0.0, 0.25))
            chance.choice(list(BLOWS.values()))(server)
            postgres.start(server, wait=chance.random() < 0.5)
        given_up = [gave_up(worker) for worker in workers]
        postgres.wait(server)
        lost += any(given_up)
        assert look(job) == []
        if not any(given_up):
            for each, its in zip(both, jobs, strict=True):
                assert each.run(its).said["returncode"] == 0
            assert look(job, at_rest=True) == []
            day += timedelta(days=1)
    assert sum(books.charged(job.folder).values()) == job.questions


@pytest.mark.parametrize(
    ("times", "workers", "seed"),
    [(1, 1, 1), *(pytest.param(20, 1 + seed % 2, seed, marks=pytest.mark.long) for seed in range(8))],
)
def test_the_server_is_lost_at_random(
    smithy: Forge, server: Path, job: Job, times: int, workers: int, seed: int
) -> None:
    large = job.model_copy(update={"questions": 20 + 2 * times, "cap": 14 + times // 2, "batch": 4})
    with forge.opened() as second:
        killed_again_and_again([smithy, second][:workers], server, large, times, seed)


def administrator(job: Job) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(str(job.state_url), autocommit=True)


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
