"""Policy and weights as orders: the last word holds, a running worker plans anew, a plan can be computed again."""

import threading
from fractions import Fraction
from typing import Any

import pytest

from pipelines.quota import orders, terms_in_force
from pipelines.workspace import state
from tests.pipelines.verify.stage import DAY, NOON, A, B, C, Stage, asking, once
from tests.pipelines.verify.world import FIRST


def held(stage: Stage, up_to: int | None = None) -> terms_in_force.Terms:
    with state.reading(stage.engine) as connection:
        return terms_in_force.in_force(connection, up_to)


def test_the_last_word_holds_and_what_held_before_can_be_told(stage: Stage) -> None:
    assert (held(stage).number, held(stage).policy, held(stage).weights, held(stage).cap(7)) == (0, "floor+aged", {}, 7)
    stage.order("policy", policy="fifo")
    stage.order("weight", tenant=A, weight="3/2")
    stage.order("pause")
    stage.order("weight", tenant=B, weight="2")
    stage.order("cap", cap=30)
    stage.order("policy", by="Minh", policy="max-min")
    stage.order("weight", tenant=A, weight="1")
    now = held(stage)
    assert (now.number, now.policy, now.weights, now.cap(7)) == (7, "max-min", {B: Fraction(2)}, 30)
    assert now.ready_for_json()["policy_order"] == {
        "given_by": "Minh",
        "given_at": NOON.isoformat(),
        "reason": "bảo trì",
    }
    assert [(each["tenant"], each["weight"]) for each in now.ready_for_json()["weights"]] == [(B, "2")]
    then = held(stage, up_to=3)
    assert (then.number, then.policy, then.weights) == (2, "fifo", {A: Fraction(3, 2)}), "a pause shares nothing out"
    assert len(stage.rows('SELECT "order" FROM orders')) == 7, "nothing is ever taken away"


# Thirty questions wait for each of three tenants; ten are asked, then somebody orders. 40 places in all.
CHANGED = [
    # order, places by tenant at the end, why
    (("policy", {"policy": "fifo"}), [30, 10, 0], "by the tenants' names inside a day"),
    (("weight", {"tenant": A, "weight": "2"}), [20, 10, 10], "two parts of four"),
    (("override", {"tenant": C, "deadline": DAY, "limit": "1/10"}), [12, 12, 16], "4 off the top, the rest evenly"),
    (("cap", {"cap": 30}), [10, 10, 10], "a lower cap, as ever"),
    (("pause", {}), [13, 13, 14], "stops, and nothing is shared anew"),
]


@pytest.mark.parametrize(("given", "places", "why"), CHANGED)
def test_a_running_worker_plans_anew_at_once(
    stage: Stage, given: tuple[str, dict[str, Any]], places: list[int], why: str
) -> None:
    stage.cap = 40
    stage.enqueue(asking(range(90), tenants=3))
    ended = stage.turn(step=once("settled", lambda: stage.order(given[0], **given[1]))).run()
    assert ended.stopped_by == ("paused" if given[0] == "pause" else "cap")
    kept = stage.rows("SELECT places FROM tenant_days ORDER BY tenant")
    if given[0] == "pause":
        assert sorted(row[0] for row in kept) == places, why
    else:
        assert [row[0] for row in kept] == places, why
        assert stage.rows("SELECT count(*) FROM plans") == [(2,)], "once, not after each message"
        assert [row[0] for row in stage.rows("SELECT reserved FROM tenant_days ORDER BY tenant")] == [
            row[0] for row in kept
        ]
    stage.check(90)


def test_every_worker_follows_and_none_plans_twice(stage: Stage) -> None:
    """The order comes while `a` holds a message; `b` comes in, plans by it and asks all; `a` finds b's plan."""
    stage.cap = 60
    stage.enqueue(asking(range(90), tenants=3))

    def ordered_and_overtaken() -> None:
        stage.order("policy", policy="largest-first")
        stage.turn("b").run()

    assert stage.turn("a", step=once("answered", ordered_and_overtaken)).run().stopped_by == "cap"
    told = stage.rows('SELECT rule, "order" FROM plans ORDER BY plan')
    assert told[0] == ("floor+aged/2", 0)
    assert set(told[1:]) == {("largest-first/2", 1)}
    assert stage.desk.used(DAY) == 60
    stage.check_at_rest(90)


def test_orders_are_numbered_as_they_are_committed(stage: Stage) -> None:
    """Whoever sees the last number has seen all before it: a second order waits until the first is on disk."""
    second = threading.Thread(target=stage.order, args=("policy",), kwargs={"policy": "fifo"})
    with state.transaction(stage.engine) as connection:
        orders.write(connection, FIRST, "policy", by="Lan", at=NOON, reason="thử", detail={"policy": "max-min"})
        second.start()
        second.join(timeout=0.5)
        assert second.is_alive()
    second.join(timeout=30)
    assert (held(stage).number, held(stage).policy) == (2, "fifo")
