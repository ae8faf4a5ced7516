"""How good ranked proposals are: one measure for our links and for a peer's.

A proposal names one person for one record; it is right if that is the record's true person. Cutting the ranking at any
score gives a precision and a recall; records without a proposal only lower the recall.
"""

from pathlib import Path
from typing import Any

import polars as pl

PRECISIONS = (0.9999, 0.9997, 0.999)
"""Recall is reported at these."""

SURE = 0.99
"""Probability from which on a matcher's own claim is looked at."""


def truth_of(path: Path, sector: str) -> pl.DataFrame:
    """The true person of each record of a sector, null where it is in no registry.

    Shape: `source_file, source_row (Int32), truth, kind, errors` (semicolon-separated).
    """
    known = pl.read_parquet(path).filter(pl.col("sector") == sector)
    return known.select(
        "source_file",
        pl.col("source_row").cast(pl.Int32),
        truth=pl.when(pl.col("person_id") != "").then("person_id"),
        kind="kind",
        errors=pl.col("errors").fill_null(""),
    )


def judge(proposals: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Every record of the truth with what is proposed for it.

    Shape: one row a record of `truth`; the columns of both and `right`, false where nothing is proposed.
    `proposals` has `source_file, source_row, person_id` (null if nobody), at most one row a record.
    """
    judged = truth.join(proposals, on=["source_file", "source_row"], how="left", maintain_order="left", validate="1:1")
    return judged.with_columns(right=(pl.col("person_id") == pl.col("truth")).fill_null(False))


def rank(judged: pl.DataFrame, by: list[str]) -> dict[str, Any]:
    """Best F1, recall at each of PRECISIONS, precision and recall at probability ≥ SURE, of the ranking by `by`.

    Shape of `judged`: `person_id, truth, right, probability`, the columns of `by`. A cut never parts equal scores.
    Errors: none; null where no cut is that precise or nothing is that sure.
    """
    findable, cuts = judged["truth"].count(), _cuts(judged, by)
    best = cuts.row(int(cuts["f1"].arg_max() or 0), named=True) if cuts.height else _NOTHING
    sure = judged.filter(pl.col("person_id").is_not_null() & (pl.col("probability") >= SURE))
    return {
        "findable": findable,
        "proposals": judged["person_id"].count(),
        "right": int(judged["right"].sum()),
        "best_f1": round(best["f1"], 6),
        "error": round(1 - best["f1"], 6),
        "best_precision": _share(best["right"], best["count"]),
        "best_recall": _share(best["right"], findable),
        **{f"recall_at_{wanted}": _recall(cuts, findable, wanted) for wanted in PRECISIONS},
        "sure_precision": _share(int(sure["right"].sum()), sure.height),
        "sure_recall": _share(int(sure["right"].sum()), findable),
    }


def within_best(judged: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """`judged` with `accepted`: whether the record's proposal is within the cut of the best F1. Sorted as it was."""
    cuts = _cuts(judged, by)
    taken = cuts.head(int(cuts["f1"].arg_max() or 0) + 1).select(by).with_columns(accepted=pl.lit(True))
    found = judged.join(taken, on=by, how="left", maintain_order="left", nulls_equal=False)
    return found.with_columns(pl.col("accepted").fill_null(False) & pl.col("person_id").is_not_null())


def _cuts(judged: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One row a possible cut, the strictest first: the scores of `by`, `right`, `count` so far and `f1`."""
    proposed = judged.filter(pl.col("person_id").is_not_null())
    steps = proposed.group_by(by).agg(right=pl.col("right").sum(), count=pl.len()).sort(by, descending=True)
    return steps.with_columns(pl.col("right", "count").cum_sum().cast(pl.Int64)).with_columns(
        f1=2 * pl.col("right") / (pl.col("count") + judged["truth"].count())
    )


def _recall(cuts: pl.DataFrame, findable: int, precision: float) -> float | None:
    enough = cuts.filter(pl.col("right") >= precision * pl.col("count"))["right"]
    return _share(int(enough[-1]), findable) if enough.len() else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


_NOTHING: dict[str, Any] = {"right": 0, "count": 0, "f1": 0.0}
