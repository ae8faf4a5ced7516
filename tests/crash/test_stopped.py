"""A process stopped (SIGSTOP) at each step while ten minutes go by and another takes over; then it is woken."""

import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.crash import books, forge
from tests.crash.forge import Forge
from tests.crash.job import Job
from tests.pipelines.verify import postgres

DAY, CAP, QUESTIONS = "2026-11-22", 20, 30
STOPPED_S = 600.0
STEPS = ("places_given", "reserved", "asked", "gateway.after_commit", "answered", "settled")
CASES = [
    *(("sqlite", step) for step in STEPS),
    ("postgresql", "gateway.after_commit"),
    *(pytest.param("postgresql", step, marks=pytest.mark.long) for step in STEPS if step != "gateway.after_commit"),
]
_numbers = count(1)


@pytest.fixture(scope="module")
def smithies() -> Iterator[tuple[Forge, Forge]]:
    with forge.opened() as first, forge.opened() as second:
        yield first, second


def work(folder: Path, kind: str, request: pytest.FixtureRequest) -> Job:
    url = None
    if kind == "postgresql":
        url = postgres.database(request.getfixturevalue("postgres_server"), f"stopped{next(_numbers)}")
    return Job(folder=folder, state_url=url, day=DAY, cap=CAP, questions=QUESTIONS)


def look(job: Job, *, at_rest: bool = False, alive: int = 0) -> list[str]:
    return books.broken(job.folder, CAP, QUESTIONS, at_rest=at_rest, state_url=job.state_url, alive=alive)


@pytest.mark.parametrize(("kind", "step"), CASES)
def test_stopped_for_ten_minutes_and_woken(
    smithies: tuple[Forge, Forge], tmp_path: Path, kind: str, step: str, request: pytest.FixtureRequest
) -> None:
    """What it held was taken over, settled and charged by the other; it neither sends nor settles any of it."""
    first, second = smithies
    ahead = tmp_path / "ahead"
    ahead.write_text("0")
    job = work(tmp_path, kind, request).model_copy(update={"ahead": ahead})
    stopped = first.start(job.model_copy(update={"stop_step": step}))
    stopped.hear("stopped")
    ahead.write_text(str(STOPPED_S))
    other = second.run(job.model_copy(update={"worker": "b", "questions": 0}))
    assert other.said["ended"] == "cap"
    assert look(job, at_rest=True, alive=1) == []
    before = books.states(tmp_path, job.state_url)
    stopped.signal(signal.SIGCONT)
    assert stopped.end() == 0
    assert stopped.said["ended"] == "taken_over", "it knows that it was"
    assert books.states(tmp_path, job.state_url) == before == {"answered": CAP, "waiting": QUESTIONS - CAP}
    assert look(job, at_rest=True) == []


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def test_stopped_within_its_lease_it_is_left_alone(
    smithies: tuple[Forge, Forge], tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    first, second = smithies
    job = work(tmp_path, kind, request)
    stopped = first.start(job.model_copy(update={"stop_step": "asked"}))
    stopped.hear("stopped")
    second.run(job.model_copy(update={"worker": "b", "questions": 0}))
    assert books.states(tmp_path, job.state_url)["asked"] == job.batch
    assert look(job, alive=1) == []
    stopped.signal(signal.SIGCONT)
    stopped.end()
    assert stopped.said["ended"] == "cap"
    assert look(job, at_rest=True) == []
    assert books.charged(tmp_path) == {DAY: CAP}
