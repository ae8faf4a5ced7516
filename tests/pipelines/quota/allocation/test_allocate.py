"""allocate: feasible, work-conserving, near the ideal, small units served the same day, the old not starved."""

import math
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.quota.allocation import POLICIES, Override, Places, allocate, ideal
from tests.pipelines.quota.allocation import by_fractions
from tests.pipelines.quota.allocation.by_fractions import demand_of

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


@pytest.mark.parametrize("wrong", [{"phi": 1.5}, {"phi": -0.1}, {"weights": {"a": 0}}, {"policy": "best"}])
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"phi|weight|policy"):
        totals({("a", DAY): 1}, 1, **wrong)


waitings = st.dictionaries(
    st.tuples(st.sampled_from([f"t{n}" for n in range(9)]), st.integers(0, 5).map(ago)),
    st.integers(0, 400),
    max_size=30,
)
weightings = st.dictionaries(st.sampled_from([f"t{n}" for n in range(9)]), st.integers(1, 7))
phis = st.sampled_from([0, 0.2, 0.5, 0.7, 1])


policies = st.sampled_from(sorted(POLICIES))
TENANTS = [f"t{n}" for n in range(9)]


@given(waitings, st.integers(0, 3_000), weightings, phis, policies)
def test_feasible_work_conserving_and_within_one_of_the_ideal(
    waiting: dict[tuple[str, date], int], cap: int, weights: dict[str, int], phi: float, policy: str
) -> None:
    demand = demand_of(waiting)
    places = allocate(waiting, cap, day=DAY, weights=weights, phi=phi, policy=policy)
    assert list(places) == sorted(demand)
    assert all(0 <= part.total <= demand[tenant] for tenant, part in places.items())
    assert all(min(vars(part).values()) >= 0 and part.left_over in (0, 1) for part in places.values())
    assert sum(part.total for part in places.values()) == min(cap, sum(demand.values()))
    exact = ideal(waiting, cap, day=DAY, weights=weights, phi=phi, policy=policy)
    assert sum(exact.values()) == min(cap, sum(demand.values()))
    assert all(abs(part.total - exact[tenant]) < 1 for tenant, part in places.items())


@given(waitings, st.integers(0, 3_000), weightings, phis, policies)
def test_the_ideal_is_that_of_plain_fractions(
    waiting: dict[tuple[str, date], int], cap: int, weights: dict[str, int], phi: float, policy: str
) -> None:
    weight = {tenant: Fraction(weights.get(tenant, 1)) for tenant in TENANTS}
    demand = demand_of(waiting)
    if policy == "largest-first" and len({demand[tenant] * weight[tenant] for tenant in demand}) < len(demand):
        return  # whose turn it is among equals is tested by hand
    expected = by_fractions.shares(waiting, cap, policy, weight, Fraction(str(phi)))
    assert ideal(waiting, cap, day=DAY, weights=weights, phi=phi, policy=policy) == expected


@given(waitings, st.integers(0, 3_000), weightings, policies)
def test_numbers_beyond_64_bits_are_as_exact(
    waiting: dict[tuple[str, date], int], cap: int, weights: dict[str, int], policy: str
) -> None:
    """Weights in a proportion that no machine integer holds: nearly the same shares, in exact fractions."""
    huge = {tenant: Fraction(weights.get(tenant, 1)) + Fraction(1, 10**40 + n) for n, tenant in enumerate(TENANTS)}
    weight = {tenant: huge[tenant] for tenant in TENANTS}
    expected = by_fractions.shares(waiting, cap, policy, weight, Fraction(1, 2))
    assert ideal(waiting, cap, day=DAY, weights=huge, policy=policy) == expected


PRIMES = (1_073_741_789, 1_073_741_783, 1_073_741_741, 1_073_741_723, 536_870_909, 7, 3, 2, 1)


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_products_beyond_64_bits_are_as_exact(policy: str) -> None:
    """Weights of which each is small enough for a machine integer, and their products are not."""
    weight = {tenant: Fraction(prime) for tenant, prime in zip(TENANTS, PRIMES, strict=True)}
    waiting = {(tenant, ago(n % 3)): 900_000 + 7 * n for n, tenant in enumerate(TENANTS)}
    exact = ideal(waiting, 2_000_003, day=DAY, weights=weight, policy=policy)
    assert exact == by_fractions.shares(waiting, 2_000_003, policy, weight, Fraction(1, 2))
    places = allocate(waiting, 2_000_003, day=DAY, weights=weight, policy=policy)
    assert sum(part.total for part in places.values()) == 2_000_003


