"""simulate: small queues by hand, the theorems on drawn ones, and what is wrong on purpose is seen."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.quota.allocation import POLICIES, allocate
from pipelines.quota.forecast.scenario import Scenario, Tenant, add_tenants, caps_of, scenario_of
from pipelines.quota.forecast.simulate import NEVER, simulate


def tenants(*rows: tuple[int, int]) -> list[Tenant]:
    return [Tenant("abcdefgh"[n], backlog, daily) for n, (backlog, daily) in enumerate(rows)]


BY_HAND = [
    # tenants (backlog, daily), caps, policy, charged, waiting at each end, clear days, longest waits, why
    ([(30, 0), (10, 0)], [20, 20], "floor+aged", [20, 20], [20, 0], [2, 1], [1, 0], "10 each, then a's other 20"),
    ([(30, 0), (0, 0)], [20, 20, 20], "max-min", [20, 10, 0], [10, 0, 0], [2, 0], [1, 0], "b had nothing: 0"),
    ([(20, 5)], [10, 10, 10], "fifo", [10, 10, 10], [10, 5, 0], [2], [1], "5 come on days 2 and 3"),
    ([(20, 0)], [10, 0, 10], "fifo", [10, 0, 10], [10, 10, 0], [3], [2], "closed on day 2"),
    ([(30, 0)], [10, 10], "floor+aged", [10, 10], [20, 10], [NEVER], [1], "still waits at the end: 1 day so far"),
    ([(10, 0), (20, 0)], [20, 20], "largest-first", [20, 10], [10, 0], [2, 1], [1, 0], "b whole, then a"),
    ([(10, 0), (30, 0)], [20, 20], "proportional", [20, 20], [20, 0], [2, 2], [1, 1], "5 and 15, twice"),
    ([], [10], "floor+aged", [0], [0], [], [], "nobody"),
]


@pytest.mark.parametrize(("rows", "caps", "policy", "charged", "waiting", "clear", "longest", "why"), BY_HAND)
def test_by_hand(
    rows: list[tuple[int, int]],
    caps: list[int],
    policy: str,
    charged: list[int],
    waiting: list[int],
    clear: list[int],
    longest: list[int],
    why: str,
) -> None:
    found = simulate(scenario_of(tenants(*rows), caps, policy))
    assert found.given.sum(axis=1).tolist() == charged, why
    assert found.waiting.sum(axis=1).tolist() == waiting, why
    assert (found.clear_day.tolist(), found.longest_wait.tolist()) == (clear, longest), why


def test_the_waits_of_all_records_are_counted() -> None:
    found = simulate(scenario_of(tenants((20, 5)), [10, 10, 10]))
    # Day 1: 10 of today. Day 2: 10 of yesterday. Day 3: 5 of yesterday, 5 of today.
    assert found.waits == {0: 10 + 5, 1: 10 + 5}
    assert (found.waited(0.5), found.waited(0.95), found.max_wait) == (0, 1, 1)
    assert found.opening_left.tolist() == [10, 0, 0], "of day 1's own"


def test_what_has_waited_before_day_one_counts_from_its_day() -> None:
    scenario = replace(
        scenario_of(tenants((0, 0)), [10, 10]), opening=np.array([[4, 12]]), since=(-1, 1), start=date(2026, 11, 22)
    )
    found = simulate(scenario)
    assert found.waits == {2: 4, 0: 6, 1: 6}
    assert found.clear_day.tolist() == [2]


def test_what_is_already_asked_on_day_one_is_among_its_places() -> None:
    scenario = replace(scenario_of(tenants((30, 0), (30, 0)), [40, 40]), taken=np.array([25, 5]))
    found = simulate(scenario)
    assert found.given.tolist() == [[25, 15], [5, 15]], "a keeps 25 and gets no more; b has the other 15"


def test_the_first_day_is_the_nights_allocation() -> None:
    """The same call with the same turn for the left-over place."""
    rows, start = tenants((7, 0), (9, 0), (11, 0)), date(2026, 11, 22)
    for policy in POLICIES:
        found = simulate(replace(scenario_of(rows, [10], policy), start=start))
        night = allocate({(each.name, start): each.backlog for each in rows}, 10, day=start, policy=policy)
        assert found.given[0].tolist() == [part.total for part in night.values()], policy


def test_caps_change_from_a_day_on_and_are_none_on_closed_days() -> None:
    assert caps_of(5, 6, {2, 3}, {3: 9, 5: 1}) == [5, 0, 0, 9, 1, 1]


def test_a_newcomer_is_one_more_tenant_from_day_one() -> None:
    before = scenario_of(tenants((30, 1), (10, 2)), [20] * 4)
    one = simulate(add_tenants(before, [Tenant("aa", 8, 3)]))
    other = simulate(scenario_of([*tenants((30, 1), (10, 2)), Tenant("aa", 8, 3)], [20] * 4))
    assert one.scenario.tenants == ("a", "aa", "b")
    assert one.given.tolist() == other.given.tolist()
    assert add_tenants(before, []) is before


def test_a_newcomer_to_an_old_queue_waits_from_day_one() -> None:
    old = replace(scenario_of(tenants((0, 0)), [10] * 3), opening=np.array([[15]]), since=(-4,), taken=np.array([3]))
    found = simulate(add_tenants(old, [Tenant("b", 8, 0)]))
    assert found.scenario.since == (-4, 1)
    assert found.longest_wait.tolist() == [6, 2], "a is the older: 7 or 8 of the first 10 are its"
    assert found.scenario.taken is not None
    assert found.scenario.taken.tolist() == [3, 0]


# Theorems


queues = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), min_size=1, max_size=8)
policies = st.sampled_from(sorted(POLICIES))


@given(queues, st.integers(1, 300), policies)
def test_a_backlog_without_arrivals_clears_in_the_fewest_days(
    rows: list[tuple[int, int]], cap: int, policy: str
) -> None:
    backlog = sum(count for count, _ in rows)
    fewest = -(-backlog // cap)
    found = simulate(scenario_of(tenants(*((count, 0) for count, _ in rows)), [cap] * (fewest + 1), policy))
    assert found.makespan == found.backlog_clear_day == fewest


@given(st.integers(1, 5_000), st.integers(0, 150), st.integers(151, 400), policies)
def test_with_arrivals_the_queue_is_empty_on_the_first_day_that_can_hold_all(
    backlog: int, daily: int, cap: int, policy: str
) -> None:
    """After d days the cap has held d·C, and B + L·(d − 1) have come: the first d with room for all."""
    first = max(1, -(-(backlog - daily) // (cap - daily)))
    half = (Tenant("a", backlog - backlog // 2, daily - daily // 2), Tenant("b", backlog // 2, daily // 2))
    found = simulate(scenario_of(half, [cap] * (first + 1), policy))
    assert found.makespan == first
    assert found.backlog_clear_day is not None
    assert found.backlog_clear_day <= first


@given(queues, st.lists(st.integers(0, 300), min_size=1, max_size=25), policies)
def test_nothing_is_lost_and_no_place_is_idle(rows: list[tuple[int, int]], caps: list[int], policy: str) -> None:
    found = simulate(scenario_of(tenants(*rows), caps, policy))
    arrived = sum(backlog for backlog, _ in rows)
    for day, cap in enumerate(caps):
        arrived += sum(daily for _, daily in rows) if day else 0
        left = int(found.waiting[day].sum())
        assert int(found.given[: day + 1].sum()) + left == arrived
        assert int(found.given[day].sum()) == min(cap, left + int(found.given[day].sum()))
    assert sum(found.waits.values()) == int(found.given.sum())
    assert max(found.waits, default=0) <= found.max_wait < len(caps)


@given(queues, st.integers(1, 300), policies, st.randoms(use_true_random=False))
def test_the_waits_are_those_of_single_records(
    rows: list[tuple[int, int]], cap: int, policy: str, random: object
) -> None:
    """Each record followed by itself, from the places alone: a line for each tenant, the oldest at its head."""
    days = 12
    found = simulate(scenario_of(tenants(*rows), [cap] * days, policy))
    for n, (backlog, daily) in enumerate(rows):
        line, waits = [1] * backlog, []
        for day in range(1, days + 1):
            line += [day] * (daily if day > 1 else 0)
            asked, line = line[: found.given[day - 1, n]], line[found.given[day - 1, n] :]
            waits += [day - since for since in asked]
        assert found.longest_wait[n] == max([*waits, *(days - since for since in line)], default=0)


@given(queues, st.integers(1, 500), st.lists(st.integers(1, 5), min_size=8, max_size=8))
def test_quiet_tenants_never_wait_and_the_waiting_bound_holds(
    rows: list[tuple[int, int]], cap: int, weights: list[int]
) -> None:
    named = [replace(each, weight=Fraction(w)) for each, w in zip(tenants(*rows), weights, strict=False)]
    found = simulate(scenario_of(named, [cap] * 20))
    assert found.quiet_max_wait == 0
    backlog = sum(count for count, _ in rows)
    for tenant in range(len(rows)):
        if found.clear_day[tenant] != NEVER:
            assert found.clear_day[tenant] <= -(-2 * backlog // cap), "ceil(A / ((1-phi)C)) days at most"


def test_without_the_floor_quiet_tenants_wait() -> None:
    """The negative control: the same check sees the floor taken away."""
    scenario = scenario_of(tenants((1_000, 0), (5, 5)), [20] * 10)
    assert scenario.quiet().tolist() == [False, True]
    assert simulate(scenario).quiet_max_wait == 0
    without = replace(scenario, policy="largest-first")
    assert simulate(without).quiet_max_wait > 0


@given(queues, st.integers(1, 300), policies)
def test_the_index_is_one_only_where_places_are_the_ideal(rows: list[tuple[int, int]], cap: int, policy: str) -> None:
    found = simulate(scenario_of(tenants(*rows), [cap] * 6, policy))
    assert 0 < found.jain <= 1
    if policy in ("fifo", "largest-first"):
        assert found.jain == 1, "whole places: nothing is rounded"


def test_weights_are_kept() -> None:
    rows = [Tenant("a", 100, 0, Fraction(3)), Tenant("b", 100, 0, Fraction(1))]
    assert simulate(scenario_of(rows, [40])).given.tolist() == [[30, 10]]


def test_the_same_scenario_gives_the_same_again() -> None:
    scenario = scenario_of(tenants((311, 7), (97, 40), (5, 5)), [53] * 20)
    one, other = simulate(scenario), simulate(scenario)
    assert one.given.tobytes() == other.given.tobytes()
    assert scenario.opening.tolist() == [[311], [97], [5]], "the scenario is left as it was"


def test_an_empty_scenario_is_quiet() -> None:
    empty = Scenario((), np.zeros((0, 0), np.int64), (), np.zeros((3, 0), np.int64), (5, 5, 5))
    found = simulate(empty)
    assert (found.makespan, found.max_wait, found.jain) == (0, 0, 1.0)
