"""No published figure, total or pair of nights gives a small count away."""

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.report.small_counts import Range, Shown, of_count, of_total
from tests.pipelines.report import attack
from tests.pipelines.report.attack import TABLES, Counts

Total = Callable[[int, Sequence[Shown]], Shown]


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (1, "*"), (7, "*"), (8, "10"), (12, "10"), (13, "15"), (17, "15"), (1234, "1235")]
)
def test_a_count_is_hidden_or_rounded_and_zero_stays(count: int, text: str) -> None:
    assert of_count(count).text == text


@pytest.mark.parametrize(
    ("parts", "text", "why"),
    [
        ([0, 0], "0", "nothing"),
        ([3, 4], "*", "7 is small"),
        ([3, 5], "10", "8, the parts 1–7"),
        ([20, 30, 102], "150", "152, nothing hidden: the nearest"),
        ([1] * 7, "*", "7 parts of at least 1 beside 7 at most would all be 1: * is up to 12"),
        ([2, 2, 2, 3], "*", "9, four parts: with the rule above"),
        ([1] * 12, "15", "12 parts of at least 1 beside 10, which is 12 at most, would all be 1"),
        ([7] * 4, "25", "4 parts of at most 7 beside 30, which is 28 at least, would all be 7"),
        ([4, 12, 12, 12], "40", "40 is 38 at least, of 43: the hidden one is 2 at least"),
        ([7, 12, 12, 12], "40", "45 is 43 at least: the hidden one would be 7"),
    ],
)
def test_a_total_shows_its_own_count_unless_that_gives_a_part_away(parts: list[int], text: str, why: str) -> None:
    assert of_total(sum(parts), [of_count(each) for each in parts]).text == text, why


def test_parts_that_are_not_the_totals_are_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        of_total(30, [of_count(3), of_count(4)])


@given(st.lists(st.lists(st.one_of(st.integers(0, 8), st.integers(0, 60)), min_size=1, max_size=14), max_size=6))
def test_what_is_known_of_a_total_leaves_each_hidden_part_five_values(counts: list[list[int]]) -> None:
    below = [of_total(sum(each), [of_count(count) for count in each]) for each in counts]
    above = of_total(sum(map(sum, counts)), below)
    for total, parts, exact in [
        (above, below, sum(map(sum, counts))),
        *((each, list(map(of_count, row)), sum(row)) for each, row in zip(below, counts, strict=True)),
    ]:
        assert total.known.low <= exact <= total.known.high
        if total.text not in ("0", "*"):
            assert int(total.text) % 5 == 0
            assert total.hides or abs(int(total.text) - exact) <= 2
        if total.hides:
            assert total.known.high - sum(part.known.low for part in parts) >= 4
            assert sum(part.known.high for part in parts) - total.known.low >= 4
            assert total.known.high - total.known.low >= 4
            assert total.read.high - sum(part.read.low for part in parts) >= 1
            assert sum(part.read.high for part in parts) - total.read.low >= 1


def plain(count: int, parts: Sequence[Shown]) -> Shown:
    """A total by the rule of a single count: what the attack must find something in."""
    return of_count(count)


def attacked(seed: int, total: Total, *, knows_the_rule: bool) -> list[int] | None:
    """Hidden cells of the seed's two nights that a reader solves; None if the reader finds that nothing fits."""
    chance = Random(seed)
    both = attack.nights(chance)
    places = sorted(both[0])
    cells: list[Range] = []
    hidden: list[int] = []
    totals: list[tuple[Sequence[int], Range]] = []

    def add(parts: list[tuple[Shown, list[int]]], exact: int) -> tuple[Shown, list[int]]:
        shown = total(exact, [part for part, _ in parts])
        columns = [column for _, inner in parts for column in inner]
        written = attack.as_rounded(shown, len(set(columns) & set(hidden)))
        totals.append((columns, shown.known if knows_the_rule else written))
        return shown, columns

    for night, measure in TABLES:
        counts: Counts = both[night]
        leaves = {}
        for place in places:
            shown = of_count(counts[place][measure])
            if shown.hides:
                hidden.append(len(cells))
            leaves[place] = (shown, [len(cells)])
            cells.append(attack.as_rounded(shown, 0))
        sectors = []
        for sector in sorted({place[0] for place in places}):
            provinces = []
            for province in sorted({place[1] for place in places if place[0] == sector}):
                inside = [place for place in places if place[:2] == (sector, province)]
                provinces.append(add([leaves[place] for place in inside], sum(counts[p][measure] for p in inside)))
            inside = [place for place in places if place[0] == sector]
            sectors.append(add(provinces, sum(counts[p][measure] for p in inside)))
        add(sectors, sum(counts[place][measure] for place in places))
    return attack.given_away(places, hidden, cells, totals, chance)


@pytest.mark.parametrize("seeds", [range(12), pytest.param(range(200), marks=pytest.mark.long)], ids=["some", "all"])
@pytest.mark.parametrize("knows_the_rule", [False, True])
def test_no_hidden_count_is_solved_from_all_tables_of_two_nights(seeds: range, *, knows_the_rule: bool) -> None:
    found = {seed: attacked(seed, of_total, knows_the_rule=knows_the_rule) for seed in seeds}
    assert {seed: cells for seed, cells in found.items() if cells} == {}
    if knows_the_rule:
        assert None not in found.values(), "the truth fits what the rule says"


def test_the_attack_solves_counts_that_are_only_rounded() -> None:
    found = [attacked(seed, plain, knows_the_rule=True) for seed in range(12)]
    assert sum(len(cells or []) for cells in found) > 0
