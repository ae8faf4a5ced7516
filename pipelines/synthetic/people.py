"""Makes the people of a chunk: families as single people, with birthplace, residence and parents.

A chunk is a pure function of the seed and its number; nothing here is text yet (`registry.py` writes it).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from pipelines.synthetic import places
from pipelines.synthetic.chance import Bools, Chance, Ints
from pipelines.synthetic.households import (
    FATHER,
    FIRST_CHILD,
    GRANDFATHER,
    GRANDMOTHER,
    MOTHER,
    MOTHERS_FATHER,
    MOTHERS_MOTHER,
    SLOTS,
    Families,
    birth_years,
    families,
    mean_size,
)
from pipelines.synthetic.names import Names, name_families

NOBODY = -1
FATHERS_SLOT = np.array(
    [NOBODY, NOBODY, GRANDFATHER, MOTHERS_FATHER, NOBODY, NOBODY] + [FATHER] * (SLOTS - FIRST_CHILD)
)
MOTHERS_SLOT = np.array(
    [NOBODY, NOBODY, GRANDMOTHER, MOTHERS_MOTHER, NOBODY, NOBODY] + [MOTHER] * (SLOTS - FIRST_CHILD)
)


@dataclass(frozen=True)
class People:
    """People as arrays of equal length, households together. Rows and years of unknown parents are -1."""

    birth: Ints
    """Days since 1970-01-01."""
    female: Bools
    birthplace: Ints
    """Position of the province (of 63) where the birth was registered."""
    home: Ints
    """Position of the province (of 63) of residence."""
    commune: Ints
    """Code of today's commune."""
    names: Names
    fathers: Names
    mothers: Names
    father_row: Ints
    mother_row: Ints
    father_year: Ints
    mother_year: Ints
    sibling: Ints
    """Row of the child before or after in the same family."""
    near: Ints
    """Row of the sibling who was registered at the same counter just before."""
    twin: Bools
    """True if there is a twin in the chunk."""

    def __len__(self) -> int:
        return len(self.birth)


def draw(chance: Chance, size: int, night: date) -> People:
    """Exactly the given number of people, in families (the last family may be cut short)."""
    together = families(chance, int(size / mean_size(night) * 1.1) + 60, night)
    count = len(together.birth)
    home = places.homes(chance, count)
    origin = places.origins(chance, home)
    hers = np.where(chance.hits(0.7, count), origin, places.origins(chance, home))
    names, _ = name_families(chance, together, origin, hers)
    cells = np.flatnonzero(together.present)[:size]
    if len(cells) < size:
        raise AssertionError("families were drawn too few")
    family, slot = cells // SLOTS, cells % SLOTS
    row_of = np.full(count * SLOTS, NOBODY)
    row_of[cells] = np.arange(size)
    father = np.where(FATHERS_SLOT[slot] < 0, NOBODY, family * SLOTS + FATHERS_SLOT[slot])
    mother = np.where(MOTHERS_SLOT[slot] < 0, NOBODY, family * SLOTS + MOTHERS_SLOT[slot])
    birth, flat = together.birth.ravel()[cells], Names(names.parts.reshape(-1, 4), names.clan_last.ravel())
    residence, commune = _residence(chance, home, family, together.away.ravel()[cells])
    sibling, near, twin = _siblings(chance, together, family, slot, row_of)
    return People(
        birth=birth,
        female=together.female.ravel()[cells],
        birthplace=_birthplace(chance, slot, home[family], origin[family], hers[family]),
        home=residence,
        commune=commune,
        names=flat.at(cells),
        fathers=_unknown(flat.at(father), father),
        mothers=_unknown(flat.at(mother), mother),
        father_row=np.where(father < 0, NOBODY, row_of[father]),
        mother_row=np.where(mother < 0, NOBODY, row_of[mother]),
        father_year=np.where(father < 0, NOBODY, birth_years(together.birth.ravel()[father])),
        mother_year=np.where(mother < 0, NOBODY, birth_years(together.birth.ravel()[mother])),
        sibling=sibling,
        near=near,
        twin=twin,
    )


def _unknown(names: Names, index: Ints) -> Names:
    """The names, empty where the index is -1."""
    return Names(np.where(index[:, None] < 0, -1, names.parts), names.clan_last)


def _residence(chance: Chance, home: Ints, family: Ints, away: Bools) -> tuple[Ints, Ints]:
    """Province position and commune of each: the family's, or an own one for children who have left."""
    merged = places.provinces().merged
    shared = places.communes(merged[home], chance.uniform(len(home)))[family]
    leaves = away & chance.hits(0.4, len(family))
    province = np.where(leaves, places.destinations(chance, len(family)), home[family])
    own = places.communes(merged[province], chance.uniform(len(family)))
    return province, np.where(away, own, shared)


def _birthplace(chance: Chance, slot: Ints, home: Ints, origin: Ints, hers: Ints) -> Ints:
    """Province position where each one's birth was registered."""
    child = np.where(chance.hits(0.93, len(slot)), home, origin)
    return np.where(slot >= FIRST_CHILD, child, np.where(slot == MOTHER, hers, origin))


def _siblings(chance: Chance, together: Families, family: Ints, slot: Ints, row_of: Ints) -> tuple[Ints, Ints, Bools]:
    """For each: another child of the family, whose number it neighbours, and whether it is one of twins."""
    rows = row_of.reshape(-1, SLOTS)
    first = np.where(rows[:, FIRST_CHILD:] >= 0, rows[:, FIRST_CHILD:], np.iinfo(np.int64).max).min(axis=1)[family]
    here, child = np.arange(len(family)), slot >= FIRST_CHILD
    before = rows[family, np.maximum(slot - 1, FIRST_CHILD)]
    after = rows[family, np.minimum(slot + 1, SLOTS - 1)]
    other = np.where((before >= 0) & (before != here), before, np.where(after != here, after, NOBODY))
    second = child & together.twin.ravel()[family * SLOTS + slot] & (before >= 0) & (before != here)
    registered_together = child & (first < here) & chance.hits(0.08, len(family))
    near = np.where(second, before, np.where(registered_together, first, NOBODY))
    twin = second.copy()
    twin[before[second]] = True
    return np.where(child, other, NOBODY), near, twin
