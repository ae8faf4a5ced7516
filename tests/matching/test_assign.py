"""One person, one record: who gets the person, and what becomes of the others."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.assign import _assignment, keep_one

Row = tuple[int | None, str, str, float]


def _decided(rows: list[Row]) -> pl.DataFrame:
    """p, decision, status, weight of each record."""
    frame = pl.DataFrame(
        rows, schema={"p": pl.Int64, "decision": pl.String, "status": pl.String, "weight": pl.Float64}, orient="row"
    )
    return frame.with_columns(
        r=pl.int_range(pl.len(), dtype=pl.Int32),
        person_id=pl.col("p").cast(pl.String),
        life=pl.lit("alive"),
        differs=pl.when(pl.col("status") == "agreed").then(pl.lit("")).otherwise(pl.lit("full_name")),
    )


def _weighed(pairs: list[tuple[int, int, float]]) -> pl.DataFrame:
    frame = pl.DataFrame(pairs, schema={"r": pl.Int32, "p": pl.Int64, "weight": pl.Float64}, orient="row")
    return frame.with_columns(person_id=pl.col("p").cast(pl.String), life=pl.lit("alive"))


def test_agreed_goes_before_strong_before_first() -> None:
    found = keep_one(
        _decided([
            (1, "link", "wrong_information", 30.0), (1, "link", "agreed", 30.0), (2, "link", "wrong_id", 12.0),
            (2, "link", "wrong_id", 14.0), (3, "link", "wrong_id", 9.0), (3, "link", "wrong_id", 9.0),
            (1, "review", "ambiguous", 3.0), (None, "none", "not_found", 0.0),
        ]),
        _weighed([]),
    )  # fmt: skip
    assert found["status"].to_list() == [
        "duplicate", "agreed", "duplicate", "wrong_id", "wrong_id", "duplicate", "ambiguous", "not_found",
    ]  # fmt: skip
    assert found["decision"].to_list() == ["review", "link", "review", "link", "link", "review", "review", "none"]


def test_the_best_for_all_and_not_for_the_first() -> None:
    """Two namesakes: r0 fits p1 and, nearly as well, p2; r1 fits p1 alone. Greedy would give p1 to r0."""
    found = keep_one(
        _decided([(1, "link", "wrong_information", 20.0), (1, "link", "wrong_information", 19.5)]),
        _weighed([(0, 1, 20.0), (0, 2, 19.0), (1, 1, 19.5)]),
    )
    assert found["p"].to_list() == [2, 1]
    assert found["status"].to_list() == ["ambiguous", "wrong_information"]
    assert found["decision"].to_list() == ["review", "link"], "a person got instead is for a human to confirm"


def test_a_faint_second_choice_is_none() -> None:
    found = keep_one(
        _decided([(1, "link", "wrong_id", 20.0), (1, "link", "wrong_id", 19.5)]),
        _weighed([(0, 1, 20.0), (0, 2, 2.0), (1, 1, 19.5)]),
    )
    assert found["status"].to_list() == ["wrong_id", "duplicate"]


_ROW = st.tuples(st.integers(1, 3), st.sampled_from(["link", "review"]), st.just("wrong_id"), st.floats(1, 30))


@given(st.lists(_ROW, max_size=9), st.lists(st.tuples(st.integers(0, 8), st.integers(1, 4), st.floats(1, 30))))
def test_each_person_once_and_nobody_lost(rows: list[Row], others: list[tuple[int, int, float]]) -> None:
    before = _decided(rows)
    own = {r: p for r, p in before.select("r", "p").iter_rows()}
    second = {(r, p): (r, p, weight) for r, p, weight in others if r in own and own[r] != p}
    after = keep_one(before, _weighed([*second.values()]))
    linked = after.filter(decision="link")["p"]
    assert linked.n_unique() == linked.len()
    assert after.height == before.height
    untouched = before["decision"] == "review"
    assert after.filter(untouched).select("p", "decision").equals(before.filter(untouched).select("p", "decision"))


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(-9, 9), min_size=6, max_size=6), min_size=n, max_size=n)
    )
)
def test_the_assignment_is_the_cheapest(costs: list[list[int]]) -> None:
    """Against every possible one."""
    cost = np.array(costs, dtype=np.float64)
    chosen = _assignment(cost)
    assert len(set(chosen)) == len(chosen)
    least = min(
        sum(cost[row, column] for row, column in enumerate(columns))
        for columns in itertools.permutations(range(6), len(costs))
    )
    assert sum(cost[row, column] for row, column in enumerate(chosen)) == pytest.approx(least)
