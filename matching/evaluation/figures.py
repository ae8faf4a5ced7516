"""Computes precision and recall against known truth, with the width of their uncertainty.

A link is right if it names the record's person; a record whose person is in no registry is right only with `none`.
"""

from collections.abc import Sequence

import polars as pl

from matching.evaluation.calibration import calibration
from matching.evaluation.intervals import wilson
from matching.evaluation.ranking import ranking

Figures = dict[str, object]

DUPLICATE = "duplicate"
"""Kind (and planted error) that the truth gives to a row that repeats a person. In the links: status of such a row."""
_NO_ERROR = pl.lit([""], dtype=pl.List(pl.String))


def figures(judged: pl.DataFrame) -> Figures:
    """Precision, recall and review of all records, by sector, status, planted error and kind; calibration, ranking.

    Shape of `judged`: one row a record with `sector, decision, status, person_id` (proposed), `truth` (person or null),
    `errors` (list of text), `kind`, `probability`, `weight`.
    """
    judged = judged.with_columns(right=(pl.col("person_id") == pl.col("truth")).fill_null(False))
    has_errors = pl.col("errors").list.len() > 0
    singles = judged.with_columns(error=pl.when(has_errors).then("errors").otherwise(_NO_ERROR))
    return {
        **_figures(judged),
        **_apart(judged),
        "calibration": calibration(judged),
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


def _apart(judged: pl.DataFrame) -> Figures:
    """Recall and review without the duplicates, which are reviews by definition where a person may have one record.

    `…_planted_apart` leaves out the rows that the truth calls duplicates. Of two rows of a person either may be the one
    that is reviewed, so `…_duplicates_apart` leaves out those that the links call duplicates, and are.
    """
    planted = judged.filter(pl.col("kind").fill_null("") != DUPLICATE)
    held = (pl.col("status") == DUPLICATE) & pl.col("right") & (pl.col("decision") == "review")
    return {
        f"{name}_{which}_apart": _figures(rest)[name]
        for which, rest in (("planted", planted), ("duplicates", judged.filter(~held)))
        for name in ("automatic_recall", "review")
    }


def _by(judged: pl.DataFrame, column: str) -> dict[str, Figures]:
    groups = judged.with_columns(pl.col(column).fill_null("")).partition_by(column, as_dict=True)
    return {str(value[0]): _figures(groups[value]) for value in sorted(groups, key=_text)}


def _text(value: Sequence[object]) -> str:
    return str(value[0])
