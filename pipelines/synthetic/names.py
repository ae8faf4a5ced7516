"""Names people: surname, middle and given names by sex, birth cohort, region and people."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.synthetic import places, tables
from pipelines.synthetic.chance import Bools, Chance, Floats, Ints
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
)

NONE = -1
PARTS = 4


@dataclass(frozen=True)
class Names:
    """Names as positions in the vocabulary: surname, two middle names (-1 for none), given name.

    `parts` has one more axis than the people it names, of length 4.
    """

    parts: Ints
    clan_last: Bools

    def at(self, index: Ints) -> "Names":
        """The names of some."""
        return Names(self.parts[index], self.clan_last[index])

    def texts(self) -> pl.Series:
        """The names as text, title case, one space between words."""
        order = np.where(self.clan_last[:, None], np.array([1, 2, 3, 0]), np.arange(PARTS))
        arranged = np.take_along_axis(self.parts, order, axis=1)
        vocabulary = pl.Series("word", [*tables.vocabulary(), None])
        columns = [
            vocabulary.gather(np.where(arranged[:, k] < 0, len(vocabulary) - 1, arranged[:, k])).alias(str(k))
            for k in range(PARTS)
        ]
        joined = pl.concat_str([str(k) for k in range(PARTS)], separator=" ", ignore_nulls=True)
        return pl.DataFrame(columns).select(full_name=joined)["full_name"]


@dataclass(frozen=True)
class _Uniforms:
    """The numbers that decide each person's names; siblings may have some in common."""

    length: Floats
    first: Floats
    second: Floats
    given: Floats


def name_families(chance: Chance, people: Families, origin: Ints, mothers_origin: Ints) -> tuple[Names, Ints]:
    """Names of everybody in the families (shape families × slots × 4) and each one's people (0 is Kinh).

    Children take the father's surname, often share a middle name with siblings of their sex, and may carry the
    mother's surname as a middle name.
    """
    size = len(origin)
    group = np.zeros((size, SLOTS), dtype=np.int64)
    own = places.peoples_of(chance, origin)
    hers = np.where(chance.hits(0.85, size), own, places.peoples_of(chance, mothers_origin))
    group[:], group[:, [MOTHER, MOTHERS_FATHER, MOTHERS_MOTHER]] = own[:, None], hers[:, None]
    surname = _family_surnames(chance, group, origin, mothers_origin, people)
    drawn = _uniforms(chance, people)
    parts = np.full((size, SLOTS, PARTS), NONE, dtype=np.int64)
    parts[:, :, 0] = surname
    cohort = np.searchsorted(tables.cohort_starts(), birth_years(people.birth), side="right") - 1
    for code, name in enumerate(tables.peoples()):
        _fill(parts, group == code, name, people.female, cohort, drawn)
    _mothers_surname(parts, surname)
    styles = np.array([tables.style(name) == "clan_last" for name in tables.peoples()])
    return Names(parts, styles[group]), group


def other_given(chance: Chance, names: Names, female: Bools) -> Names:
    """The same names with another given name: what somebody was called before a change of name."""
    parts = names.parts.copy()
    for sex, rows in (("M", ~female), ("F", female)):
        parts[rows, 3] = tables.given_names(sex, "senior").pick(chance.uniform(int(rows.sum())))
    return Names(parts, names.clan_last)


def _uniforms(chance: Chance, people: Families) -> _Uniforms:
    """Numbers for everybody; nearly half of the children draw their middle names as their siblings of that sex do."""
    size = len(people.birth)
    drawn = [chance.uniform(size, SLOTS) for _ in range(4)]
    shared = chance.hits(0.45, size, SLOTS)
    shared[:, :FIRST_CHILD] = False
    for numbers in drawn[:2]:
        family = chance.uniform(size, 2)
        of_family = np.where(people.female, family[:, [1]], family[:, [0]])
        numbers[shared] = of_family[shared]
    return _Uniforms(*drawn)


