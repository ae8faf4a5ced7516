"""Gives each person of a chunk papers: today's number, a cancelled one, one or two old CMND."""

import numpy as np
import polars as pl

from pipelines.synthetic import numbers, places
from pipelines.synthetic.chance import Chance, Ints
from pipelines.synthetic.households import birth_years
from pipelines.synthetic.people import NOBODY, People

MISTAKEN_SHARE, CANCELLED_SHARE = 0.001, 0.004
"""Numbers that contradict their holder; people who had another 12-digit number before (assumptions)."""
SECOND_CMND_SHARE = 0.3
"""Share of those who live in another province than they were registered in whose CMND was issued anew there."""
LAST_CMND_YEAR = 2002
"""Last birth year of those who may have had a CMND: 14 years old before 12-digit cards replaced it."""


def papers(space: numbers.Slice, own: People, other: People | None) -> pl.DataFrame:
    """`person_id`, `cancelled_id`, `cmnd` and `second_cmnd` of the chunk's own people, then of the others, as text.

    Shape: the rows of `own` do not depend on `other`; without a paper null.
    """
    chance = Chance(space.seed, space.chunk, "numbers")
    size, total = len(own), len(own) + (len(other) if other else 0)
    cells, cancelled = _cells(chance, own), _cancelled_cells(chance, own)
    renumbered = np.flatnonzero(chance.hits(CANCELLED_SHARE, size))
    cells = np.r_[cells, cancelled[renumbered]]
    near = np.r_[own.near, np.full(len(renumbered), NOBODY)]
    prefixes, old = places.provinces().cmnd_prefix, _old_enough(own)
    moved = np.flatnonzero((own.home != own.birthplace) & chance.hits(SECOND_CMND_SHARE, size))
    moved = moved[np.isin(moved, old)]
    offices, holders = np.r_[prefixes[own.birthplace[old]], prefixes[own.home[moved]]], old
    if other:
        near = np.r_[near, np.where(other.near < 0, NOBODY, other.near + len(cells))]
        cells = np.r_[cells, _cells(Chance(space.seed, space.chunk, "strangers' numbers"), other)]
        theirs = _old_enough(other)
        offices, holders = np.r_[offices, prefixes[other.birthplace[theirs]]], np.r_[holders, size + theirs]
    personal = _digits(numbers.personal_numbers(cells, near, space), 12)
    cmnd, first, second = _digits(numbers.cmnd_numbers(offices, space), 9), len(old), len(moved)
    return pl.DataFrame(
        {
            "person_id": pl.concat([personal.head(size), personal.slice(size + len(renumbered))]),
            "cancelled_id": _at(total, renumbered, personal.slice(size, len(renumbered))),
            "cmnd": _at(total, holders, pl.concat([cmnd.head(first), cmnd.slice(first + second)])),
            "second_cmnd": _at(total, moved, cmnd.slice(first, second)),
        }
    )


def _old_enough(people: People) -> Ints:
    """Rows of the people who may have had a CMND."""
    return np.flatnonzero(birth_years(people.birth) <= LAST_CMND_YEAR)


def _at(size: int, rows: Ints, values: pl.Series) -> pl.Series:
    """The values at these rows, null at the others."""
    return pl.repeat(None, size, dtype=pl.String, eager=True).scatter(rows, values)


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
    province = np.where(reason >= 0.7, places.origins(chance, people.home), people.birthplace)
    return numbers.cell_of(places.provinces().code[province], female, year.clip(1900))


def _digits(values: Ints, length: int) -> pl.Series:
    """Whole numbers as text with leading zeros."""
    return pl.Series(values).cast(pl.String).str.zfill(length)
