"""The queue as the plan sees it: ages, what is used today, past nights, deadlines; and why, from what was stored."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, update

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.quota import give_order, orders, why
from pipelines.quota.forecast import current_queue
from pipelines.quota.forecast.scenario import Tenant, add_tenants
from pipelines.quota.forecast.simulate import simulate
from pipelines.quota.forecast.what_if import InForce
from pipelines.quota.give_order import Signed
from pipelines.verify.queue import schedule
from pipelines.workspace import state
from pipelines.workspace.state_tables import allocations, ledger, questions, quota_days

NIGHT = date(2026, 11, 22)
AN = Signed("An", datetime(2026, 11, 22, 12, tzinfo=UTC), "kỳ thi")
NIGHTS = ("2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(workspace=tmp_path / "w", night=NIGHT, daily_cap=40)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    with state.opened(settings) as engine:
        with state.transaction(engine) as connection:
            connection.execute(
                insert(quota_days), [{"day": day, "cap": 40, "reserved": 0, "charged": 0} for day in NIGHTS]
            )
        yield engine


def wait(engine: Engine, tenant: str, day: str, count: int) -> None:
    rows = [
        {
            "request_id": f"{tenant}-{day}-{n}", "content_hash": "0", "person_id": str(n), "sector": "students",
            "tenant": tenant, "value": 0, "likely": 0, "urgent": 0, "unblocks": 0, "state": "waiting",
            "enqueued_on": day,
        }
        for n in range(count)
    ]  # fmt: skip
    with state.transaction(engine) as connection:
        connection.execute(insert(questions), rows)


def ask(engine: Engine, tenant: str, day: str, since: str, count: int) -> None:
    row = {"day": day, "turn": 1, "tenant": tenant, "enqueued_on": since, "reserved": count, "charged": count}
    with state.transaction(engine) as connection:
        connection.execute(insert(ledger), row)


def test_the_cap_is_the_last_nights_unless_another_is_ordered(settings: Settings, engine: Engine) -> None:
    """Else `queue plan` after `nightly --cap 30` contradicts that night's own page."""
    wait(engine, "a", "2026-11-20", 100)
    assert current_queue.queue_and_arrivals(settings, 1, None)[0].caps == (40,), "nothing was shared out yet"
    assert current_queue.in_force(settings) == InForce(40, "settings")
    with state.transaction(engine) as connection:
        schedule.give_places(connection, 1, "2026-11-21", 30)
    assert current_queue.queue_and_arrivals(settings, 1, None)[0].caps == (30,)
    assert current_queue.queue_and_arrivals(settings, 1, 9)[0].caps == (9,)
    assert current_queue.in_force(settings) == InForce(30, "night")
    noon = datetime.fromisoformat("2026-11-22T12:00:00+07:00")
    with state.transaction(engine) as connection:
        orders.write(connection, NIGHT, "cap", by="An", at=noon, reason="thi", detail={"cap": 50})
    assert current_queue.queue_and_arrivals(settings, 1, None)[0].caps == (50,)
    assert current_queue.in_force(settings) == InForce(50, "order")


def test_ages_are_kept_and_what_is_asked_today_is_among_the_places(settings: Settings, engine: Engine) -> None:
    wait(engine, "a", "2026-11-20", 5)
    wait(engine, "b", "2026-11-22", 7)
    ask(engine, "a", "2026-11-22", "2026-11-20", 3)
    scenario, _ = current_queue.queue_and_arrivals(settings, 10, None)
    assert (scenario.start, scenario.tenants, scenario.since) == (NIGHT, ("a", "b"), (-1, 1))
    assert scenario.opening.tolist() == [[8, 0], [0, 7]]
    assert scenario.taken is not None
    assert scenario.taken.tolist() == [3, 0]
    assert scenario.caps == (40,) * 10


