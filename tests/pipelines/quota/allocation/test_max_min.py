"""waterfill: nobody has more while another, who lacks, has less for its weight."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.quota.allocation.max_min import levels, waterfill
from tests.pipelines.quota.allocation import by_fractions

tanks = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 6)), max_size=9)


def filled(tank: list[tuple[int, int]], budget: int) -> list[Fraction]:
    demand = np.array([each for each, _ in tank], dtype=np.int64)
    weight = np.array([each for _, each in tank], dtype=np.int64)
    shares, scale = waterfill(demand, budget, weight, levels(demand, weight))
    return [Fraction(int(share), scale) for share in shares]


@given(tanks, st.integers(0, 300))
def test_max_min_nobody_has_more_while_another_lacks(tank: list[tuple[int, int]], budget: int) -> None:
    shares = filled(tank, budget)
    assert sum(shares) == min(budget, sum(demand for demand, _ in tank))
    lacking = [share / weight for share, (demand, weight) in zip(shares, tank, strict=True) if share < demand]
    lowest = min(lacking, default=Fraction(10**9))
    assert all(share / weight <= lowest for share, (_, weight) in zip(shares, tank, strict=True))


@given(tanks, st.integers(0, 300))
def test_as_pouring_again_and_again(tank: list[tuple[int, int]], budget: int) -> None:
    names = [f"t{n}" for n in range(len(tank))]
    demand = {name: each for name, (each, _) in zip(names, tank, strict=True)}
    weight = {name: Fraction(each) for name, (_, each) in zip(names, tank, strict=True)}
    assert dict(zip(names, filled(tank, budget), strict=True)) == by_fractions.waterfill(demand, budget, weight)
