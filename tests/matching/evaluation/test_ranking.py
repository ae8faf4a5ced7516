"""Cuts of rankings that were counted by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.evaluation.ranking import ranking
from tests.matching.judged import judged, record


def test_cuts_counted_by_hand() -> None:
    """Ranked: right .99, right .9, wrong .8, right .7; one findable person is proposed by nobody."""
    found = ranking(
        judged(
            record("review", "9", "3", 0.8),
            record("link", "1", "1", 0.99),
            record("review", "4", "4", 0.7),
            record("link", "2", "2", 0.9),
            record("none", None, "5", 0.4),
        ),
        wanted=(0.99, 0.7),
    )
    strict, loose = found["recall_at"]["0.99"], found["recall_at"]["0.7"]
    assert strict is not None
    assert loose is not None
    assert (strict["recall"]["right"], strict["recall"]["of"], strict["probability"]) == (2, 5, 0.9)
    assert (loose["recall"]["share"], loose["precision"]["share"]) == (0.6, 0.75)
    assert found["best_f1"] is not None
    assert found["best_f1"]["f1"] == pytest.approx(6 / 9, abs=1e-6)
    assert found["best_f1"]["probability"] == 0.7


def test_weight_parts_what_probability_does_not() -> None:
    rows = [record("link", "1", "2", 1.0, weight=10.0), record("link", "3", "3", 1.0, weight=30.0)]
    cut = ranking(judged(*rows))["recall_at"]["0.9999"]
    assert cut is not None
    assert (cut["weight"], cut["recall"]["right"]) == (30.0, 1)


def test_equal_proposals_are_cut_together() -> None:
    """Otherwise the order of the file would decide, and a right one first would look like a good ranking."""
    rows = [record("link", "1", "1"), record("link", "3", "2")]
    assert ranking(judged(*rows))["recall_at"]["0.9999"] is None


def test_nothing_proposed() -> None:
    assert ranking(judged(record("none", None, "1", 0.2)))["best_f1"] is None


@given(st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.9, 1.0]), st.booleans(), st.floats(-5, 5)), max_size=30))
def test_order_of_rows_does_not_matter(drawn: list[tuple[float, bool, float]]) -> None:
    rows = [record("link", "1", "1" if right else "2", p, weight=round(w, 1)) for p, right, w in drawn]
    turned = rows[len(rows) // 2 :] + rows[: len(rows) // 2]
    assert ranking(judged(*rows)) == ranking(judged(*turned))
