"""Two workers on one queue, one or both of them killed; each is started again and takes over what it held."""

import random
import signal
import time
from datetime import timedelta
from pathlib import Path

from tests.crash import books
from tests.crash.forge import Forge
from tests.crash.job import Job
from tests.crash.kills import CAP, FIRST, QUESTIONS


def two_at_once(folder: Path, count: int, seed: int, both: tuple[Forge, Forge], state_url: str | None = None) -> None:
    """So many kills, then undisturbed until all is answered. On PostgreSQL they share no more than its URL."""
    chance, killed, day = random.Random(seed), 0, FIRST
    while killed < count or books.states(folder, state_url) != {"answered": QUESTIONS}:
        assert day < FIRST + timedelta(days=10 + count), "it never settles"
        work = {"folder": folder, "state_url": state_url, "day": day.isoformat(), "cap": CAP, "questions": QUESTIONS}
        jobs = [Job.model_validate({**work, "batch": 4, "worker": name}) for name in "ab"]
        workers = [each.start(job) for each, job in zip(both, jobs, strict=True)]
        if killed < count:
            time.sleep(chance.uniform(0.02, 0.3))
            for worker in chance.choice((workers[:1], workers[1:], workers)):
                worker.signal(signal.SIGKILL)
        codes = [worker.end() for worker in workers]
        assert set(codes) <= {0, -signal.SIGKILL}, [worker.said for worker in workers]
        killed += sum(code < 0 for code in codes)
        assert books.broken(folder, CAP, QUESTIONS, state_url=state_url) == []
        if killed >= count:  # each alone again, to settle what the other's end left; then the next day
            for each, job in zip(both, jobs, strict=True):
                assert each.run(job).said["returncode"] == 0
            assert books.broken(folder, CAP, QUESTIONS, at_rest=True, state_url=state_url) == []
            day += timedelta(days=1)
    assert sum(books.charged(folder).values()) == QUESTIONS
