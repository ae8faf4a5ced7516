"""A fitted calibration, against shares that a person can count."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from matching.evaluation.isotonic import LEAST, fit


def _judged(*parts: tuple[float, int, int]) -> pl.DataFrame:
    """(stated, right, wrong) of each part."""
    rows = [(stated, is_right) for stated, right, wrong in parts for is_right in [True] * right + [False] * wrong]
    return pl.DataFrame(rows, schema={"probability": pl.Float64, "right": pl.Boolean}, orient="row")


def test_what_was_stated_becomes_what_was_right() -> None:
    assert fit(_judged((0.6, 150, 150), (0.9, 285, 15))) == ((0.0, 0.0), (0.6, 0.5), (0.9, 0.95), (1.0, 1.0))


def test_parts_that_fall_are_one_part() -> None:
    found = fit(_judged((0.6, 240, 60), (0.8, 180, 120)))
    assert found == ((0.0, 0.0), (0.7, 0.7), (1.0, 1.0)), "0.8 and then 0.6 cannot both hold"


def test_few_records_say_nothing_alone() -> None:
    assert fit(_judged((0.5, LEAST // 4, LEAST // 4))) == ((0.0, 0.0), (1.0, 1.0))


@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=8))
def test_it_never_falls(parts: list[tuple[float, int, int]]) -> None:
    judged = _judged(*parts)
    points = fit(judged)
    for at in (0, 1):
        scale = [point[at] for point in points]
        assert scale == sorted(set(scale))
    assert (points[0], points[-1]) == ((0.0, 0.0), (1.0, 1.0))
