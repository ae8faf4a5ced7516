"""allocate: feasible, work-conserving, near the ideal, small units served the same day, the old not starved."""

import math
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.verify.share import Places, allocate, ideal, waterfill

DAY = date(2026, 11, 22)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def totals(waiting: dict[tuple[str, date], int], cap: int, **options: object) -> dict[str, int]:
    return {tenant: places.total for tenant, places in allocate(waiting, cap, day=DAY, **options).items()}  # type: ignore[arg-type]


EQUAL = [
    # waiting, cap, places, why
    ({}, 10, {}, "nobody waits"),
    ({("a", DAY): 5}, 0, {"a": 0}, "no cap"),
    ({("a", DAY): 5}, 10, {"a": 5}, "no more than waits"),
    ({("a", DAY): 5, ("b", DAY): 5}, 10, {"a": 5, "b": 5}, "all fits"),
    ({("a", DAY): 100, ("b", DAY): 2}, 10, {"a": 8, "b": 2}, "the small unit whole, the rest to the large one"),
    ({("a", DAY): 100, ("b", DAY): 100}, 10, {"a": 5, "b": 5}, "equals get equal parts"),
    ({("a", ago(1)): 100, ("b", DAY): 100}, 100, {"a": 75, "b": 25}, "floor 25 each, the other 50 to the older day"),
    ({("a", ago(1)): 30, ("b", DAY): 100}, 100, {"a": 30, "b": 70}, "a is done, b takes what is left"),
    ({("a", ago(2)): 60, ("b", ago(1)): 60, ("c", DAY): 60}, 60, {"a": 40, "b": 10, "c": 10}, "oldest day first"),
]


@pytest.mark.parametrize(("waiting", "cap", "expected", "why"), EQUAL)
def test_places_by_hand(waiting: dict[tuple[str, date], int], cap: int, expected: dict[str, int], why: str) -> None:
    assert totals(waiting, cap) == expected, why


def test_the_parts_are_kept_apart() -> None:
    given_ = allocate({("a", ago(1)): 100, ("b", DAY): 100, ("c", DAY): 100}, 100, day=DAY)
    # Floor 50/3 = 16⅔ each; the other 50 to a: 66⅔. One place of each fraction is left over: two in all.
    assert given_["a"] == Places(floor=16, aged=50, left_over=1)
    assert sorted(places.left_over for places in given_.values()) == [0, 1, 1]


def test_the_left_over_place_goes_round() -> None:
    waiting = {(tenant, DAY): 10 for tenant in "abc"}
    lucky = [
        next(t for t, p in allocate(waiting, 10, day=DAY + timedelta(days=n)).items() if p.left_over) for n in range(6)
    ]
    assert lucky[:3] == lucky[3:]
    assert sorted(lucky[:3]) == ["a", "b", "c"]


def test_weights_and_phi() -> None:
    waiting = {("a", DAY): 100, ("b", DAY): 100}
    assert totals(waiting, 30, weights={"a": 2}) == {"a": 20, "b": 10}
    older = {("a", ago(3)): 100, ("b", DAY): 100}
    assert totals(older, 30, phi=1) == {"a": 15, "b": 15}, "pure max-min"
    assert totals(older, 30, phi=0) == {"a": 30, "b": 0}, "pure oldest first"
    assert totals(older, 10, phi=0.3)["b"] == 1, "0.3 of 10 is 3, not 2.999: 1.5 each"


@pytest.mark.parametrize("wrong", [{"phi": 1.5}, {"phi": -0.1}, {"weights": {"a": 0}}])
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"phi|weight"):
        totals({("a", DAY): 1}, 1, **wrong)


waitings = st.dictionaries(
    st.tuples(st.sampled_from([f"t{n}" for n in range(9)]), st.integers(0, 5).map(ago)),
    st.integers(0, 400),
    max_size=30,
)
weightings = st.dictionaries(st.sampled_from([f"t{n}" for n in range(9)]), st.integers(1, 7))
phis = st.sampled_from([0, 0.2, 0.5, 0.7, 1])


def demand_of(waiting: dict[tuple[str, date], int]) -> dict[str, int]:
    demand: dict[str, int] = {}
    for (tenant, _), count in waiting.items():
        demand[tenant] = demand.get(tenant, 0) + count
    return {tenant: count for tenant, count in demand.items() if count}


@given(waitings, st.integers(0, 3_000), weightings, phis)
def test_feasible_work_conserving_and_within_one_of_the_ideal(
    waiting: dict[tuple[str, date], int], cap: int, weights: dict[str, int], phi: float
) -> None:
    demand = demand_of(waiting)
    places = allocate(waiting, cap, day=DAY, weights=weights, phi=phi)
    assert set(places) == set(demand)
    assert all(0 <= part.total <= demand[tenant] for tenant, part in places.items())
    assert all(part.floor >= 0 and part.aged >= 0 and part.left_over in (0, 1) for part in places.values())
    assert sum(part.total for part in places.values()) == min(cap, sum(demand.values()))
    exact = ideal(waiting, cap, weights=weights, phi=phi)
    assert all(abs(part.total - exact.total[tenant]) < 1 for tenant, part in places.items())