@given(waitings, st.integers(0, 3_000), st.integers(0, 300), weightings, phis, policies)
def test_a_higher_cap_takes_from_nobody(
    waiting: dict[tuple[str, date], int], cap: int, more: int, weights: dict[str, int], phi: float, policy: str
) -> None:
    """Exactly in the ideal; a whole place may move by rounding (largest remainder is known for that)."""
    less = ideal(waiting, cap, day=DAY, weights=weights, phi=phi, policy=policy)
    after = ideal(waiting, cap + more, day=DAY, weights=weights, phi=phi, policy=policy)
    assert all(after[tenant] >= less[tenant] for tenant in less)
    first = allocate(waiting, cap, day=DAY, weights=weights, phi=phi, policy=policy)
    then = allocate(waiting, cap + more, day=DAY, weights=weights, phi=phi, policy=policy)
    assert all(then[tenant].total >= first[tenant].total - 1 for tenant in first)


@given(waitings, st.integers(0, 3_000), weightings, st.integers(2, 9), policies)
def test_only_the_proportion_of_weights_counts(
    waiting: dict[tuple[str, date], int], cap: int, weights: dict[str, int], times: int, policy: str
) -> None:
    same = {tenant: Fraction(weights.get(tenant, 1), times) for tenant in TENANTS}
    assert allocate(waiting, cap, day=DAY, weights=weights, policy=policy) == allocate(
        waiting, cap, day=DAY, weights=same, policy=policy
    )


@given(waitings, st.integers(0, 3_000), st.sampled_from(TENANTS), st.integers(2, 9))
@pytest.mark.parametrize("policy", ["floor+aged", "max-min", "proportional", "largest-first"])
def test_more_weight_gives_no_less(
    policy: str, waiting: dict[tuple[str, date], int], cap: int, tenant: str, times: int
) -> None:
    before = ideal(waiting, cap, day=DAY, policy=policy).get(tenant, 0)
    assert ideal(waiting, cap, day=DAY, policy=policy, weights={tenant: times}).get(tenant, 0) >= before


BY_POLICY = [
    # policy, waiting, cap, places in parts, why
    ("max-min", {("a", ago(3)): 100, ("b", DAY): 100}, 30, {"a": Places(floor=15), "b": Places(floor=15)}, "no age"),
    ("proportional", {("a", DAY): 90, ("b", DAY): 30}, 40, {"a": Places(size=30), "b": Places(size=10)}, "3 to 1"),
    (
        "proportional",
        {("a", DAY): 2, ("b", DAY): 1},
        2,
        {"a": Places(size=1), "b": Places(left_over=1)},
        "a third of 2 has the larger remainder",
    ),
    ("largest-first", {("a", DAY): 10, ("b", DAY): 30}, 35, {"a": Places(size=5), "b": Places(size=30)}, "b whole"),
    ("fifo", {("a", DAY): 30, ("b", ago(1)): 30}, 35, {"a": Places(aged=5), "b": Places(aged=30)}, "b came first"),
    ("fifo", {("a", DAY): 30, ("b", DAY): 30}, 35, {"a": Places(aged=30), "b": Places(aged=5)}, "names inside a day"),
]


@pytest.mark.parametrize(("policy", "waiting", "cap", "expected", "why"), BY_POLICY)
def test_each_policy_by_hand(
    policy: str, waiting: dict[tuple[str, date], int], cap: int, expected: dict[str, Places], why: str
) -> None:
    assert allocate(waiting, cap, day=DAY, policy=policy) == expected, why


def test_among_equal_backlogs_the_first_changes_each_day() -> None:
    waiting = {(tenant, ago(9)): 10 for tenant in "abc"}
    first = [
        max(allocate(waiting, 10, day=DAY + timedelta(days=n), policy="largest-first").items(), key=lambda e: e[1].size)
        for n in range(3)
    ]
    assert sorted(tenant for tenant, _ in first) == ["a", "b", "c"]


# Overrides


def exam(tenant: str = "a", days: int = 0, limit: Fraction = Fraction(1, 10)) -> Override:
    return Override(tenant, DAY + timedelta(days=days), limit, by="Trần Thị Bích", reason="kỳ thi")


OVERRIDES = [
    # overrides, override part of a and of b, why
    ([exam()], 10, 0, "a tenth of the cap, though 100 wait"),
    ([exam(days=19)], 5, 0, "100 in 20 days: 5 a day are enough"),
    ([exam(days=7, limit=Fraction(1, 5))], 13, 0, "100 in 8 days, today among them: 13 a day"),
    ([exam(days=-1)], 0, 0, "its day is over"),
    ([exam("nobody")], 0, 0, "nothing of it waits"),
    ([exam(limit=Fraction(1, 5)), exam("b")], 20, 0, "a fifth of the cap for all of them, a is first by name"),
    ([exam(limit=Fraction(1, 5), days=1), exam("b")], 10, 10, "b's deadline is earlier"),
    ([exam(), exam()], 10, 0, "said twice, counted once"),
]


