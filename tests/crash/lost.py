"""A worker whose database was lost: what it must say, and that the same command ends as if nothing had happened."""

import psycopg

from pipelines.errors import Transient
from tests.crash import books, kills
from tests.crash.forge import Forge, Worker
from tests.crash.job import Job

DAY, CAP, QUESTIONS = kills.FIRST.isoformat(), 12, 14
LOST = "SACHSONG_STATE_URL"
"""In the remedy of a server that does not answer."""
IN_TRANSACTION = [step for step in kills.steps() if step.startswith("before_")]


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


def administrator(job: Job) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(str(job.state_url), autocommit=True)
