"""What-ifs as they are typed, the answer's form, and what another policy costs whom."""

import json

import pytest

from pipelines.errors import BadInput
from pipelines.quota.forecast.scenario import Tenant, scenario_of
from pipelines.quota.forecast.simulate import simulate
from pipelines.quota.forecast.what_if import InForce, answer, cap_changes, closed_days, compared


def test_days_and_changes_as_they_are_typed() -> None:
    assert closed_days(["3-4", "9"]) == {3, 4, 9}
    assert cap_changes(["10:300000", "20:0"]) == {10: 300_000, 20: 0}


@pytest.mark.parametrize("text", ["", "x", "4-3", "0-2", "3-", "-3", "1-2-3", "3–4"])
def test_an_outage_that_is_none(text: str) -> None:
    with pytest.raises(BadInput, match="--outage"):
        closed_days([text])


@pytest.mark.parametrize("texts", [[""], ["10"], ["0:5"], ["10:-5"], ["10:300.000"], ["3:1", "3:2"]])
def test_a_change_of_the_cap_that_is_none(texts: list[str]) -> None:
    with pytest.raises(BadInput, match="--cap-change"):
        cap_changes(texts)


def test_the_answer_has_the_form_that_is_promised() -> None:
    rows = [Tenant("a", 30, 0), Tenant("b", 10, 1), Tenant("c", 0, 0)]
    told = answer(simulate(scenario_of(rows, [20, 0, 20])), InForce(20, "settings"))
    assert json.loads(json.dumps(told)) == told
    assert told["days"][0] == {
        "day": 1, "cap": 20, "arrived": 0, "charged": 20, "waiting": 20, "allocations": {"a": 10, "b": 10, "c": 0},
    }  # fmt: skip
    assert [each["cap"] for each in told["days"]] == [20, 0, 20]
    assert told["cap"] == {"least": 20, "most": 20, "closed": 1}
    assert told["in_force"] == {"cap": 20, "cap_from": "settings", "policy": "floor+aged"}
    assert told["clear_day"] == {"a": None, "b": 1, "c": 0}
    assert (told["makespan"], told["backlog_clear_day"]) == (None, None)
    assert "compared" not in told


def test_priority_for_large_backlogs_costs_the_small_ones() -> None:
    rows = [Tenant(f"small{n}", 5, 5) for n in range(5)] + [Tenant("large", 300, 10), Tenant("next", 250, 10)]
    told = answer(simulate(scenario_of(rows, [120] * 12, "largest-first")), InForce(120, "settings"))
    cost = {(row["policy"], row["group"]): row for row in told["compared"]}
    assert {group: cost["floor+aged", group]["tenants"] for group in ("quiet", "middle", "large")} == {
        "quiet": 5, "middle": 1, "large": 1,
    }  # fmt: skip
    assert cost["floor+aged", "quiet"]["max_wait"] == 0
    assert cost["floor+aged", "quiet"]["mean_clear_day"] == 1.0
    assert cost["largest-first", "quiet"]["max_wait"] >= 5
    assert cost["largest-first", "large"]["mean_clear_day"] < cost["floor+aged", "large"]["mean_clear_day"]


def test_a_group_without_members_and_one_that_does_not_clear() -> None:
    (quiet, middle, large) = compared(simulate(scenario_of([Tenant("a", 100, 0)], [10])))
    assert (quiet["tenants"], middle["tenants"], large["tenants"]) == (0, 0, 1)
    assert (large["mean_clear_day"], large["uncleared"], quiet["mean_clear_day"]) == (None, 1, None)
