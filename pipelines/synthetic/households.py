"""Makes families of up to three generations whose ages add up to the country's age pyramid."""

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from pipelines.synthetic.chance import Bools, Chance, Floats, Ints, Weighted
from pipelines.synthetic.tables import numbers, table

GRANDFATHER, GRANDMOTHER, FATHER, MOTHER, MOTHERS_FATHER, MOTHERS_MOTHER, FIRST_CHILD = range(7)
CHILDREN = 6
SLOTS = FIRST_CHILD + CHILDREN
YEAR = 365.25
OLDEST_DAYS = int(104 * YEAR)
LEAVES_HOME_DAYS = int(23 * YEAR)
BANDS = np.arange(20, 100, 5)
"""First ages of the five-year bands of mothers."""
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Families:
    """Families as matrices: one row a family, one column a slot (grandparents, parents, children).

    Slots that are named but not present are the parents of those who are (dead long ago, or living elsewhere).
    """

    birth: Ints
    """Days since 1970-01-01."""
    female: Bools
    present: Bools
    named: Bools
    twin: Bools
    """True if born on the day of the child in the slot before."""
    away: Bools
    """True if the person has left the parents' commune."""


def families(chance: Chance, size: int, night: date) -> Families:
    """The given number of families as they are on the night."""
    age = Weighted.of(BANDS, _mothers(night)).pick(chance.uniform(size)) + 5 * chance.uniform(size)
    return _compose(chance, age, night)


@cache
def mean_size(night: date) -> float:
    """Average number of people in a family."""
    return float(families(Chance(0, "mean size"), 20_000, night).present.sum() / 20_000)


def birth_years(days: Ints) -> Ints:
    """Calendar year of days since 1970-01-01."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def _compose(chance: Chance, mother_age: Floats, night: date) -> Families:
    """Families of mothers of these ages (in years)."""
    size, today = len(mother_age), (night - EPOCH).days
    birth = np.zeros((size, SLOTS), dtype=np.int64)
    mother = today - np.floor(mother_age * YEAR).astype(np.int64)
    father = mother - (chance.around(2.8, 3.2, size).clip(-7, 14) * YEAR).astype(np.int64)
    birth[:, MOTHER], birth[:, FATHER] = mother, father
    for parent, elder, older in ((FATHER, GRANDFATHER, GRANDMOTHER), (MOTHER, MOTHERS_FATHER, MOTHERS_MOTHER)):
        birth[:, older] = birth[:, parent] - ((19 + 17 * chance.uniform(size)) * YEAR).astype(np.int64)
        birth[:, elder] = birth[:, older] - (chance.around(2.5, 2.5, size).clip(-5, 11) * YEAR).astype(np.int64)
    born, exists, twin = _children(chance, mother, today)
    birth[:, FIRST_CHILD:] = born
    female = np.zeros((size, SLOTS), dtype=bool)
    female[:, [GRANDMOTHER, MOTHER, MOTHERS_MOTHER]] = True
    boys = np.where(born >= 12_784, 0.527, 0.514)  # since 2005 about 111 boys to 100 girls
    female[:, FIRST_CHILD:] = ~chance.hits(boys, *born.shape)
    away = np.zeros((size, SLOTS), dtype=bool)
    grown = exists & (today - born > LEAVES_HOME_DAYS)
    away[:, FIRST_CHILD:] = grown & chance.hits(0.6, *born.shape)
    present = np.zeros((size, SLOTS), dtype=bool)
    present[:, FIRST_CHILD:] = exists & (~grown | chance.hits(0.4, *born.shape))
    present[:, FATHER], present[:, MOTHER] = chance.hits(0.93, size), chance.hits(0.96, size)
    three = ((mother_age > 22) & (mother_age < 55) & chance.hits(0.2, size))[:, None]
    present[:, :FATHER] = three & chance.hits(np.array([0.6, 0.85]), size, 2)
    present &= birth > today - OLDEST_DAYS
    named = np.ones((size, SLOTS), dtype=bool)
    named[:, FIRST_CHILD:] = present[:, FIRST_CHILD:]
    twin &= present[:, FIRST_CHILD:] & np.roll(present[:, FIRST_CHILD:], 1, axis=1)
    return Families(birth, female, present, named, np.pad(twin, ((0, 0), (FIRST_CHILD, 0))), away)


def _children(chance: Chance, mother: Ints, today: int) -> tuple[Ints, Bools, Bools]:
    """Birth days of up to six children, whether each was born by today, and whether it is a twin of the one before."""
    size = len(mother)
    fertility = table("fertility")
    period = np.searchsorted(numbers(fertility, "mother_born_from"), birth_years(mother), side="right") - 1
    wanted = numbers(fertility, "children")[period.clip(0)]
    count = chance.hits((wanted / CHILDREN)[:, None], size, CHILDREN).sum(axis=1)
    first = (chance.around(25.0, 4.2, size).clip(18, 40) * YEAR).astype(np.int64)
    gaps = ((0.9 + 5.5 * chance.uniform(size, CHILDREN) ** 1.6) * YEAR).astype(np.int64)
    twin = chance.hits(0.012, size, CHILDREN)
    twin[:, 0] = False
    twin[:, 1:] &= ~twin[:, :-1]
    gaps[twin] = 0
    gaps[:, 0] = 0
    age_of_mother = first[:, None] + np.cumsum(gaps, axis=1)
    born = mother[:, None] + age_of_mother
    exists = (np.arange(CHILDREN) < count[:, None]) & (born <= today) & (age_of_mother < int(45.5 * YEAR))
    return born, exists, twin


@cache
def _mothers(night: date) -> Floats:
    """How many mothers of each five-year band give the pyramid's ages.

    Source: expectation-maximisation over a pilot of families (Richardson 1972, Lucy 1974), rounded, so that the
    last bit of a machine's arithmetic decides nothing.
    """
    pyramid = numbers(table("pyramid"), "share")
    pilot, today = 600, (night - EPOCH).days
    chance = Chance(0, "pilot")
    made = np.zeros((len(BANDS), len(pyramid)))
    for row, band in enumerate(BANDS):
        sample = _compose(chance, band + 5 * chance.uniform(pilot), night)
        ages = (today - sample.birth[sample.present]) / YEAR
        made[row] = np.bincount(np.floor(ages / 5).astype(np.int64).clip(0, 19), minlength=20) / pilot
    weights: Floats = np.ones(len(BANDS))
    for _ in range(200):
        weights = weights * (made @ (pyramid / (weights @ made))) / made.sum(axis=1)
    shares: Floats = np.round(weights / weights.sum(), 6)
    return shares
