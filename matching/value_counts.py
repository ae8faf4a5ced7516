"""Counts how many people share a value, over whole columns: values become numbers from 0, and numbers are counted."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow

Shares = npt.NDArray[np.float64]

_WORD_BITS = 64


class Coded(NamedTuple):
    """A column as numbers: equal values, and only they, have equal ones. Lacking a value is a value too."""

    of: npt.NDArray[np.int32]
    """The number of each row's value."""
    size: int
    """An upper bound: all numbers are below it."""

    def counted(self) -> npt.NDArray[np.int32]:
        """Number of rows with each number."""
        return np.bincount(self.of, minlength=self.size).astype(np.int32)

    def sharing(self, people: npt.NDArray[np.int32] | None = None) -> Shares:
        """Number of rows with each row's value, the row itself among them; `people` is how many people each row stands
        for.
        """
        found: Shares = np.bincount(self.of, people, minlength=self.size).astype(np.float64)[self.of]
        return found

    def through(self, outer: "Coded") -> "Coded":
        """This column, of another column's values, for the rows of that other column."""
        return Coded(self.of[outer.of], self.size)


def coded(column: pyarrow.ChunkedArray) -> tuple[Coded, pl.Series]:
    """The column as numbers, and the values by number."""
    found = column.dictionary_encode(null_encoding="encode")
    # Not by pyarrow's own to_numpy, which would load pandas.
    indices = [np.from_dlpack(chunk.indices) for chunk in found.chunks]
    # The chunks have one dictionary between them.
    values = pl.from_arrow(found.chunk(0).dictionary if found.num_chunks else pyarrow.array([], column.type))
    assert isinstance(values, pl.Series)
    return Coded(np.concatenate(indices or [np.empty(0, np.int32)]), len(values)), values


def part(values: pl.Series) -> Coded:
    """A column of polars as numbers."""
    return coded(pyarrow.chunked_array([values.to_arrow(compat_level=pl.CompatLevel.oldest())]))[0]


def together(first: Coded, second: Coded) -> Coded:
    """The pairs of two columns' values as numbers."""
    of, size = first.of.astype(np.int64) * second.size + second.of, first.size * second.size
    return Coded(of.astype(np.int32), size) if size <= len(of) else _dense(of, size)


def _dense(of: npt.NDArray[np.int64], size: int) -> Coded:
    """The same with no number left out: sorted, with the row's place in the bits below."""
    place_bits = max(len(of) - 1, 1).bit_length()
    if not len(of) or size.bit_length() + place_bits > _WORD_BITS:
        values, number = np.unique(of, return_inverse=True)
        return Coded(number.astype(np.int32), len(values))
    packed = (of.astype(np.uint64) << np.uint64(place_bits)) | np.arange(len(of), dtype=np.uint64)
    packed.sort()
    value = packed >> np.uint64(place_bits)
    number = np.append(0, np.cumsum(value[1:] != value[:-1], dtype=np.int32))
    dense = np.empty(len(of), np.int32)
    dense[packed & np.uint64(2**place_bits - 1)] = number
    return Coded(dense, int(number[-1]) + 1)
