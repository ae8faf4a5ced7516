"""Measures the ranking of the proposals, whatever the thresholds: recall at a wanted precision, and the best F1.

Any matcher can be compared with any other this way: it needs no decision, only an order.
"""

from typing import TypedDict

import polars as pl

from matching.evaluation.intervals import Share, wilson

WANTED = (0.9999, 0.9997, 0.999, 0.99)


class Cut(TypedDict):
    """Precision and recall of the proposals down to one position of the ranking."""

    precision: Share
    recall: Share
    f1: float
    probability: float
    """Probability of the last proposal above the cut."""
    weight: float | None


class Ranking(TypedDict):
    """The best cuts of a ranking."""

    recall_at: dict[str, Cut | None]
    """Wanted precision (`0.9999`) → the cut with most recall that reaches it; null if none does."""
    best_f1: Cut | None


def ranking(judged: pl.DataFrame, wanted: tuple[float, ...] = WANTED) -> Ranking:
    """The best cuts of the proposals, ranked by probability, then weight; equal ones are cut together.

    Shape of `judged`: one row a record with `person_id` (proposed; null takes no part), `truth`, `probability`,
    `weight` (null where there is none), `right`.
    """
    findable = int(judged["truth"].is_not_null().sum())
    cuts = (
        judged.filter(pl.col("person_id").is_not_null() & pl.col("probability").is_not_null())
        .group_by("probability", "weight")
        .agg(records=pl.len(), right=pl.col("right").sum())
        .sort("probability", "weight", descending=True, nulls_last=True)
        .with_columns(pl.col("records", "right").cast(pl.Int64).cum_sum())
        .with_columns(
            precision=pl.col("right") / pl.col("records"), f1=2 * pl.col("right") / (pl.col("records") + findable)
        )
    )
    return {
        "recall_at": {str(level): _best(_reaching(cuts, level), "right", findable) for level in wanted},
        "best_f1": _best(cuts, "f1", findable),
    }


def _reaching(cuts: pl.DataFrame, precision: float) -> pl.DataFrame:
    return cuts.filter(pl.col("precision") >= precision)


def _best(cuts: pl.DataFrame, measure: str, findable: int) -> Cut | None:
    """The first of the cuts with the most of the measure."""
    if cuts.is_empty():
        return None
    row = cuts.row(int(cuts[measure].arg_max() or 0), named=True)
    return {
        "precision": wilson(row["right"], row["records"]),
        "recall": wilson(row["right"], findable),
        "f1": round(row["f1"], 6),
        "probability": row["probability"],
        "weight": row["weight"],
    }
