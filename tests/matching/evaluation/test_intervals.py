"""Wilson intervals against published values."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.evaluation.intervals import wilson, wilson_columns


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [(81, 263, 0.255, 0.366), (15, 148, 0.062, 0.161), (0, 20, 0.0, 0.161), (1, 29, 0.006, 0.172)],
)
def test_wilson(right: int, total: int, low: float, high: float) -> None:
    """Newcombe (1998), Statistics in Medicine 17:857, table I, method 3 (score)."""
    found = wilson(right, total)
    assert (found["low"], found["high"]) == (pytest.approx(low, abs=0.0006), pytest.approx(high, abs=0.0006))


def test_nothing_to_count() -> None:
    assert wilson(0, 0) == {"share": None, "low": None, "high": None, "right": 0, "of": 0}


@given(st.integers(1, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_an_interval_holds_its_share(case: tuple[int, int]) -> None:
    found = wilson(*case)
    low, share, high = (found[name] for name in ("low", "share", "high"))
    assert low is not None
    assert share is not None
    assert high is not None
    assert 0 <= low <= share <= high <= 1


def test_columns_are_as_single_values() -> None:
    cases = [(0, 0), (0, 20), (20, 20), (81, 263), (15, 148), (999_999, 1_000_000)]
    counts = pl.DataFrame(cases, schema=["right", "of"], orient="row")
    found = counts.with_columns(**wilson_columns(pl.col("right"), pl.col("of")))
    for case, row in zip(cases, found.to_dicts(), strict=True):
        assert row == pytest.approx(wilson(*case))
