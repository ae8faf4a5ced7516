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
    assert _shares(found) == {
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


def test_what_humans_get_by_its_reason() -> None:
    found: dict[str, Any] = figures(
        judged(
            record("review", "1", "1", held="improbable"),
            record("review", "2", "2", held="several_fit"),
            record("review", "3", None, held="several_fit"),
            record("link", "4", "4"),
        )
    )
    told = {why: (row["records"], row["right"]["right"], row["absent"]) for why, row in found["by_held"].items()}
    assert told == {"several_fit": (2, 1, 1), "improbable": (1, 1, 0)}
    assert found["calibration_of_review"]["records"] == 3


def test_a_duplicate_is_a_link_like_any_other() -> None:
    """Two rows of person 1, one of them of a stranger."""
    found: dict[str, Any] = figures(
        judged(record("link", "1", "1", status="duplicate"), record("link", "1", "1"), record("link", "3", "4"))
    )
    shares = _shares(found)
    assert (shares["automatic_recall"], shares["automatic_precision"], shares["review"]) == ((2, 3), (2, 3), (0, 3))
