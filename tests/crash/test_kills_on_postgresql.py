"""kill -9 of workers on PostgreSQL: the laws of `test_kills` hold there too, and its own checker finds no damage."""

from pathlib import Path

import psycopg
import pytest

from tests.crash import books, forge, kills, pair
from tests.crash.forge import Forge
from tests.crash.job import Job
from tests.crash.kills import CAP, FIRST, QUESTIONS
from tests.pipelines.verify import postgres

RECOVERY_S = 10.0


def check(told: kills.Told, count: int) -> None:
    assert told.broken == []
    assert told.kills == count
    assert told.charged == told.questions
    assert told.slowest_recovery_s <= RECOVERY_S


def test_killed_a_few_times(smithy: Forge, postgres_server: Path) -> None:
    """Which steps it is follows from the seed; the long test has them all."""
    told = kills.many(smithy, 3, seed=3, random_every=3, state_url=kills.in_postgresql(postgres_server))
    check(told, 3)


@pytest.mark.long
def test_killed_at_every_step_and_at_random(smithy: Forge, postgres_server: Path) -> None:
    named = kills.steps()
    told = kills.many(smithy, 300, seed=4, state_url=kills.in_postgresql(postgres_server))
    check(told, 300)
    assert sorted(told.at_step) == named
    assert min(told.at_step.values()) >= 3


@pytest.mark.parametrize(
    ("count", "seed"), [(1, 1), *(pytest.param(20, seed, marks=pytest.mark.long) for seed in range(8))]
)
def test_two_workers_killed_at_random(
    tmp_path: Path, smithy: Forge, postgres_server: Path, count: int, seed: int
) -> None:
    with forge.opened() as second:
        url = postgres.database(postgres_server, f"pair{count}_{seed}")
        pair.two_at_once(tmp_path, count, seed, (smithy, second), url)


def test_the_books_see_what_is_wrong_in_postgresql(tmp_path: Path, smithy: Forge, postgres_server: Path) -> None:
    """Negative control: a charge that the gateway does not know, a question that is gone, a counter that is off."""
    url = postgres.database(postgres_server, "tampered")
    job = Job(folder=tmp_path, state_url=url, day=FIRST.isoformat(), cap=CAP, questions=QUESTIONS)
    assert smithy.run(job).said["ended"] == "cap"
    assert books.broken(tmp_path, CAP, QUESTIONS, at_rest=True, state_url=url) == []
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE quota_days SET reserved = reserved + 1, charged = charged + 1")
        connection.execute("DELETE FROM questions WHERE state = 'waiting' AND request_id LIKE '%49-0000-%'")
    found = "\n".join(books.broken(tmp_path, CAP, QUESTIONS, at_rest=True, state_url=url))
    for law in ("lost:", "charged <= accepted", "not the book's sum", "the gateway's differ"):
        assert law in found, found
