"""Numbers: anatomy, uniqueness without a list, neighbours of twins, and the limit."""

import numpy as np
import pytest

from pipelines.errors import BadInput
from pipelines.synthetic.numbers import PLACES, Slice, cell_of, cmnd_numbers, personal_numbers

NOBODY = -1


@pytest.mark.parametrize(
    ("province", "female", "year", "cell", "why"),
    [
        (79, False, 1987, 79_087, "man of the 20th century: 079 0 87"),
        (1, True, 1999, 1_199, "woman of the 20th century: 001 1 99"),
        (96, False, 2000, 96_200, "man of the 21st century: 096 2 00"),
        (40, True, 2026, 40_326, "woman of the 21st century: 040 3 26"),
    ],
)
def test_a_cell_is_the_number_s_first_six_digits(province: int, female: bool, year: int, cell: int, why: str) -> None:
    assert cell_of(np.array([province]), np.array([female]), np.array([year]))[0] == cell, why


def test_chunks_never_give_the_same_number() -> None:
    """All places of a cell, taken by chunks that know nothing of each other, are different."""
    chunks = 5
    cell = np.full(PLACES // chunks, 79_087)
    alone = np.full(len(cell), NOBODY)
    given = [personal_numbers(cell, alone, Slice(3, chunk, chunks)) for chunk in range(chunks)]
    together = np.concatenate(given)
    assert len(np.unique(together)) == PLACES
    assert set(np.unique(together // 1_000_000)) == {79_087}


def test_twins_hold_neighbouring_numbers() -> None:
    cell = cell_of(np.full(3, 79), np.array([False, False, True]), np.full(3, 2015))
    given = personal_numbers(cell, np.array([NOBODY, 0, 0]), Slice(1, 0, 1))
    assert abs(given[0] - given[1]) == 1, "brothers: the last digit differs by one"
    assert abs(given[0] % 10**6 - given[2] % 10**6) == 1, "brother and sister: so do the free digits"


def test_two_who_want_the_same_neighbour_get_different_numbers() -> None:
    given = personal_numbers(np.full(3, 79_215), np.array([NOBODY, 0, 0]), Slice(1, 0, 1))
    assert len(set(given.tolist())) == 3


def test_rows_do_not_depend_on_those_after() -> None:
    cell, near = np.array([79_087, 1_199, 79_087, 79_087]), np.array([NOBODY, NOBODY, 0, NOBODY])
    whole, part = (personal_numbers(cell[:n], near[:n], Slice(9, 2, 7)) for n in (4, 3))
    assert whole[:3].tolist() == part.tolist()


def test_a_full_cell_is_an_error_not_a_second_holder() -> None:
    cell = np.full(11, 79_087)
    with pytest.raises(BadInput, match="too many people"):
        personal_numbers(cell, np.full(11, NOBODY), Slice(1, 0, PLACES // 10))


def test_cmnd_begin_with_the_office_and_are_unique() -> None:
    given = cmnd_numbers(np.array([2] * 500 + [27] * 500), Slice(1, 3, 40))
    assert len(np.unique(given)) == 1_000
    assert set(given // 10_000_000) == {2, 27}
