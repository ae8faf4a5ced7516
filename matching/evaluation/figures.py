"""Computes precision and recall against known truth, with the width of their uncertainty.

A link is right if it names the record's person; a record whose person is in no registry is right only with `none`.
"""

from collections.abc import Sequence

import polars as pl

from matching.evaluation.calibration import calibration
from matching.evaluation.intervals import wilson
from matching.evaluation.ranking import ranking

Figures = dict[str, object]

_NO_ERROR = pl.lit([""], dtype=pl.List(pl.String))


def figures(judged: pl.DataFrame) -> Figures:
    """Precision, recall and review of all records, by sector, status, planted error and kind; calibration, ranking.

    Shape of `judged`: one row a record with `sector, decision, status, person_id` (proposed), `truth` (person or null),
    `errors` (list of text), `kind`, `probability`, `weight`, `held` (why a human is asked).
    """
    judged = judged.with_columns(right=(pl.col("person_id") == pl.col("truth")).fill_null(False))
    has_errors = pl.col("errors").list.len() > 0
    singles = judged.with_columns(error=pl.when(has_errors).then("errors").otherwise(_NO_ERROR))
    return {
        **_figures(judged),
        "calibration": calibration(judged),
        "calibration_of_review": calibration(judged.filter(pl.col("decision") == "review")),
        "by_held": _by_held(judged),
        "ranking": ranking(judged),
        "by_sector": _by(judged, "sector"),
        "by_status": _by(judged, "status"),
        "by_error": _by(singles.explode("error", empty_as_null=True), "error"),
        "by_kind": _by(judged, "kind"),
    }


def _figures(judged: pl.DataFrame) -> Figures:
    linked, none, known = pl.col("decision") == "link", pl.col("decision") == "none", pl.col("truth").is_not_null()
    review, right = pl.col("decision") == "review", pl.col("right")
    counts = judged.select(
        records=pl.len(),
        findable=known.sum(),
        linked=linked.sum(),
        linked_right=(linked & right).sum(),
        reviewed=review.sum(),
        reviewed_right=(review & right).sum(),
        none_right=(none & ~known).sum(),
        none=none.sum(),
    ).row(0, named=True)
    proposed, proposed_right = counts["linked"] + counts["reviewed"], counts["linked_right"] + counts["reviewed_right"]
    return {
        "records": counts["records"],
        "findable": counts["findable"],
        "automatic_precision": wilson(counts["linked_right"], counts["linked"]),
        "automatic_recall": wilson(counts["linked_right"], counts["findable"]),
        "review_precision": wilson(counts["reviewed_right"], counts["reviewed"]),
        "proposed_precision": wilson(proposed_right, proposed),
        "proposed_recall": wilson(proposed_right, counts["findable"]),
        "none_precision": wilson(counts["none_right"], counts["none"]),
        "review": wilson(counts["reviewed"], counts["records"]),
    }


def _by_held(judged: pl.DataFrame) -> dict[str, dict[str, object]]:
    """What humans still get, by the reason, most first: share of the proposals that is right, and in no registry."""
    reviewed = judged.filter(pl.col("decision") == "review").with_columns(pl.col("held").fill_null(""))
    counted = reviewed.group_by("held").agg(
        records=pl.len(), right=pl.col("right").sum(), absent=pl.col("truth").is_null().sum()
    )
    return {
        row["held"]: {"records": row["records"], "right": wilson(row["right"], row["records"]), "absent": row["absent"]}
        for row in counted.sort(["records", "held"], descending=[True, False]).to_dicts()
    }


def _by(judged: pl.DataFrame, column: str) -> dict[str, Figures]:
    groups = judged.with_columns(pl.col(column).fill_null("")).partition_by(column, as_dict=True)
    return {str(value[0]): _figures(groups[value]) for value in sorted(groups, key=_text)}


def _text(value: Sequence[object]) -> str:
    return str(value[0])
