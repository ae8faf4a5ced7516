"""Numbers people: 12-digit personal numbers and 9-digit CMND, unique without a list of those given.

The six free digits of a personal number are `2 × place + bit`. There are 500,000 places; chunk k of C owns those
congruent to k modulo C (in every cell of province, century, sex and year), and an affine map scatters them. So two
chunks can never give the same number, and a chunk needs to know nothing of the others. The bit lets twins, and
siblings who were registered together, hold neighbouring numbers.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.errors import BadInput
from pipelines.synthetic.chance import Bools, Chance, Ints

PLACES = 500_000
CMND_PLACES = 10_000_000


@dataclass(frozen=True)
class Slice:
    """The part of the number space that belongs to one chunk."""

    seed: int
    chunk: int
    chunks: int

    def places(self, cell: Ints, total: int) -> Ints:
        """A position for each row, different from all others of the same cell.

        Shape: depends on the rows before, not on those after.
        Errors: BadInput if there are more people in a cell than places.
        """
        room = total // self.chunks
        nth = _count_before(cell)
        if nth.size and int(nth.max()) >= room:
            raise BadInput(
                "too_many_people", "Quá nhiều người cho không gian số định danh / too many people for the numbers."
            )
        start = _mix(cell.astype(np.uint64) + np.uint64((self.seed * 1_000_003 + self.chunk) % 2**64)) % np.uint64(room)
        return ((nth + start.astype(np.int64)) % room) * self.chunks + self.chunk


def cell_of(province: Ints, female: Bools, year: Ints) -> Ints:
    """The six leading digits as a number: province, century and sex, year.

    Source: NĐ 137/2015/NĐ-CP Art. 13; TT 59/2021/TT-BCA.
    """
    century = (year // 100 - 19) * 2
    return province * 1_000 + (century + female) * 100 + year % 100


def personal_numbers(cell: Ints, near: Ints, space: Slice) -> Ints:
    """12-digit numbers as integers. `near` is the row whose number is to be the neighbour, -1 for none.

    Shape: a row's number depends on the rows before it and on the row that it is near.
    """
    place = space.places(cell, PLACES)
    bit = np.zeros(len(cell), dtype=np.int64)
    wanted = np.flatnonzero(near >= 0)
    wanted = wanted[near[near[wanted]] < 0]
    key = cell[wanted] * PLACES + place[near[wanted]]
    _, first = np.unique(key, return_index=True)
    given = wanted[np.sort(first)]
    place[given] = place[near[given]]
    bit[given] = 1
    scattered = _scatter(place, PLACES, space.seed)
    flipped = (_mix(scattered.astype(np.uint64)) & np.uint64(1)).astype(np.int64)
    return cell * 1_000_000 + 2 * scattered + (bit ^ flipped)


def cmnd_numbers(prefix: Ints, space: Slice) -> Ints:
    """9-digit numbers as integers: the issuing police office's two digits and seven more.

    Source: domain.md 1.3; prefixes in `tables/provinces.csv`.
    """
    return prefix * CMND_PLACES + _scatter(space.places(prefix, CMND_PLACES), CMND_PLACES, space.seed)


def _count_before(cell: Ints) -> Ints:
    """How many earlier rows have the same cell."""
    order = np.argsort(cell, kind="stable")
    arranged = cell[order]
    fresh = np.r_[True, arranged[1:] != arranged[:-1]] if len(cell) else np.zeros(0, dtype=bool)
    begin = np.flatnonzero(fresh)
    count = np.arange(len(cell)) - np.repeat(begin, np.diff(np.r_[begin, len(cell)]))
    nth = np.empty(len(cell), dtype=np.int64)
    nth[order] = count
    return nth


def _scatter(place: Ints, total: int, seed: int) -> Ints:
    """A permutation of `range(total)`; `total` is a product of twos and fives."""
    chance = Chance(seed, "scatter", total)
    factor = 10 * int(chance.integers(total // 40, total // 20, 1)[0]) + 3
    offset = int(chance.integers(0, total, 1)[0])
    return (place * factor + offset) % total


def _mix(values: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Well-spread bits of each value (splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = values + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
