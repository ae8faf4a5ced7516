"""What is told of a cost is what happens: who is served the same day, and whether the waiting has its limit."""

from fractions import Fraction

import pytest

from pipelines.quota.allocation import POLICIES, costs
from pipelines.quota.forecast.scenario import Scenario, Tenant, scenario_of
from pipelines.quota.forecast.simulate import simulate

CAP, DAYS = 100, 250
ONE_LARGE = [Tenant("a-large", 1_000, 90), Tenant("z-small", 5, 5)]
"""Who goes by size never comes to the small one."""
MANY_SMALL = [Tenant("a-large", 1_000, 0), *(Tenant(f"z-{n:02}", 5, 5) for n in range(19))]
"""Who divides evenly comes to the end of the large one late: what is new each day takes nearly all."""


def is_served_the_same_day(policy: str, weight: Fraction) -> bool:
    return simulate(scenario(ONE_LARGE, policy, weight)).quiet_max_wait == 0


def has_a_limit(policy: str, weight: Fraction) -> bool:
    """Whether no record of either scenario waits longer than half of each day's places need for all before it."""
    for rows in (ONE_LARGE, MANY_SMALL):
        found = simulate(scenario(rows, policy, weight))
        mornings = found.waiting[:-1].sum(axis=1) + found.scenario.arrivals[1:].sum(axis=1)
        most = max(int(found.scenario.opening.sum()), int(mornings.max()))
        if found.max_wait > -(-most // (CAP // 2)) - 1:
            return False
    return True


def scenario(rows: list[Tenant], policy: str, weight: Fraction) -> Scenario:
    large = Tenant(rows[0].name, rows[0].backlog, rows[0].daily, weight)
    return scenario_of([large, *rows[1:]], [CAP] * DAYS, policy)


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_a_policys_cost_is_what_happens(policy: str) -> None:
    (told,) = costs.of_policy(policy)
    one = Fraction(1)
    assert ("không còn được gửi ngay trong ngày" not in told.vi) == is_served_the_same_day(policy, one)
    assert ("no longer served the same day" not in told.en) == is_served_the_same_day(policy, one)
    assert ("không còn giới hạn" not in told.vi) == has_a_limit(policy, one)
    assert any(said in told.en for said in ("no longer holds", "there is no limit")) != has_a_limit(policy, one)


@pytest.mark.parametrize("weight", [Fraction(1, 1_000), Fraction(1, 2), Fraction(2), Fraction(1_000)])
def test_a_weight_moves_shares_and_not_the_limit(weight: Fraction) -> None:
    assert has_a_limit("floor+aged", weight)
    (told,) = costs.of_weight(weight, "floor+aged")
    assert ("nhỏ đi: yêu cầu của đơn vị" in told.vi) == (weight < 1)
    assert "không đổi" in told.vi


def test_a_large_weight_costs_the_small_ones_the_same_day() -> None:
    """As it is told: the small one's share of the floor falls from 25 to 0,05."""
    first = simulate(scenario(ONE_LARGE, "floor+aged", Fraction(1_000)))
    assert first.longest_wait.tolist()[1] > 0
    assert simulate(scenario(ONE_LARGE, "floor+aged", Fraction(1))).longest_wait.tolist()[1] == 0


def test_what_does_not_count_is_told() -> None:
    assert "không xét trọng số" in costs.of_weight(Fraction(2), "fifo")[0].vi
    assert costs.of_weight(Fraction(1), "max-min")[0].en == "This tenant is like all others again."
    assert costs.of_deadline()[0].en.startswith("Its places come off the cap")