def test_when_todays_places_are_used_up_the_plan_begins_tomorrow(settings: Settings, engine: Engine) -> None:
    wait(engine, "a", "2026-11-22", 5)
    ask(engine, "a", "2026-11-22", "2026-11-22", 40)
    scenario, _ = current_queue.queue_and_arrivals(settings, 10, None)
    assert (scenario.start, scenario.since, scenario.taken) == (date(2026, 11, 23), (0,), None)
    assert scenario.opening.tolist() == [[5]]


def test_past_nights_are_what_came_asked_or_not_without_the_first(settings: Settings, engine: Engine) -> None:
    wait(engine, "a", "2026-11-19", 9)
    wait(engine, "a", "2026-11-21", 2)
    ask(engine, "a", "2026-11-21", "2026-11-20", 4)
    ask(engine, "b", "2026-11-21", "2026-11-21", 6)
    ask(engine, "b", "2026-11-21", "2026-11-21", -1)  # one was given back
    _, nights = current_queue.queue_and_arrivals(settings, 10, None)
    assert nights.tolist() == [[4, 0], [2, 5], [0, 0]], "20, 21 and 22 November; the 19th brought the backlog"
    expected = current_queue.expected(settings, 10, None)
    assert expected.arrivals[:2].tolist() == [[0, 0], [2, 1]], "the mean, in whole questions, from day 2 on"


def test_the_cap_is_the_one_ordered_unless_another_is_asked_about(settings: Settings, engine: Engine) -> None:
    give_order.plain(settings, orders.CAP, AN, {"cap": 25})
    assert current_queue.queue_and_arrivals(settings, 2, None)[0].caps == (25, 25)
    assert current_queue.queue_and_arrivals(settings, 2, 99)[0].caps == (99, 99)


def test_a_deadline_is_part_of_the_plan(settings: Settings, engine: Engine) -> None:
    give_order.deadline(settings, "students-79", date(2026, 11, 30), Fraction(1, 10), AN)
    scenario, _ = current_queue.queue_and_arrivals(settings, 2, None)
    assert [each.tenant for each in scenario.overrides] == ["students-79"]


def test_policy_and_weights_are_those_in_force_also_of_who_joins(settings: Settings, engine: Engine) -> None:
    wait(engine, "students-01", "2026-11-22", 100)
    wait(engine, "students-79", "2026-11-22", 100)
    give_order.policy(settings, "max-min", AN)
    give_order.weight(settings, "students-79", "3/2", AN)
    give_order.weight(settings, "students-48", "1/2", AN)
    scenario = current_queue.expected(settings, 2, 30)
    assert (scenario.policy, scenario.weight.tolist()) == ("max-min", [2, 3])
    assert simulate(scenario).given[0].tolist() == [12, 18]
    more = add_tenants(scenario, [Tenant("students-48", 100, 0), Tenant("students-92", 100, 0)])
    assert more.tenants == ("students-01", "students-48", "students-79", "students-92")
    assert more.weight.tolist() == [2, 1, 3, 2], "what was ordered of a name holds for it; 1 is 1 whatever the scale"
    with state.reading(engine) as connection:
        plan = json.loads(current_queue.after(connection, NIGHT, 30))
    assert (plan["policy"], plan["weights"]) == ("max-min", {"students-48": "1/2", "students-79": "3/2"})
    clears = {row["tenant"]: row["earliest"] for row in plan["tenants"]}
    assert clears == {"students-01": "2026-11-29", "students-79": "2026-11-28"}


def test_the_reports_plan_begins_the_day_after(settings: Settings, engine: Engine) -> None:
    wait(engine, "a", "2026-11-22", 50)
    with state.reading(engine) as connection:
        plan = json.loads(current_queue.after(connection, NIGHT, 40))
        assert current_queue.after(connection, NIGHT, 40) == json.dumps(plan, sort_keys=True)
    assert (plan["start"], plan["waiting"]) == ("2026-11-23", 50)
    assert plan["tenants"][0]["earliest"] == "2026-11-24"


def test_an_empty_queue(settings: Settings, engine: Engine) -> None:
    scenario, nights = current_queue.queue_and_arrivals(settings, 5, None)
    assert (scenario.tenants, nights.shape) == ((), (3, 0))


