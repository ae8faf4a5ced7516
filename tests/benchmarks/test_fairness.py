"""The promises of fairness on a few dozen drawn countries, and that the counting sees what is broken on purpose."""

from dataclasses import replace

import pytest

from benchmarks import fairness
from pipelines.quota.forecast.simulate import Simulation, simulate

SEEDS = range(12)


@pytest.fixture(scope="module")
def found() -> Simulation:
    return simulate(fairness.drawn(3))


def test_the_promises_hold() -> None:
    counted = fairness.many(SEEDS)
    assert counted["failing_seeds"] == []
    assert counted["quiet_tenants"] > 100
    assert counted["lowest_jain"] >= fairness.JAIN


def test_a_backlog_clears_in_the_fewest_open_days_under_every_policy() -> None:
    assert fairness.drains(range(2)) == {"scenarios": 20, "open_days": 6, "not_in_the_fewest_days": 0}


def test_the_floor_taken_away_is_seen() -> None:
    assert fairness.floor_off(range(3)) == {"scenarios": 3, "caught": 3}


def test_a_seed_is_the_same_again(found: Simulation) -> None:
    assert fairness.digest(found) == fairness.digest(simulate(fairness.drawn(3)))
    assert fairness.digest(found) != fairness.digest(simulate(fairness.drawn(4)))


def spoilt(found: Simulation, change: str) -> Simulation:
    """One day's places altered: a place too many, one idle, or all of the oldest day's for the youngest."""
    given = found.given.copy()
    if change == "over":
        given[0, 0] += found.scenario.caps[0]
    elif change == "idle":
        given[1, given[1].argmax()] -= 1
    else:
        given = simulate(found.scenario.under("largest-first")).given
    return replace(found, given=given)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("over", "days_over_cap"),
        ("over", "asked_what_was_not_there"),
        ("idle", "idle_days"),
        ("largest first", "quiet_tenants_that_waited"),
    ],
)
def test_a_broken_promise_is_counted(found: Simulation, change: str, fault: str) -> None:
    assert fairness.faults(found)[fault] == 0
    assert fairness.faults(spoilt(found, change))[fault] > 0


def test_a_late_record_is_counted() -> None:
    """With 150,000 arriving a day the old backlog waits far beyond its bound where age does not count."""
    _, moving = fairness.pair(1)
    assert fairness.faults(simulate(moving))["bound_violations"] == 0
    assert fairness.faults(simulate(moving.under("max-min")))["bound_violations"] > 0


def test_the_plan_foretells() -> None:
    told = fairness.forecasts(range(1))
    assert told["within_a_day"] >= 0.95
