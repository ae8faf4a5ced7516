"""A process stopped (SIGSTOP) at each step while ten minutes go by and another takes over; then it is woken."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash import books, forge
from tests.crash.forge import Forge
from tests.crash.job import Job

DAY, CAP, QUESTIONS = "2026-11-22", 20, 30
STOPPED_S = 600.0


@pytest.fixture(scope="module")
def smithies() -> Iterator[tuple[Forge, Forge]]:
    with forge.opened() as first, forge.opened() as second:
        yield first, second


@pytest.mark.parametrize("step", ["places_given", "reserved", "asked", "gateway.after_commit", "answered", "settled"])
def test_stopped_for_ten_minutes_and_woken(smithies: tuple[Forge, Forge], tmp_path: Path, step: str) -> None:
    """What it held was taken over, settled and charged by the other; it neither sends nor settles any of it."""
    first, second = smithies
    ahead = tmp_path / "ahead"
    ahead.write_text("0")
    job = Job(folder=tmp_path, day=DAY, cap=CAP, questions=QUESTIONS, ahead=ahead)
    stopped = first.start(job.model_copy(update={"stop_step": step}))
    stopped.hear("stopped")
    ahead.write_text(str(STOPPED_S))
    other = second.run(job.model_copy(update={"worker": "b", "questions": 0}))
    assert other.said["ended"] == "cap"
    assert books.broken(tmp_path, CAP, QUESTIONS, at_rest=True) == []
    before = books.states(tmp_path)
    stopped.signal(signal.SIGCONT)
    assert stopped.end() == 0
    assert stopped.said["ended"] == "taken_over", "it knows that it was"
    assert books.states(tmp_path) == before == {"answered": CAP, "waiting": QUESTIONS - CAP}
    assert books.broken(tmp_path, CAP, QUESTIONS, at_rest=True) == []


def test_stopped_within_its_lease_it_is_left_alone(smithies: tuple[Forge, Forge], tmp_path: Path) -> None:
    first, second = smithies
    job = Job(folder=tmp_path, day=DAY, cap=CAP, questions=QUESTIONS)
    stopped = first.start(job.model_copy(update={"stop_step": "asked"}))
    stopped.hear("stopped")
    second.run(job.model_copy(update={"worker": "b", "questions": 0}))
    assert books.states(tmp_path)["asked"] == job.batch
    assert books.broken(tmp_path, CAP, QUESTIONS) == []
    stopped.signal(signal.SIGCONT)
    stopped.end()
    assert stopped.said["ended"] == "cap"
    assert books.broken(tmp_path, CAP, QUESTIONS, at_rest=True) == []
    assert books.charged(tmp_path) == {DAY: CAP}
