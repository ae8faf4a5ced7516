"""The plan: exact where nothing arrives, a band where something may, the same whenever it is asked."""

from dataclasses import replace
from datetime import date
from random import Random

import numpy as np

from pipelines.quota.forecast.outlook import ASSUMED, Band, _cut, forecast, mean, ready_for_json
from pipelines.quota.forecast.scenario import Scenario, Tenant, scenario_of

START = date(2026, 11, 23)


def standing(*backlog: int, cap: int = 20, days: int = 30) -> Scenario:
    rows = [Tenant("abcdefgh"[n], count, 0) for n, count in enumerate(backlog)]
    return replace(scenario_of(rows, [cap] * days), start=START)


def test_without_arrivals_the_band_is_one_day() -> None:
    outlook = forecast(standing(50, 10), np.zeros((5, 2), np.int64))
    assert outlook.clears == {"a": Band(3, 3, 3), "b": Band(1, 1, 1)}
    assert outlook.all_clear == Band(3, 3, 3)
    assert outlook.burn_down[:4] == ((60, 60, 60), (40, 40, 40), (20, 20, 20), (0, 0, 0))
    assert (outlook.nights, outlook.daily) == (5, 0)


def test_arrivals_of_others_widen_the_band_and_never_hurry() -> None:
    nights = np.array([[0, 0], [0, 30], [0, 0], [0, 24], [0, 6]])
    outlook = forecast(standing(90, 10), nights)
    band = outlook.clears["a"]
    assert band.earliest is not None
    assert band.likely is not None
    assert band.latest is not None
    assert 5 <= band.earliest <= band.likely <= band.latest <= 9
    assert band.earliest < band.latest
    assert all(low <= middle <= high for low, middle, high in outlook.burn_down)
    assert outlook.daily == 12


def test_few_nights_are_no_ground() -> None:
    outlook = forecast(standing(100, 60, cap=8_000), np.array([[400, 0], [0, 0]]))
    assert outlook.nights == 0
    assert outlook.daily == 8_000 * sum(ASSUMED) / 3


def test_what_is_assumed_is_spread_without_loss() -> None:
    """Many tenants with one question each: a quarter of a cap of 8 is 2 questions, not eight times nothing."""
    assert forecast(standing(*[1] * 8, cap=8), np.zeros((0, 8), np.int64)).daily == 1


def test_what_does_not_clear_within_the_days_has_no_date() -> None:
    said = ready_for_json(forecast(standing(1_000, days=3), np.zeros((4, 1), np.int64)))
    assert (said["clears_on"], said["tenants"][0]["latest"]) == (None, None)


def test_nothing_waits() -> None:
    said = ready_for_json(forecast(standing(0, 0), np.zeros((0, 2), np.int64)))
    assert (said["waiting"], said["tenants"]) == (0, [])
    assert [each["middle"] for each in said["burn_down"]] == [0] * len(said["burn_down"])


def test_dates_count_from_the_first_day() -> None:
    said = ready_for_json(forecast(standing(50, 10), np.zeros((5, 2), np.int64)))
    assert said["clears_on"] == "2026-11-25"
    assert [each["date"] for each in said["burn_down"][:2]] == ["2026-11-22", "2026-11-23"]
    assert said["tenants"][0] == {
        "tenant": "a", "waiting": 50, "earliest": "2026-11-25", "clears_on": "2026-11-25", "latest": "2026-11-25",
    }  # fmt: skip


def test_what_was_asked_today_does_not_wait() -> None:
    scenario = replace(standing(50, 10), taken=np.array([20, 0]))
    said = ready_for_json(forecast(scenario, np.zeros((5, 2), np.int64)))
    assert said["waiting"] == 40
    assert said["burn_down"][1]["middle"] == 40, "the day's places are used up"


def test_the_same_queue_has_the_same_plan() -> None:
    nights = np.array([[Random(n).randrange(30), n] for n in range(6)])
    assert forecast(standing(90, 10), nights) == forecast(standing(90, 10), nights)


def test_the_mean_is_in_whole_questions_and_nothing_without_nights() -> None:
    assert mean(np.array([[1, 4], [2, 4]])).tolist() == [1, 4]
    assert mean(np.zeros((0, 2), np.int64)).tolist() == [0, 0]


def test_the_band_leaves_out_the_lowest_and_the_highest() -> None:
    assert _cut([1, 5, 6, 7, 99]) == (5, 6, 7)
