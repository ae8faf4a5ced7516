"""Draws random numbers in streams that depend on the seed and a label only, never on the order of work.

Only `Generator.random` is used, and every other distribution is derived from it, so that a file does not change
with the library's way of drawing normals or shuffles.
"""

import math
import zlib
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Chance:
    """A stream of numbers in [0, 1) for one seed, one chunk and one purpose."""

    def __init__(self, seed: int, *labels: str | int) -> None:
        words = [label if isinstance(label, int) else zlib.crc32(label.encode()) for label in labels]
        self._generator = np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence([seed, *words])))

    def uniform(self, *shape: int) -> Floats:
        """Numbers in [0, 1)."""
        drawn: Floats = self._generator.random(shape)
        return drawn

    def hits(self, share: float | Floats, *shape: int) -> Bools:
        """Booleans, true with probability `share`."""
        return self.uniform(*shape) < share

    def integers(self, low: int, high: int | Ints, *shape: int) -> Ints:
        """Whole numbers from `low` up to, not including, `high`."""
        drawn: Floats = low + np.floor(self.uniform(*shape) * (np.asarray(high) - low))
        return drawn.astype(np.int64)

    def around(self, mean: float, spread: float, *shape: int) -> Floats:
        """Roughly normal numbers (sum of four uniforms: never further than 3.5 spreads away)."""
        total: Floats = self.uniform(4, *shape).sum(axis=0)
        return mean + spread * math.sqrt(3.0) * (total - 2.0)

    def order(self, size: int) -> Ints:
        """A permutation of `range(size)`."""
        return np.argsort(self.uniform(size), kind="stable").astype(np.int64)


@dataclass(frozen=True)
class Weighted:
    """Values that are drawn in proportion to their weights."""

    values: NDArray[Any]
    cumulative: Floats

    @classmethod
    def of(cls, values: list[Any] | NDArray[Any] | pl.Series, weights: list[float] | Floats | pl.Series) -> Self:
        """The values with their weights; weights need not sum to one."""
        total = np.cumsum(np.asarray(weights, dtype=np.float64))
        return cls(np.asarray(values), total / total[-1])

    def pick(self, uniform: Floats) -> NDArray[Any]:
        """One value for each number in [0, 1)."""
        index = np.searchsorted(self.cumulative, uniform, side="right")
        return self.values[np.minimum(index, len(self.values) - 1)]
