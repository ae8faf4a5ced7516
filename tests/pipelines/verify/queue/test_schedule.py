"""What waits, how much of it may be asked today, and in which order: on both databases."""

import polars as pl
import pytest

from pipelines.quota import ledger
from pipelines.verify.queue import schedule
from pipelines.workspace import state
from tests.pipelines.verify.stage import DAY, NEXT, A, B, Stage, asking, request


def of(tenant: str, *numbers: int, value: int = 10) -> pl.DataFrame:
    return asking(numbers, value=value).with_columns(tenant=pl.lit(tenant))


def given(stage: Stage, cap: int, day: str = DAY) -> int:
    with state.transaction(stage.engine) as connection:
        return schedule.give_places(connection, 0, day, cap)


def in_order(stage: Stage, day: str = DAY) -> list[int]:
    """The numbers of the questions that are asked next."""
    with state.reading(stage.engine) as connection:
        key = dict(connection.exec_driver_sql("SELECT sequence, request_id FROM questions").tuples().all())
        return [int(key[sequence][:8]) for sequence in schedule.in_order(connection, day)]


def test_the_oldest_then_the_dearest_then_by_code(stage: Stage) -> None:
    old = of(A, 5)
    stage.enqueue(old, "2026-11-21")
    stage.enqueue(pl.concat([old, of(A, 4, 3), of(A, 6, value=90)]))
    assert given(stage, 9) == 4
    assert in_order(stage) == [5, 6, 3, 4]


def test_tenants_take_turns_of_a_few_questions(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night cut short is short for both; each tenant's own order stays."""
    monkeypatch.setattr(schedule, "ROUND", 2)
    stage.enqueue(pl.concat([of(A, 1, 2, 3, 4, 5), of(B, 11, 12, 13)]))
    given(stage, 9)
    assert in_order(stage) == [1, 2, 11, 12, 3, 4, 13, 5]


def test_only_what_fits_into_the_days_places(stage: Stage) -> None:
    stage.enqueue(pl.concat([of(A, 1, 2, 3), of(B, 11, 12, 13)]))
    assert given(stage, 4) == 4
    assert in_order(stage) == [1, 2, 11, 12]
    assert in_order(stage, NEXT) == [], "nothing was given of that day"


def test_what_was_asked_of_a_place_is_not_given_again(stage: Stage) -> None:
    """Four places, all asked; the cap goes up to six in the same day: two more."""
    stage.cap = 4
    stage.enqueue(of(A, *range(10)))
    stage.turn().run()
    assert given(stage, 4) == 0
    assert given(stage, 6) == 2
    assert in_order(stage) == [4, 5]


def test_the_cap_that_was_ordered_counts_before_the_setting(stage: Stage) -> None:
    stage.enqueue(of(A, *range(10)))
    stage.order("cap", cap=3)
    assert given(stage, 1_000) == 3
    with state.reading(stage.engine) as connection:
        assert ledger.left(connection, DAY) == 3


def test_whether_anything_waits(stage: Stage) -> None:
    def waits() -> bool:
        with state.reading(stage.engine) as connection:
            return schedule.anything_waits(connection)

    assert not waits()
    stage.enqueue(of(A, 1))
    assert waits()
    stage.turn().run()
    assert stage.rows(f"SELECT state FROM questions WHERE request_id = '{request(1)}'") == [("answered",)]
    assert not waits()
