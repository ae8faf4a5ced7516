"""Spoilt files neither crash nor hang the readers, and no row of theirs is lost."""

import pytest

from tests.fuzz.judge import judged
from tests.fuzz.mutants import Mutant, mutant
from tests.fuzz.search import BATCH


@pytest.mark.parametrize("first", range(0, 300, BATCH))
def test_spoilt_files_are_accounted_for(first: int) -> None:
    verdict = judged([mutant(1, number) for number in range(first, first + BATCH)])
    assert verdict.faults == [], "make one again with: python -m tests.fuzz --seed 1 --only NUMBER --keep FOLDER"
    assert sum(verdict.ends.values()) >= BATCH


def test_a_mutant_is_the_same_every_time() -> None:
    assert [mutant(7, number) for number in range(20)] == [mutant(7, number) for number in range(20)]


def test_a_row_that_is_not_accounted_for_is_found() -> None:
    text = "ho_ten,ngay_sinh,gioi_tinh,so_cccd\nNguyễn Văn An,05/09/1987,Nam,079087001234\n"
    honest = Mutant(1, "1.csv", text.encode(), "as it is", {"": (True, True)})
    claims_more = Mutant(2, "2.csv", (text + "\n").encode(), "says that it has three rows", {"": (True, True, True)})
    verdict = judged([honest, claims_more])
    assert [number for number, _ in verdict.faults] == [2]


@pytest.mark.long
def test_twenty_thousand_spoilt_files_are_accounted_for() -> None:
    faults = [
        fault
        for first in range(300, 20_000, BATCH)
        for fault in judged([mutant(1, number) for number in range(first, first + BATCH)]).faults
    ]
    assert faults == []
