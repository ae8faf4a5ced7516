"""Wilson intervals against published values, figures against a table counted by hand."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.evaluate import figures, wilson


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [(81, 263, 0.255, 0.366), (15, 148, 0.062, 0.161), (0, 20, 0.0, 0.161), (1, 29, 0.006, 0.172)],
)
def test_wilson(right: int, total: int, low: float, high: float) -> None:
    """Newcombe (1998), Statistics in Medicine 17:857, table I, method 3 (score)."""
    found = wilson(right, total)
    assert (found["low"], found["high"]) == (pytest.approx(low, abs=0.0006), pytest.approx(high, abs=0.0006))


def test_nothing_to_count() -> None:
    assert wilson(0, 0) == {"share": None, "low": None, "high": None, "right": 0, "of": 0}


@given(st.integers(1, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_an_interval_holds_its_share(case: tuple[int, int]) -> None:
    found = wilson(*case)
    assert 0 <= found["low"] <= found["share"] <= found["high"] <= 1


def test_figures() -> None:
    judged = pl.DataFrame(
        {
            "decision": ["link", "link", "link", "review", "review", "none", "none"],
            "status": ["agreed", "wrong_id", "wrong_id", "missing_id", "missing_id", "not_found", "not_found"],
            "person_id": ["1", "2", "9", "4", "5", None, None],
            "truth": ["1", "2", "3", "4", None, "6", None],
            "errors": [[], ["id_digit"], ["id_digit", "name_typo"], ["id_missing"], ["id_missing"], [], []],
            "kind": ["clean", "dirty", "dirty", "dirty", "outside", "clean", "outside"],
        }
    )
    found: dict[str, Any] = figures(judged)
    counted = [name for name, value in found.items() if isinstance(value, dict) and "of" in value]
    shares = {name: (found[name]["right"], found[name]["of"]) for name in counted}
    assert shares == {
        "automatic_precision": (2, 3),
        "automatic_recall": (2, 5),
        "proposed_precision": (3, 5),
        "proposed_recall": (3, 5),
        "none_precision": (1, 2),
        "review": (2, 7),
    }
    assert set(found["by_error"]) == {"", "id_digit", "id_missing", "name_typo"}
    assert found["by_error"]["id_digit"]["automatic_precision"]["of"] == 2
    assert list(found["by_status"]) == ["agreed", "missing_id", "not_found", "wrong_id"]
