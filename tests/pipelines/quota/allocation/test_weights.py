"""Weights as they are written, exactly; and several in small whole numbers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.quota.allocation.weights import weight_of, whole_weights

WRITTEN = [
    ("1", Fraction(1), "the usual one"),
    ("1.5", Fraction(3, 2), "a decimal"),
    ("0.1", Fraction(1, 10), "a tenth, not the binary number beside it"),
    ("3/2", Fraction(3, 2), "a fraction"),
    ("007", Fraction(7), "zeros before"),
    ("0", None, "not above 0"),
    ("0.000", None, "not above 0"),
    ("1/0", None, "no number"),
    ("-1", None, "below 0"),
    ("+1", None, "a sign"),
    ("1,5", Fraction(3, 2), "as Vietnamese write it"),
    ("1,500", None, "one and a half, or fifteen hundred in another's eyes"),
    ("1.5/2", None, "both at once"),
    ("1e999999999", None, "would take years to compute"),
    ("1234567890123", None, "longer than any weight"),
    ("٣", None, "a digit, but none of ours"),
    ("2\n", None, "a line's end"),
]


@pytest.mark.parametrize(("text", "weight", "why"), WRITTEN)
def test_a_weight_as_it_is_written(text: str, weight: Fraction | None, why: str) -> None:
    if weight is not None:
        assert weight_of(text) == weight, why
        return
    with pytest.raises(ValueError, match="viết số lớn hơn 0"):
        weight_of(text)


@given(st.lists(st.fractions(min_value=Fraction(1, 999), max_value=999, max_denominator=999), min_size=1, max_size=9))
def test_whole_weights_are_in_the_same_proportion(weights: list[Fraction]) -> None:
    whole = whole_weights(weights).tolist()
    assert all(isinstance(each, int) and each > 0 for each in whole)
    assert [Fraction(each, whole[0]) for each in whole] == [each / weights[0] for each in weights]


@pytest.mark.parametrize("wrong", [0, -1, Fraction(-1, 2), 0.0])
def test_no_weight_is_below_0_or_nothing(wrong: Fraction | float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        whole_weights([1, wrong])
