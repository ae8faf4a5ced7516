"""Parses tenants' weights exactly, and turns several into whole numbers in the same proportion."""

import math
import re
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from pipelines.quota.allocation.max_min import Whole

USUAL = Fraction(1)
"""Weight of a tenant without an order."""
_WRITTEN = re.compile(r"\d{1,12}(?:\.\d{1,12}|,\d{1,2}|/\d{1,12})?", re.ASCII)
"""Nothing longer: sums stay exact and short, and `1e999999999` is not a number to compute with."""


def weight_of(text: str) -> Fraction:
    """The weight that a text states: `2`, `1.5`, `1,5` as Vietnamese write it, or `3/2`; `1,500` may be either: none.

    Errors: ValueError, worded for people, if it is none or not above 0.
    """
    try:
        weight = Fraction(text.replace(",", ".")) if _WRITTEN.fullmatch(text) else Fraction(0)
    except ZeroDivisionError:
        weight = Fraction(0)
    if weight <= 0:
        raise ValueError(
            f"weight «{text}»: viết số lớn hơn 0, ví dụ 2, 1.5 hoặc 3/2 / a number above 0, as 2, 1.5 or 3/2"
        )
    return weight


def whole_weights(weights: Sequence[Fraction | int | float]) -> Whole:
    """Whole numbers in the same proportion.

    Errors: ValueError if one is not above 0.
    """
    exact = [value if isinstance(value, Fraction) else Fraction(str(value)) for value in weights]
    if any(value <= 0 for value in exact):
        raise ValueError("a tenant's weight must be above 0")
    scale = math.lcm(*(value.denominator for value in exact))
    whole = [int(value * scale) for value in exact]
    divisor = math.gcd(*whole) or 1
    return np.array([value // divisor for value in whole], dtype=object)
