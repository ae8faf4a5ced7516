"""Computes weighted max-min shares in whole numbers: nobody has more while another, who lacks, has less for its
weight.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[Any]
"""Array of integers: of 64 bits, or Python's own where a product would not fit into 64."""


class Filled(NamedTuple):
    """Exact fractions with one denominator."""

    shares: Whole
    """Numerators, in the order of the demand."""
    scale: int
    """Their common denominator."""


def waterfill(demand: Whole, budget: int, weight: Whole, level: Whole) -> Filled:
    """Shares min(demand, λ·weight), λ the smallest that uses up the budget or all demand.

    Shape: `level` orders like demand / weight. The numbers' type must hold (demand + budget) · the sum of weights.
    Source: Bertsekas & Gallager, Data Networks (1992), 6.5.2, max-min fairness; Kubernetes KEP-1040 for the words.
    """
    order = np.argsort(level, kind="stable")
    wanted, weights = demand[order], weight[order]
    left = budget - (np.cumsum(wanted) - wanted)
    weight_left = np.cumsum(weights[::-1])[::-1]
    lacks = np.flatnonzero(wanted * weight_left > left * weights)
    if not lacks.size:
        return Filled(demand.copy(), 1)
    first = int(lacks[0])
    scale = int(weight_left[first])
    filled = wanted * scale
    filled[first:] = weights[first:] * left[first]
    shares = np.empty_like(filled)
    shares[order] = filled
    return Filled(shares, scale)


def levels(demand: Whole, weight: Whole) -> Whole:
    """Whole numbers that order like demand / weight."""
    ordering: Whole = demand * (common_multiple(weight) // weight)
    return ordering


def common_multiple(weight: Whole) -> int:
    """The least common multiple of the weights."""
    return math.lcm(*{int(each) for each in np.unique(weight)})
