"""A plan is kept with all that it was computed from: it comes out the same again, and what was changed is seen."""

from collections import Counter

import pytest
from sqlalchemy import update

from pipelines.quota import day_plan
from pipelines.quota.allocation import POLICIES
from pipelines.verify.queue import schedule
from pipelines.workspace import state
from pipelines.workspace.state_tables import allocations
from tests.pipelines.verify.stage import DAY, NEXT, A, B, C, Stage, asking


@pytest.mark.parametrize("policy", sorted(POLICIES))
@pytest.mark.parametrize("cap", [0, 7, 37, 200])
def test_a_plan_is_kept_with_all_that_it_was_computed_from(stage: Stage, policy: str, cap: int) -> None:
    """Also of a day that was interrupted, with ages, weights and a deadline; its parts add up to the cap."""
    stage.cap = 9
    stage.enqueue(asking(range(50), tenants=4), "2026-11-20")
    stage.turn().run()
    stage.enqueue(asking(range(70), tenants=4))
    stage.order("policy", policy=policy)
    stage.order("weight", tenant=B, weight="999999999999.999999999999")
    stage.order("weight", tenant=C, weight="1/3")
    stage.order("override", tenant=A, deadline="2026-11-25", limit="1/8")
    with state.transaction(stage.engine) as connection:
        schedule.give_places(connection, 1, DAY, cap)
    stage.order("policy", policy="fifo")  # later orders change nothing of what was
    stage.order("override", tenant=A, deadline="2026-11-25", limit="1/100")
    with state.reading(stage.engine) as connection:
        rows = day_plan.places_of(connection, day_plan.last(connection, DAY) or 0)
        places = {row["tenant"]: day_plan.places(row) for row in rows}
        assert day_plan.computed_again(connection, rows) == places
    assert {day_plan.policy(row) for row in rows} == {policy}
    assert [row["weight"] for row in rows] == ["1", "999999999999999999999999/1000000000000", "1/3", "1"]
    assert sum(part.total for part in places.values()) == max(9, min(cap, 70))
    assert sum(day_plan.wanted(row) for row in rows) == 70
    assert Counter(day for row in rows for day in row["waiting"]) == {"2026-11-20": 4, DAY: 4}


def test_what_was_changed_afterwards_is_seen(stage: Stage) -> None:
    """Negative control: somebody gives a tenant one more place in the books, or another rule was in force."""
    stage.enqueue(asking(range(20), tenants=2))
    with state.transaction(stage.engine) as connection:
        schedule.give_places(connection, 1, DAY, 10)
        connection.execute(update(allocations).where(allocations.c.tenant == A).values(floor=allocations.c.floor + 1))
        rows = day_plan.places_of(connection, 1)
        assert day_plan.computed_again(connection, rows) != {row["tenant"]: day_plan.places(row) for row in rows}
        assert day_plan.computed_again(connection, [{**row, "rule": "floor+aged/1"} for row in rows]) is None
        assert day_plan.computed_again(connection, [{**row, "rule": "best/2"} for row in rows]) is None
        assert day_plan.computed_again(connection, []) == {}


def test_a_plan_of_an_earlier_day_is_not_in_force(stage: Stage) -> None:
    stage.enqueue(asking(range(20), tenants=2))
    with state.transaction(stage.engine) as connection:
        assert (day_plan.last(connection, DAY), day_plan.is_in_force(connection, DAY, 0)) == (None, False)
        for day in (DAY, NEXT):
            schedule.give_places(connection, 1, day, 10)
        assert (day_plan.is_in_force(connection, DAY, 1), day_plan.is_in_force(connection, NEXT, 1)) == (True, False)
