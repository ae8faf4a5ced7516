"""kill -9 at every named step and at random moments: 0 lost, 0 charged twice, never over the cap, soon recovered."""

import signal
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash import books, forge, kills, pair
from tests.crash.forge import Forge
from tests.crash.job import MEMORY, Job
from tests.crash.kills import CAP, FIRST, QUESTIONS

RECOVERY_S = 10.0
DAY = FIRST.isoformat()


def check(told: kills.Told, count: int) -> None:
    assert told.broken == []
    assert told.kills == count
    assert told.charged == told.questions
    assert told.slowest_recovery_s <= RECOVERY_S


def test_killed_at_every_step_that_the_code_names_and_at_random(smithy: Forge) -> None:
    named = kills.steps()
    assert len(named) >= 17
    count = len(named) + 9
    told = kills.many(smithy, count, seed=1, random_every=6)
    check(told, count)
    assert sorted(told.at_step) == named, "every step that the code names was killed at"


@pytest.mark.long
def test_killed_a_thousand_times(smithy: Forge) -> None:
    told = kills.many(smithy, 1_000, seed=2)
    check(told, 1_000)
    assert min(told.at_step[step] for step in kills.steps()) >= 10


def test_two_workers_killed_at_random(tmp_path: Path, smithy: Forge) -> None:
    with forge.opened() as second:
        pair.two_at_once(tmp_path, 6, 1, (smithy, second))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_two_workers_killed_at_random_often(tmp_path: Path, smithy: Forge, seed: int) -> None:
    with forge.opened() as second:
        pair.two_at_once(tmp_path, 30, seed, (smithy, second))


def forget(folder: Path) -> None:
    """The gateway's memory of requests is lost, its count of the day is not."""
    if (folder / MEMORY).exists():
        with closing(sqlite3.connect(folder / MEMORY)) as connection, connection:
            connection.execute("DELETE FROM answered")


def test_without_idempotency_the_books_say_so(tmp_path: Path, smithy: Forge) -> None:
    """Negative control: what was charged, and not settled before the kill, is charged again."""
    job = Job(folder=tmp_path, day=DAY, cap=CAP, questions=QUESTIONS, kill_step="answered")
    assert smithy.run(job).said["returncode"] == -signal.SIGKILL
    assert books.broken(tmp_path, CAP, QUESTIONS) == []
    forget(tmp_path)
    smithy.run(job.model_copy(update={"kill_step": None}))
    found = books.broken(tmp_path, CAP, QUESTIONS, at_rest=True)
    assert any(law.startswith("charged twice") for law in found), found


@pytest.mark.parametrize("books_own_day", [False, True])
def test_charges_booked_to_the_senders_day_are_caught(tmp_path: Path, smithy: Forge, books_own_day: bool) -> None:
    """Negative control: the gateway is ten seconds past midnight, the sender books to the day before."""
    past = (FIRST + timedelta(days=1)).isoformat() + "T00:00:10"
    job = Job(folder=tmp_path, day=DAY, cap=CAP, questions=QUESTIONS, at=past, books_own_day=books_own_day)
    assert smithy.run(job).said["ended"] == "cap"
    found = books.broken(tmp_path, CAP, QUESTIONS, at_rest=True)
    assert any(law.startswith("our book and the gateway's differ") for law in found) == books_own_day, found
    assert (found == []) == (not books_own_day)
