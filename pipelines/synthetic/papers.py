"""Which papers each person of a chunk holds: today's number, a cancelled one, one or two old CMND."""

import numpy as np
import polars as pl

from pipelines.synthetic import numbers, places
from pipelines.synthetic.chance import Chance, Ints
from pipelines.synthetic.households import birth_years
from pipelines.synthetic.people import NOBODY, People

MISTAKEN_SHARE, CANCELLED_SHARE = 0.001, 0.004
"""Numbers that contradict their holder; people who had another 12-digit number before."""


def papers(space: numbers.Slice, own: People, other: People | None) -> pl.DataFrame:
    """`person_id`, `cancelled_id`, `cmnd` and `second_cmnd` of the chunk's own people, then of the others, as text.

    Shape: the rows of `own` do not depend on `other`.
    """
    chance = Chance(space.seed, space.chunk, "numbers")
    cells, cancelled = _cells(chance, own), _cancelled_cells(chance, own)
    has_old = np.flatnonzero(chance.hits(CANCELLED_SHARE, len(own)))
    prefixes = places.provinces().cmnd_prefix
    second = np.flatnonzero((own.home != own.birthplace) & chance.hits(0.3, len(own)))
    near, cmnd = own.near, prefixes[own.birthplace]
    extra = np.full(len(has_old), NOBODY)
    cells, near = np.r_[cells, cancelled[has_old]], np.r_[near, extra]
    cmnd = np.r_[cmnd, prefixes[own.home[second]]]
    if other:
        base = len(cells)
        cells = np.r_[cells, _cells(Chance(space.seed, space.chunk, "strangers' numbers"), other)]
        near = np.r_[near, np.where(other.near < 0, NOBODY, other.near + base)]
        cmnd = np.r_[cmnd, prefixes[other.birthplace]]
    personal = _digits(numbers.personal_numbers(cells, near, space), 12)
    old = _digits(numbers.cmnd_numbers(cmnd, space), 9)
    size, total = len(own), len(own) + (len(other) if other else 0)
    rows = pl.int_range(size, eager=True)
    given = pl.DataFrame({"row": rows.gather(has_old), "cancelled_id": personal.slice(size, len(has_old))})
    moved = pl.DataFrame({"row": rows.gather(second), "second_cmnd": old.slice(size, len(second))})
    frame = pl.DataFrame(
        {
            "row": pl.int_range(total, eager=True),
            "person_id": pl.concat([personal.head(size), personal.slice(size + len(has_old))]),
            "cmnd": pl.concat([old.head(size), old.slice(size + len(second))]),
        }
    )
    frame = frame.join(given, on="row", how="left", maintain_order="left")
    return frame.join(moved, on="row", how="left", maintain_order="left").drop("row")


def _cells(chance: Chance, people: People) -> Ints:
    """The six leading digits of each one's number; a few contradict the person, as in real life.

    Source: domain.md 1.1 (design errors were found in up to 1 % of numbers).
    """
    year = birth_years(people.birth) + chance.hits(MISTAKEN_SHARE, len(people))
    return numbers.cell_of(places.provinces().code[people.birthplace], people.female, year)


def _cancelled_cells(chance: Chance, people: People) -> Ints:
    """The six leading digits of numbers that were cancelled because sex, year or province in them was wrong."""
    reason = chance.uniform(len(people))
    year = birth_years(people.birth) - np.where(reason < 0.4, chance.integers(1, 10, len(people)), 0)
    female = people.female ^ ((reason >= 0.4) & (reason < 0.7))
    elsewhere = places.origins(chance, people.home)
    province = np.where(reason >= 0.7, elsewhere, people.birthplace)
    return numbers.cell_of(places.provinces().code[province], female, year.clip(1900))


def _digits(values: Ints, length: int) -> pl.Series:
    """Whole numbers as text with leading zeros."""
    return pl.Series(values).cast(pl.String).str.zfill(length)
