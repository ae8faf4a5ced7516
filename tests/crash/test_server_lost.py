"""PostgreSQL's server killed, stopped or restarted under its workers.

A worker says in one sentence what to do and ends with the exit code of a Transient error, or goes on with a new
session; the same command afterwards ends as if nothing had happened.
"""

import random
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash import books, forge, kills
from tests.crash.forge import Forge
from tests.crash.job import Job
from tests.crash.lost import IN_TRANSACTION, gave_up, look, resume, stopped_at
from tests.pipelines.verify import postgres

WITHOUT = ("looked_up", "before_recovered", "recovered", "ended")
"""Steps that an undisturbed worker does not pass, or after which nothing is left to do."""

Blow = Callable[[Path], None]
BLOWS: dict[str, Blow] = {
    "kill -9": postgres.crash,
    "immediate": lambda server: postgres.stop(server, "immediate"),
    "fast": lambda server: postgres.stop(server, "fast"),
}


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


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_the_server_is_lost_at_random(smithy: Forge, server: Path, job: Job, workers: int, seed: int) -> None:
    large = job.model_copy(update={"questions": 60, "cap": 25, "batch": 4})
    with forge.opened() as second:
        killed_again_and_again([smithy, second][:workers], server, large, times=20, seed=seed)