@pytest.mark.parametrize(("overrides", "a", "b", "why"), OVERRIDES)
def test_a_deadline_takes_no_more_than_it_needs_and_may(overrides: list[Override], a: int, b: int, why: str) -> None:
    waiting = {("a", DAY): 100, ("b", DAY): 100, ("c", ago(5)): 100}
    places = allocate(waiting, 100, day=DAY, overrides=overrides)
    assert (places["a"].override, places["b"].override) == (a, b), why
    assert sum(part.total for part in places.values()) == 100
    rest = allocate({**waiting, ("a", DAY): 100 - a, ("b", DAY): 100 - b}, 100 - a - b, day=DAY)
    assert {tenant: part.total - part.override for tenant, part in places.items()} == {
        tenant: part.total for tenant, part in rest.items()
    }, "the rest is shared as ever"


@given(waitings, waitings, st.integers(0, 3_000), policies, st.integers(0, 3))
@example({}, {("t1", DAY): 2, ("t2", DAY): 9}, 10, "fifo", 1)  # both have used more than their share
def test_overrides_never_pass_the_cap_nor_their_limit(
    waiting: dict[tuple[str, date], int], used: dict[tuple[str, date], int], cap: int, policy: str, days: int
) -> None:
    overrides = [exam("t1", days), exam("t2", 0, Fraction(1, 5))]
    places = allocate(waiting, cap, day=DAY, used=used, policy=policy, overrides=overrides)
    taken = sum(used.values())
    assert sum(part.total for part in places.values()) == max(taken, min(cap, sum(waiting.values()) + taken))
    assert sum(part.override for part in places.values()) <= cap / 5
    assert all(part.override == 0 or tenant in ("t1", "t2") for tenant, part in places.items())


@pytest.mark.parametrize("wrong", [{"limit": Fraction(0)}, {"limit": Fraction(1, 4)}, {"by": " "}, {"reason": ""}])
def test_an_override_without_limit_reason_or_name_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="override"):
        Override(**{"tenant": "a", "deadline": DAY, "limit": Fraction(1, 10), "by": "An", "reason": "thi", **wrong})  # type: ignore[arg-type]


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


@given(waitings, st.integers(0, 3_000), policies)
def test_the_order_in_which_tenants_are_given_changes_nothing(
    waiting: dict[tuple[str, date], int], cap: int, policy: str
) -> None:
    backwards = dict(sorted(waiting.items(), reverse=True))
    assert allocate(waiting, cap, day=DAY, policy=policy) == allocate(backwards, cap, day=DAY, policy=policy)


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


@given(waitings, waitings, st.integers(0, 3_000), policies)
def test_what_is_used_is_used(
    waiting: dict[tuple[str, date], int], used: dict[tuple[str, date], int], cap: int, policy: str
) -> None:
    """Others came, or the cap fell: nobody gives back what was asked, and nobody else goes over the cap for it."""
    places = allocate(waiting, cap, day=DAY, used=used, policy=policy)
    wanted, taken = demand_of(waiting), demand_of(used)
    all_taken = sum(taken.values())
    assert set(places) == set(wanted) | set(taken)
    for tenant, part in places.items():
        assert taken.get(tenant, 0) <= part.total <= wanted.get(tenant, 0) + taken.get(tenant, 0)
    total = sum(part.total for part in places.values())
    assert total == max(all_taken, min(cap, sum(wanted.values()) + all_taken))


@given(waitings, st.integers(0, 3_000), policies, st.randoms(use_true_random=False))
def test_a_night_that_is_interrupted_is_shared_as_one_that_is_not(
    waiting: dict[tuple[str, date], int], cap: int, policy: str, random: Random
) -> None:
    places = allocate(waiting, cap, day=DAY, policy=policy)
    used: dict[tuple[str, date], int] = {}
    left = {tenant: random.randint(0, part.total) for tenant, part in places.items()}
    for tenant, day in sorted(waiting, key=lambda key: key[1]):
        asked = min(waiting[tenant, day], left.get(tenant, 0))
        used[tenant, day] = asked
        left[tenant] = left.get(tenant, 0) - asked
    rest = {key: count - used[key] for key, count in waiting.items()}
    assert allocate(rest, cap, day=DAY, policy=policy, used=used) == places


def test_places_that_nobody_uses_flow_on_during_the_night() -> None:
    """b's questions were withdrawn at noon: what was kept for it goes to a, and what a asked before stays."""
    morning = allocate({("a", DAY): 50, ("b", DAY): 50}, 40, day=DAY)
    assert (morning["a"].total, morning["b"].total) == (20, 20)
    noon = allocate({("a", DAY): 30}, 40, day=DAY, used={("a", DAY): 20, ("b", DAY): 5})
    assert (noon["a"].total, noon["b"].total) == (35, 5)


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
