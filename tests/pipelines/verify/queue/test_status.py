"""What is told of the queue while somebody asks and afterwards; orders."""

import json

from pipelines.config import Settings
from pipelines.errors import GatewayDown
from pipelines.quota import give_order, orders
from pipelines.quota.give_order import Signed
from pipelines.verify.queue.status import brief_status, status
from pipelines.workspace import state
from tests.pipelines.verify.stage import NOON, Stage, asking, once, raising


def test_rate_and_remaining_time_while_somebody_asks(stage: Stage, settings: Settings) -> None:
    """Ten answers in four seconds are 2.5 a second: thirty more take twelve."""
    stage.cap = 40
    stage.enqueue(asking(range(100)))
    seen: list[dict[str, object]] = []
    stage.desk.after = lambda _message: stage.clock.go(4)
    stage.turn(step=once("settled", lambda: seen.append(brief_status(settings, stage.clock)))).run()
    told = seen[0]
    assert (told["rate_per_s"], told["eta_s"], told["charged"], told["left"]) == (2.5, 12, 10, 30)
    assert (told["waiting"], told["in_flight"], len(told["workers"])) == (90, 0, 1)  # type: ignore[arg-type]
    after = brief_status(settings, stage.clock)
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


def test_orders_are_added_and_the_last_holds(settings: Settings) -> None:
    for cap in (100, 50):
        give_order.plain(settings, orders.CAP, Signed(" Lan ", NOON, "thử"), {"cap": cap})
    give_order.plain(settings, orders.PAUSE, Signed("Lan", NOON, "bảo trì"))
    assert (status(settings)["cap"], status(settings)["paused"]["reason"]) == (50, "bảo trì")
    give_order.plain(settings, orders.RESUME, Signed("Minh", NOON, "xong"))
    assert status(settings)["paused"] is None
    with state.opened(settings) as engine, state.reading(engine) as connection:
        kept = orders.orders_of(connection, orders.CAP)
    assert [(row["detail"]["cap"], row["given_by"]) for row in kept] == [(100, "Lan"), (50, "Lan")]
