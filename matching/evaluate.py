"""How good the links are, measured against known truth: precision and recall with the width of what is not known.

A link is right if it names the record's person; a record whose person is in no registry is right only with `none`.
"""

import math

import polars as pl

_Z = 1.959964
"""Normal quantile of a 95 % interval."""

Share = dict[str, float | int | None]
Figures = dict[str, object]


def wilson(right: int, total: int) -> Share:
    """A share with its 95 % Wilson interval: `share, low, high, right, of`; null where there is nothing to count.

    Source: Wilson (1927), Probable inference, JASA 22:209.
    """
    if total == 0:
        return {"share": None, "low": None, "high": None, "right": 0, "of": 0}
    share, square = right / total, _Z**2 / total
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total)) / (1 + square)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return {
        "share": round(share, 6),
        "low": 0.0 if right == 0 else round(low, 6),
        "high": 1.0 if right == total else round(high, 6),
        "right": right,
        "of": total,
    }


def figures(judged: pl.DataFrame) -> Figures:
    """Precision, recall and review of all records, by status, by planted error and by kind.

    Shape of `judged`: one row a record with `decision, status, person_id` (proposed), `truth` (person or null),
    `errors` (list of text), `kind`.
    """
    judged = judged.with_columns(right=(pl.col("person_id") == pl.col("truth")).fill_null(False))
    singles = judged.with_columns(
        error=pl.when(pl.col("errors").list.len() > 0).then("errors").otherwise(pl.lit([""], dtype=pl.List(pl.String)))
    ).explode("error", empty_as_null=True)
    return {
        **_figures(judged),
        "by_status": _by(judged, "status"),
        "by_error": _by(singles, "error"),
        "by_kind": _by(judged, "kind"),
    }


def _figures(judged: pl.DataFrame) -> Figures:
    linked, proposed = pl.col("decision") == "link", pl.col("decision") != "none"
    known, right = pl.col("truth").is_not_null(), pl.col("right")
    counts = judged.select(
        records=pl.len(),
        findable=known.sum(),
        linked=linked.sum(),
        linked_right=(linked & right).sum(),
        proposed=proposed.sum(),
        proposed_right=(proposed & right).sum(),
        none_right=(~proposed & ~known).sum(),
        none=(~proposed).sum(),
    ).row(0, named=True)
    return {
        "records": counts["records"],
        "findable": counts["findable"],
        "automatic_precision": wilson(counts["linked_right"], counts["linked"]),
        "automatic_recall": wilson(counts["linked_right"], counts["findable"]),
        "proposed_precision": wilson(counts["proposed_right"], counts["proposed"]),
        "proposed_recall": wilson(counts["proposed_right"], counts["findable"]),
        "none_precision": wilson(counts["none_right"], counts["none"]),
        "review": wilson(counts["proposed"] - counts["linked"], counts["records"]),
    }


def _by(judged: pl.DataFrame, column: str) -> dict[str, Figures]:
    groups = judged.with_columns(pl.col(column).fill_null("")).partition_by(column, as_dict=True)
    return {str(value[0]): _figures(groups[value]) for value in sorted(groups)}