def _family_surnames(chance: Chance, group: Ints, origin: Ints, mothers_origin: Ints, people: Families) -> Ints:
    """Everybody's surname."""
    surname = np.empty((len(origin), SLOTS), dtype=np.int64)
    for slot, where in ((FATHER, origin), (GRANDMOTHER, origin), (MOTHER, mothers_origin), (MOTHERS_MOTHER, origin)):
        surname[:, slot] = _surnames(chance, group[:, slot], where)
    surname[:, GRANDFATHER], surname[:, MOTHERS_FATHER] = surname[:, FATHER], surname[:, MOTHER]
    of_mother = np.where(people.present[:, FATHER], 0.015, 0.4)
    takes = chance.hits(of_mother, len(origin))
    surname[:, FIRST_CHILD:] = np.where(takes, surname[:, MOTHER], surname[:, FATHER])[:, None]
    return surname


def _surnames(chance: Chance, group: Ints, origin: Ints) -> Ints:
    """A surname for each, by people and by region of origin."""
    drawn = chance.uniform(len(group))
    surname = np.empty(len(group), dtype=np.int64)
    region = places.provinces().region[origin]
    for code, name in enumerate(tables.REGIONS):
        rows = (group == 0) & (region == code)
        surname[rows] = tables.surnames(name).pick(drawn[rows])
    for code, name in enumerate(tables.peoples()[1:], start=1):
        rows = group == code
        surname[rows] = tables.ethnic(name, "clan").pick(drawn[rows])
    return surname


def _fill(parts: Ints, rows: Bools, people: str, female: Bools, cohort: Ints, drawn: _Uniforms) -> None:
    """Write middle and given names of one people into `parts`."""
    style = tables.style(people)
    for sex in ("M", "F"):
        ours = rows & (female if sex == "F" else ~female)
        if style != "viet":
            parts[ours, 3] = tables.ethnic(people, f"given_{sex}").pick(drawn.given[ours])
            parts[ours, 1] = _clan_middle(style, sex, drawn.first[ours])
            continue
        for code, name in enumerate(tables.COHORTS):
            now = ours & (cohort == code)
            _fill_cohort(parts, now, sex, name, drawn)


def _clan_middle(style: str, sex: str, uniform: Floats) -> Ints:
    """The word between clan and given name: A and Thị among the Mông, Y before Ê Đê men."""
    fixed = {("a_thi", "M"): "A", ("a_thi", "F"): "Thị", ("clan_last", "M"): "Y"}.get((style, sex))
    if fixed:
        return np.full(len(uniform), tables.word(fixed))
    if style == "short":
        usual = tables.word("Thị" if sex == "F" else "Văn")
        return np.where(uniform < 0.15, usual, NONE)
    return np.full(len(uniform), NONE)


def _fill_cohort(parts: Ints, rows: Bools, sex: str, cohort: str, drawn: _Uniforms) -> None:
    """Write middle and given names of one sex and cohort."""
    row = tables.cohort_row(cohort)
    suffix = "female" if sex == "F" else "male"
    two, four = float(row[f"length_2_{suffix}"]), float(row[f"length_4_{suffix}"])
    length = drawn.length[rows]
    first = tables.middle_names(sex, 1, cohort).pick(drawn.first[rows])
    second = tables.middle_names(sex, 2, cohort).pick(drawn.second[rows])
    given = tables.given_names(sex, cohort).pick(drawn.given[rows])
    parts[rows, 3] = given
    parts[rows, 1] = np.where(length < two, NONE, np.where(first == given, NONE, first))
    parts[rows, 2] = np.where((length < 1 - four) | (second == given) | (second == first), NONE, second)


def _mothers_surname(parts: Ints, surname: Ints) -> None:
    """Where a child's middle name is a common surname, make it the mother's."""
    children = parts[:, FIRST_CHILD:, 1]
    is_surname = np.isin(children, tables.surname_words()) & (parts[:, FIRST_CHILD:, 2] != NONE)
    known = np.isin(surname[:, MOTHER], tables.surname_words())[:, None]
    parts[:, FIRST_CHILD:, 1] = np.where(is_surname & known, surname[:, [MOTHER]], children)
