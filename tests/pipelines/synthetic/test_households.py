"""Families: ages like the country's, parents older than children, twins on one day."""

from datetime import date

import numpy as np

from pipelines.synthetic.chance import Chance
from pipelines.synthetic.households import (
    EPOCH,
    FATHER,
    FIRST_CHILD,
    GRANDFATHER,
    GRANDMOTHER,
    MOTHER,
    YEAR,
    families,
)
from pipelines.synthetic.tables import numbers, table

NIGHT = date(2026, 11, 22)
MADE = families(Chance(5, "test"), 20_000, NIGHT)
TODAY = (NIGHT - EPOCH).days


def test_ages_follow_the_pyramid() -> None:
    ages = (TODAY - MADE.birth[MADE.present]) / YEAR
    found = np.bincount((ages // 5).astype(int).clip(0, 19), minlength=20) / len(ages)
    wanted = numbers(table("pyramid"), "share")
    assert np.abs(found - wanted / wanted.sum()).max() < 0.012


def test_nobody_is_born_after_the_night_and_parents_are_grown() -> None:
    assert (MADE.birth[MADE.present] <= TODAY).all()
    for parent, child in ((MOTHER, FIRST_CHILD), (GRANDMOTHER, FATHER), (GRANDFATHER, FATHER)):
        both = MADE.named[:, child] & MADE.named[:, parent]
        assert (MADE.birth[both, child] - MADE.birth[both, parent] > 14 * YEAR).all()


def test_twins_are_born_on_one_day_and_siblings_are_not() -> None:
    children, twin = MADE.birth[:, FIRST_CHILD:], MADE.twin[:, FIRST_CHILD:]
    gaps = np.diff(children, axis=1)
    present = MADE.present[:, FIRST_CHILD:]
    both = present[:, 1:] & present[:, :-1]
    assert (gaps[twin[:, 1:] & both] == 0).all()
    assert (gaps[~twin[:, 1:] & both] > 200).all()
    assert 0.004 < (twin & present).sum() / present.sum() < 0.012


def test_sexes_of_parents_and_children() -> None:
    assert MADE.female[:, [MOTHER, GRANDMOTHER]].all()
    assert not MADE.female[:, [FATHER, GRANDFATHER]].any()
    young = MADE.present[:, FIRST_CHILD:] & (MADE.birth[:, FIRST_CHILD:] > 13_000)
    assert 0.51 < 1 - MADE.female[:, FIRST_CHILD:][young].mean() < 0.545, "about 111 boys to 100 girls"
