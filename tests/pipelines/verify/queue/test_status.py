"""What is told of the queue while somebody asks and afterwards; why a question has its place; orders."""

import json
from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput, GatewayDown
from pipelines.quota import give_order, orders
from pipelines.quota.give_order import Signed
from pipelines.verify.queue import position
from pipelines.verify.queue.status import line, status
from pipelines.workspace import state
from tests.pipelines.verify.stage import DAY, NOON, Stage, asking, once, raising, request


@pytest.fixture
def settings(tmp_path: Path, state_url: str | None) -> Settings:
    return Settings(workspace=tmp_path, state_url=state_url, night=date(2026, 11, 22), daily_cap=40)


def test_rate_and_remaining_time_while_somebody_asks(stage: Stage, settings: Settings) -> None:
    """Ten answers in four seconds are 2.5 a second: thirty more take twelve."""
    stage.cap = 40
    stage.enqueue(asking(range(100)))
    seen: list[dict[str, object]] = []
    stage.desk.after = lambda _message: stage.clock.go(4)
    stage.turn(step=once("settled", lambda: seen.append(line(settings, stage.clock)))).run()
    told = seen[0]
    assert (told["rate_per_s"], told["eta_s"], told["charged"], told["left"]) == (2.5, 12, 10, 30)
    assert (told["waiting"], told["in_flight"], len(told["workers"])) == (90, 0, 1)  # type: ignore[arg-type]
    after = line(settings, stage.clock)
    assert (after["workers"], after["eta_s"], after["last_turn"]["stopped_by"]) == ([], None, "cap")


def test_the_last_error_stays_to_be_seen(stage: Stage, settings: Settings) -> None:
    stage.enqueue(asking(range(10)))
    stage.desk.before = raising(GatewayDown("no line"), *range(1, 7))
    seen: list[str | None] = []
    stage.turn(step=once("settled", lambda: seen.append(status(settings, stage.clock)["last_error"]))).run()
    assert seen == ["GatewayDown: no line"], "while the turn goes on"
    stage.turn().run()
    told = status(settings, stage.clock)
    assert (told["last_error"], told["last_turn"]["stopped_by"]) == ("GatewayDown: no line", "empty")
    assert "Nguyễn" not in json.dumps(told, ensure_ascii=False)


def test_a_place_is_explained_by_what_goes_before_it(stage: Stage, settings: Settings) -> None:
    stage.enqueue(asking([1, 2], value=10), "2026-11-21")
    stage.enqueue(asking([1, 2], value=10).vstack(asking([3], value=90)).vstack(asking([4, 5, 6], value=50)), DAY)
    explained = position.explained(settings, request(5))
    before = {name: explained[name] for name in ("place", "older", "dearer", "same", "value", "state")}
    assert before == {"place": 5, "older": 2, "dearer": 1, "same": 1, "value": 50, "state": "waiting"}
    assert explained["comes_today"] is False, "nothing was given out yet"


def test_a_place_that_comes_today_and_one_that_does_not(stage: Stage, settings: Settings) -> None:
    stage.cap = 3
    stage.enqueue(asking(range(10)))
    seen: list[tuple[bool, int]] = []

    def look() -> None:
        for number in (2, 3):
            told = position.explained(settings, request(number))
            seen.append((told["comes_today"], told["places_left"]))

    stage.turn(step=once("places_given", look)).run()
    assert seen == [(True, 3), (False, 3)]
    answered = position.explained(settings, request(0))
    assert (answered["state"], answered["charged_on"], "place" in answered) == ("answered", DAY, False)


def test_no_such_question(stage: Stage, settings: Settings) -> None:
    with pytest.raises(BadInput, match="no such question"):
        position.explained(settings, request(77))


def test_orders_are_added_and_the_last_holds(settings: Settings) -> None:
    for cap in (100, 50):
        give_order.plain(settings, orders.CAP, Signed(" Lan ", NOON, "thử"), {"cap": cap})
    give_order.plain(settings, orders.PAUSE, Signed("Lan", NOON, "bảo trì"))
    assert (status(settings)["cap"], status(settings)["paused"]["reason"]) == (50, "bảo trì")
    give_order.plain(settings, orders.RESUME, Signed("Minh", NOON, "xong"))
    assert status(settings)["paused"] is None
    with state.opened(settings) as engine, state.reading(engine) as connection:
        kept = orders.given(connection, orders.CAP)
    assert [(row["detail"]["cap"], row["given_by"]) for row in kept] == [(100, "Lan"), (50, "Lan")]
