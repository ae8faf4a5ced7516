"""Tenths that were counted by hand, and a scale that keeps its word by construction."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.evaluation.calibration import calibration
from tests.matching.judged import judged, record


def _proposals(probability: float, right: int, wrong: int) -> list[dict[str, object]]:
    return [record("review", "1", "1" if place < right else "2", probability) for place in range(right + wrong)]


def test_each_tenth_is_counted() -> None:
    found = calibration(judged(*_proposals(0.25, 1, 3), *_proposals(0.85, 60, 40), *_proposals(0.95, 96, 4)))
    tenths = {part["low"]: part for part in found["tenths"]}
    assert [part["records"] for part in found["tenths"]] == [0, 0, 4, 0, 0, 0, 0, 0, 100, 100]
    assert (tenths[0.2]["stated"], tenths[0.2]["difference"], tenths[0.2]["within"]) == (0.25, 0.0, True)
    assert (tenths[0.8]["observed"]["share"], tenths[0.8]["difference"], tenths[0.8]["within"]) == (0.6, -25.0, False)
    assert (tenths[0.9]["difference"], tenths[0.9]["within"]) == (1.0, True)
    assert (tenths[0.0]["stated"], tenths[0.0]["within"]) == (None, None), "an empty tenth promises nothing"
    assert found["expected_error"] == pytest.approx((4 * 0 + 100 * 25 + 100 * 1) / 204, abs=1e-4)
    assert (found["largest_gap"], found["within"]) == (25.0, False)


EDGES = [(0.0, 0), (0.0999999, 0), (0.1, 1), (0.3, 3), (0.6, 6), (0.7, 7), (0.9, 9), (1.0, 9)]


@pytest.mark.parametrize(("probability", "tenth"), EDGES)
def test_an_edge_belongs_to_the_part_above(probability: float, tenth: int) -> None:
    found = calibration(judged(record("review", "1", "1", probability)))
    assert [place for place, part in enumerate(found["tenths"]) if part["records"]] == [tenth]


@pytest.mark.parametrize(("probability", "parts"), [(0.899, 0), (0.9, 1), (0.99, 2), (0.999, 3), (1.0, 3)])
def test_the_top_tenth_by_nines(probability: float, parts: int) -> None:
    found = calibration(judged(record("link", "1", "1", probability)))
    assert [part["records"] for part in found["top"]] == [int(place == parts) for place in (1, 2, 3)]


def test_few_records_are_not_blamed_for_chance() -> None:
    part = calibration(judged(*_proposals(0.75, 2, 1)))["tenths"][7]
    assert part["difference"] == pytest.approx(-8.3333)
    assert part["within"], "two of three say little: the interval holds 75 %"


def test_records_that_name_nobody_are_only_counted() -> None:
    rows = [
        record("none", None, "1", 0.15),
        record("none", None, None, 0.15),
        record("none", None, None, None),
        record("link", "1", "1", None),
    ]
    found = calibration(judged(*rows))
    assert (found["records"], found["unstated"], found["expected_error"], found["largest_gap"]) == (0, 1, None, None)
    assert (found["tenths"][1]["none"], found["tenths"][1]["none_findable"]) == (2, 1)
    assert found["within"]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60))
def test_no_proposal_is_lost(drawn: list[tuple[float, bool]]) -> None:
    rows = [record("review", "1", "1" if right else None, probability) for probability, right in drawn]
    found = calibration(judged(*rows))
    assert sum(part["records"] for part in found["tenths"]) == len(rows)
    assert sum(part["observed"]["right"] or 0 for part in found["tenths"]) == sum(right for _, right in drawn)
    assert sum(part["records"] for part in found["top"]) == sum(probability >= 0.9 for probability, _ in drawn)


def test_a_scale_that_keeps_its_word() -> None:
    steps = pl.DataFrame({"tenth": range(10)}).with_columns(p=(pl.col("tenth") * 10 + 5) / 100)
    rows = [row for p in steps["p"] for row in _proposals(p, round(200 * p), 200 - round(200 * p))]
    found = calibration(judged(*rows))
    assert (found["within"], found["expected_error"], found["largest_gap"]) == (True, 0.0, 0.0)
