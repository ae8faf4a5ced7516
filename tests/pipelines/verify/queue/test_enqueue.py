"""What enters the queue, what leaves it and why, slice by slice: on both databases."""

import polars as pl
import pytest

from pipelines.verify.queue import enqueue
from tests.pipelines.verify.stage import DAY, NEXT, Stage, asking, request


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enqueue, "SLICE_ROWS", 7)


def test_many_slices_are_as_one(stage: Stage) -> None:
    assert stage.enqueue(asking(range(50), tenants=3)) == (50, 0)
    assert stage.enqueue(asking(range(50), tenants=3)) == (0, 0)
    assert stage.enqueue(asking(range(40, 60), tenants=3), NEXT) == (10, 40)
    assert stage.states() == {"waiting": 20, "cancelled": 40}
    ages = stage.rows("SELECT enqueued_on, count(*) FROM questions WHERE state = 'waiting' GROUP BY 1 ORDER BY 1")
    assert ages == [(DAY, 10), (NEXT, 10)]


def test_they_lie_in_the_order_of_asking(stage: Stage) -> None:
    stage.enqueue(pl.concat([asking(range(0, 20), 2, value=50), asking(range(20, 40), 2, value=90)]))
    rows = stage.rows("SELECT tenant, value, request_id FROM questions ORDER BY sequence")
    assert rows == sorted(rows, key=lambda row: (row[0], -row[1], row[2]))


REASONS = [
    # the new question's content, person, request, why the old one left
    ("c2", "p1", "r2", enqueue.CHANGED, "the record says something else"),
    ("c1", "p1", "r2", enqueue.PERSON_CHANGED, "the registry says something else of the same person"),
    ("c1", "p2", "r2", enqueue.GONE, "the record is somebody else's now"),
]


@pytest.mark.parametrize(("content", "person", "key", "reason", "why"), REASONS)
def test_why_a_question_left(stage: Stage, content: str, person: str, key: str, reason: str, why: str) -> None:
    def question(content: str, person: str, key: str) -> pl.DataFrame:
        return asking([1]).with_columns(
            content_hash=pl.lit(content), person_id=pl.lit(person), request_id=pl.lit(key.ljust(36))
        )

    stage.enqueue(question("c1", "p1", "r1"))
    assert stage.enqueue(question(content, person, key), NEXT) == (1, 1)
    assert stage.rows("SELECT reason, cancelled_on FROM questions WHERE state = 'cancelled'") == [(reason, NEXT)], why


def test_a_waiting_question_follows_its_tenant_and_value_and_keeps_its_age(stage: Stage) -> None:
    stage.enqueue(asking([1], value=50))
    moved = asking([1], value=70).with_columns(tenant=pl.lit("students-79"), likely=pl.lit(70, dtype=pl.Int32))
    assert stage.enqueue(moved, NEXT) == (0, 0)
    assert stage.rows("SELECT tenant, value, likely, enqueued_on FROM questions") == [("students-79", 70, 70, DAY)]


def test_what_was_answered_or_refused_is_left_as_it_is(stage: Stage) -> None:
    stage.enqueue(asking(range(5)))
    stage.turn().run()
    assert stage.enqueue(asking(range(5), value=10), NEXT) == (0, 0)
    assert stage.enqueue(asking([9]), NEXT) == (1, 0), "answered ones do not leave"
    assert stage.states() == {"answered": 5, "waiting": 1}


def test_stopped_between_slices_and_done_again(stage: Stage) -> None:
    class Stopped(Exception):
        pass

    def stop(name: str) -> None:
        nonlocal left
        left -= name == "before_enqueued"
        if not left:
            raise Stopped

    questions = asking(range(30))
    for steps in range(1, 20):
        left = steps
        turn = stage.turn(step=stop)
        try:
            turn.run(lambda transaction: enqueue.take_in(stage.engine, transaction, questions, ["students"], DAY))
            break
        except Stopped:
            assert sum(stage.states().values()) in (0, 7, 14, 21, 28, 30), "whole slices only"
    assert stage.states() == {"answered": 30}
    stage.check_at_rest(30)


def test_outcomes_of_many(stage: Stage) -> None:
    stage.enqueue(asking(range(30)))
    stage.cap = 12
    stage.turn().run()
    told = enqueue.outcomes(stage.engine, pl.Series([request(n) for n in range(40)]))
    assert told["state"].to_list() == ["answered"] * 12, "what waits is not read"
    assert told["request_id"].to_list() == sorted(told["request_id"].to_list())