@given(waitings, st.integers(0, 3_000), weightings, phis)
def test_isolation_a_tenant_below_its_floor_share_is_served_whole(
    waiting: dict[tuple[str, date], int], cap: int, weights: dict[str, int], phi: float
) -> None:
    demand = demand_of(waiting)
    places = allocate(waiting, cap, day=DAY, weights=weights, phi=phi)
    all_weights = sum(weights.get(tenant, 1) for tenant in demand)
    for tenant, count in demand.items():
        if count <= Fraction(str(phi)) * cap * weights.get(tenant, 1) / max(1, all_weights):
            assert places[tenant].total == count


@given(waitings, st.integers(1, 3_000), weightings, phis)
def test_the_oldest_records_get_at_least_the_aged_part(
    waiting: dict[tuple[str, date], int], cap: int, weights: dict[str, int], phi: float
) -> None:
    """Of the A records not newer than any day, at least min(A, (1−φ)·cap) are served: hence the waiting bound."""
    places = allocate(waiting, cap, day=DAY, weights=weights, phi=phi)
    for newest in {enqueued for _, enqueued in waiting}:
        old: dict[str, int] = {}
        for (tenant, enqueued), count in waiting.items():
            old[tenant] = old.get(tenant, 0) + (count if enqueued <= newest else 0)
        served = sum(min(count, places[tenant].total) for tenant, count in old.items() if tenant in places)
        assert served >= min(sum(old.values()), math.ceil((1 - Fraction(str(phi))) * cap))


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 50)), st.integers(0, 300))
def test_max_min_nobody_has_more_while_another_lacks(demand: dict[str, int], budget: int) -> None:
    shares = waterfill(demand, budget, dict.fromkeys(demand, Fraction(1)))
    assert sum(shares.values()) == min(budget, sum(demand.values()))
    lacking = [shares[tenant] for tenant in demand if shares[tenant] < demand[tenant]]
    assert all(share <= min(lacking, default=share) for share in shares.values())


@given(waitings, st.integers(0, 3_000))
def test_the_order_in_which_tenants_are_given_changes_nothing(waiting: dict[tuple[str, date], int], cap: int) -> None:
    backwards = dict(sorted(waiting.items(), reverse=True))
    assert allocate(waiting, cap, day=DAY) == allocate(backwards, cap, day=DAY)


@given(waitings, st.integers(0, 3_000), st.data())
def test_an_interrupted_day_is_shared_as_if_it_had_not_been(
    waiting: dict[tuple[str, date], int], cap: int, data: st.DataObject
) -> None:
    whole = allocate(waiting, cap, day=DAY)
    left = dict(waiting)
    used: dict[tuple[str, date], int] = {}
    for tenant, part in whole.items():
        done = data.draw(st.integers(0, part.total))
        for key in sorted(key for key in waiting if key[0] == tenant):
            used[key] = min(done, waiting[key])
            left[key] -= used[key]
            done -= used[key]
    assert allocate(left, cap, day=DAY, used=used) == whole


@given(waitings, waitings, st.integers(0, 3_000))
def test_what_is_used_is_used(
    waiting: dict[tuple[str, date], int], used: dict[tuple[str, date], int], cap: int
) -> None:
    """Others came, or the cap fell: nobody gives back what was asked, and nobody else goes over the cap for it."""
    places = allocate(waiting, cap, day=DAY, used=used)
    wanted, taken = demand_of(waiting), demand_of(used)
    all_taken = sum(taken.values())
    assert set(places) == set(wanted) | set(taken)
    for tenant, part in places.items():
        assert taken.get(tenant, 0) <= part.total <= wanted.get(tenant, 0) + taken.get(tenant, 0)
    total = sum(part.total for part in places.values())
    assert total == max(all_taken, min(cap, sum(wanted.values()) + all_taken))


def test_who_used_more_than_its_present_share_keeps_it_and_gets_no_more() -> None:
    places = allocate({("a", DAY): 50, ("b", DAY): 50}, 40, day=DAY, used={("a", DAY): 30})
    assert (places["a"].total, places["a"].earlier, places["b"].total) == (30, 10, 10)


def test_a_backlog_clears_in_the_least_number_of_days_and_quiet_tenants_never_wait() -> None:
    """189 tenants, 56,000 of them in one: cleared in ceil(backlog / cap) days."""
    left = {(f"t{n:03}", DAY): 40 + 7 * n for n in range(188)} | {("t-hcmc", DAY): 56_000}
    cap, days = 40_000, 0
    expected = math.ceil(sum(left.values()) / cap)
    while sum(left.values()):
        days += 1
        for tenant, part in allocate(left, cap, day=DAY + timedelta(days=days)).items():
            if days == 1 and left[(tenant, DAY)] <= cap / 2 / 189:
                assert part.total == left[(tenant, DAY)]
            left[(tenant, DAY)] -= part.total
    assert days == expected
