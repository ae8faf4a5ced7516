"""Figures against a table counted by hand."""

from typing import Any

import polars as pl

from matching.evaluation.figures import figures
from tests.matching.judged import judged, record


def _shares(found: dict[str, Any]) -> dict[str, tuple[int, int]]:
    counted = [name for name, value in found.items() if isinstance(value, dict) and "of" in value]
    return {name: (found[name]["right"], found[name]["of"]) for name in counted}


def _seven() -> pl.DataFrame:
    return judged(
        record("link", "1", "1", kind="clean", status="agreed"),
        record("link", "2", "2", kind="dirty", status="wrong_id", errors=["id_digit"]),
        record("link", "9", "3", kind="dirty", status="wrong_id", errors=["id_digit", "name_typo"]),
        record("review", "4", "4", kind="dirty", status="missing_id", errors=["id_missing"], sector="insurance"),
        record("review", "5", None, kind="outside", status="missing_id", errors=["id_missing"]),
        record("none", None, "6", kind="clean", status="not_found"),
        record("none", None, None, kind="outside", status="not_found"),
    )


def test_figures() -> None:
    found: dict[str, Any] = figures(_seven())
    apart = {name for name in _shares(found) if name.endswith("_apart")}
    assert {name: share for name, share in _shares(found).items() if name not in apart} == {
        "automatic_precision": (2, 3),
        "automatic_recall": (2, 5),
        "review_precision": (1, 2),
        "proposed_precision": (3, 5),
        "proposed_recall": (3, 5),
        "none_precision": (1, 2),
        "review": (2, 7),
    }
    assert set(found["by_error"]) == {"", "id_digit", "id_missing", "name_typo"}
    assert found["by_error"]["id_digit"]["automatic_precision"]["of"] == 2
    assert list(found["by_status"]) == ["agreed", "missing_id", "not_found", "wrong_id"]
    assert {name: each["records"] for name, each in found["by_sector"].items()} == {"insurance": 1, "students": 6}
    assert found["calibration"]["records"] == 5


def test_duplicates_apart() -> None:
    """Two rows of person 1: the planted repetition is the one that was linked, the original is reviewed."""
    found: dict[str, Any] = figures(
        judged(
            record("review", "1", "1", status="duplicate", kind="repairable"),
            record("link", "1", "1", kind="duplicate", errors=["duplicate"]),
            record("link", "2", "2"),
            record("review", "3", "4", status="duplicate"),
        )
    )
    shares = _shares(found)
    assert shares["automatic_recall"] == (2, 4)
    assert shares["automatic_recall_planted_apart"] == (1, 3), "the row that the truth calls a duplicate is left out"
    assert shares["automatic_recall_duplicates_apart"] == (2, 3), (
        "row 1 is left out; row 4 is a duplicate of a stranger"
    )
    assert shares["review_duplicates_apart"] == (1, 3)