def test_without_a_workspace(tmp_path: Path) -> None:
    nowhere = Settings(workspace=tmp_path / "none")
    with pytest.raises(BadInput, match="sachsong nightly"):
        current_queue.queue_and_arrivals(nowhere, 5, None)
    with pytest.raises(BadInput, match="sachsong nightly"):
        why.explain_places(nowhere, "a")


def test_why_is_told_from_the_days_last_plan(settings: Settings, engine: Engine) -> None:
    wait(engine, "a", "2026-11-20", 100)
    wait(engine, "b", "2026-11-22", 5)
    with state.transaction(engine) as connection:
        schedule.give_places(connection, 1, NIGHT.isoformat(), 30)
        schedule.give_places(connection, 1, NIGHT.isoformat(), 40)
    told = why.explain_places(settings, "a")
    assert (told["places"], told["wanted"], told["cap"], told["rule"]) == (35, 100, 40, "floor+aged/2")
    assert told["parts"] == {"floor": 15, "aged": 20, "size": 0, "override": 0, "left_over": 0, "earlier": 0}
    assert "được 35 lượt trong hạn mức 40" in told["sentences"][0]["vi"]
    assert (told["policy"], told["policy_order"], told["weight"], told["weight_order"]) == (
        "floor+aged",
        None,
        "1",
        None,
    )
    assert told["sentences"][-2]["en"] == "The country: 2 tenants got 40 places, all of the cap."
    assert (told["computed_again"], told["sentences"][-1]["vi"]) == (
        True, "Tính lại cả ngày từ số liệu đã lưu: ra đúng như vậy.",
    )  # fmt: skip


def test_why_names_the_terms_of_the_plan_and_who_ordered_them(settings: Settings, engine: Engine) -> None:
    """Also after other orders came; the numbers are those of the plan."""
    wait(engine, "students-01", "2026-11-20", 100)
    wait(engine, "students-79", "2026-11-22", 100)
    give_order.policy(settings, "proportional", AN)
    give_order.weight(settings, "students-79", "3", AN)
    with state.transaction(engine) as connection:
        schedule.give_places(connection, 1, NIGHT.isoformat(), 40)
    give_order.policy(settings, "fifo", AN)
    give_order.weight(settings, "students-79", "1", AN)
    told = why.explain_places(settings, "students-79")
    assert (told["rule"], told["policy"], told["weight"], told["places"]) == ("proportional/2", "proportional", "3", 30)
    assert told["policy_order"] == told["weight_order"] == {
        "given_by": "An", "given_at": "2026-11-22T12:00:00+00:00", "reason": "kỳ thi",
    }  # fmt: skip
    vietnamese = [sentence["vi"] for sentence in told["sentences"]]
    by_an = "theo lệnh của An lúc 2026-11-22T12:00:00+00:00, lý do: kỳ thi"
    assert vietnamese[1] == f"Cách chia: «proportional», {by_an}."
    assert vietnamese[2] == f"Trọng số của đơn vị: 3 trên tổng 4 của mọi đơn vị, {by_an}."
    assert vietnamese[3] == "30 lượt theo tỷ lệ số yêu cầu đang chờ nhân trọng số."
    assert told["computed_again"] is True
    with state.transaction(engine) as connection:
        connection.execute(update(allocations).values(size=allocations.c.size + 1))
    told = why.explain_places(settings, "students-79")
    assert (told["computed_again"], told["sentences"][-1]["en"].split(":")[0]) == (False, "WARNING")


def test_why_names_the_tenants_and_days_that_there_are(settings: Settings, engine: Engine) -> None:
    with pytest.raises(BadInput, match="22/11/2026 chưa chia hạn mức"):
        why.explain_places(settings, "a")
    for n in range(10):
        wait(engine, f"t{n}", "2026-11-22", 1)
    with state.transaction(engine) as connection:
        schedule.give_places(connection, 1, NIGHT.isoformat(), 40)
    with pytest.raises(BadInput, match=r"«a» không có yêu cầu nào.*t0, t1, .*t7, …"):
        why.explain_places(settings, "a")
