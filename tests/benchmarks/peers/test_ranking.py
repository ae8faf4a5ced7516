"""The measure that judges us and the peers, on proposals that a person can count."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.peers import ranking


def judged(rows: list[tuple[str | None, str | None, float]]) -> pl.DataFrame:
    """Rows of (proposed, true, weight); the probability is weight / 10."""
    frame = pl.DataFrame(rows, schema={"person_id": pl.String, "truth": pl.String, "weight": pl.Float64}, orient="row")
    return frame.with_columns(
        right=(pl.col("person_id") == pl.col("truth")).fill_null(False), probability=pl.col("weight") / 10
    )


FIVE = [("a", "a", 10.0), ("b", "b", 9.9), ("x", None, 5.0), ("c", "c", 4.0), (None, "d", 0.0)]
"""Three right, one proposed for a record that is in no registry, one not found; four are findable."""


def test_every_figure_counted_by_hand() -> None:
    # Cut after the third right one: 3 right of 4 proposed, 4 findable: F1 = 6/8. Cut after two: 4/6.
    assert ranking.rank(judged(FIVE), ["weight"]) == {
        "findable": 4,
        "proposals": 4,
        "right": 3,
        "best_f1": 0.75,
        "error": 0.25,
        "best_precision": 0.75,
        "best_recall": 0.75,
        "recall_at_0.9999": 0.5,
        "recall_at_0.9997": 0.5,
        "recall_at_0.999": 0.5,
        "sure_precision": 1.0,
        "sure_recall": 0.5,
    }


@pytest.mark.parametrize(
    ("rows", "recall", "why"),
    [
        ([("a", "a", 5.0), ("x", "b", 5.0)], None, "one score: the right one cannot be cut from the wrong one"),
        ([("a", "a", 5.1), ("x", "b", 5.0)], 0.5, "two scores: it can"),
        ([("x", "b", 9.0), ("a", "a", 5.0)], None, "the strongest is wrong"),
        ([("x", "b", 9.0), *[("a", "a", 5.0)] * 9_999], 0.9999, "one wrong of 10,000 is 99.99 %"),
        ([("x", "b", 9.0), *[("a", "a", 5.0)] * 9_998], None, "one wrong of 9,999 is less"),
        ([("x", None, 9.0)], None, "nobody is findable"),
        ([(None, "a", 0.0)], None, "nothing is proposed"),
    ],
)
def test_recall_at_a_precision(
    rows: list[tuple[str | None, str | None, float]], recall: float | None, why: str
) -> None:
    assert ranking.rank(judged(rows), ["weight"])["recall_at_0.9999"] == recall, why


def test_the_first_column_of_a_ranking_goes_before_the_second() -> None:
    rows = judged([("a", "a", 1.0), ("x", "b", 2.0)]).with_columns(first=pl.Series([2, 1]))
    assert ranking.rank(rows, ["first", "weight"])["recall_at_0.9999"] == 0.5
    assert ranking.rank(rows, ["weight"])["recall_at_0.9999"] is None


def test_what_the_best_cut_accepts() -> None:
    rows = judged([("x", None, 1.0), *FIVE])
    assert ranking.within_best(rows, ["weight"])["accepted"].to_list() == [False, True, True, True, True, False]


def test_duplicates_count_and_records_without_a_proposal_are_not_right() -> None:
    truth = pl.DataFrame(
        {"source_file": ["f"] * 3, "source_row": [2, 3, 4], "truth": ["a", "a", None]},
        schema_overrides={"source_row": pl.Int32},
    )
    proposals = pl.DataFrame(
        {"source_file": ["f"] * 2, "source_row": [3, 2], "person_id": ["a", "a"]},
        schema_overrides={"source_row": pl.Int32},
    )
    assert ranking.judge(proposals, truth)["right"].to_list() == [True, True, False]
    with pytest.raises(pl.exceptions.ComputeError):
        ranking.judge(pl.concat([proposals, proposals]), truth)


def test_truth_of_one_sector(tmp_path: Path) -> None:
    path = tmp_path / "truth.parquet"
    pl.DataFrame(
        {
            "sector": ["students", "insurance", "students"],
            "source_file": ["s.csv", "i.csv", "s.csv"],
            "source_row": [2, 2, 3],
            "person_id": ["a", "b", ""],
            "errors": ["sex_wrong", "", None],
            "kind": ["repairable", "exact", "not_in_registry"],
        }
    ).write_parquet(path)
    known = ranking.truth_of(path, "students")
    assert known["truth"].to_list() == ["a", None]
    assert known["errors"].to_list() == ["sex_wrong", ""]


ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["a", "b", None]), st.integers(0, 5).map(float)),
    max_size=30,
)


@given(ROWS)
def test_the_best_cut_is_no_worse_than_any_threshold(rows: list[tuple[str | None, str | None, float]]) -> None:
    found, findable = ranking.rank(judged(rows), ["weight"]), sum(true is not None for _, true, _ in rows)
    for threshold in range(7):
        taken = [(who, true) for who, true, weight in rows if who is not None and weight >= threshold]
        right = sum(who == true for who, true in taken)
        f1 = 2 * right / (len(taken) + findable) if taken or findable else 0.0
        assert found["best_f1"] >= round(f1, 6)
