"""Compares `probability` with how often it was right: of the people proposed with 90 %, nine in ten must be right.

A proposal is a link or a review: it names a person, and its probability is that person's. A record decided `none` names
nobody; its probability is that of a candidate who is not named, so it cannot be right or wrong and is only counted,
with the share of those whose person the registry holds (the most that its candidates could have been right).
"""

from typing import TypedDict

import polars as pl

from matching.evaluation.intervals import Share, wilson

TENTHS = tuple(number / 10 for number in range(11))
NINES = (0.9, 0.99, 0.999, 1.0)
"""Limits that split the top tenth finer, because most records lie there."""
NEAR = 2.0
"""Largest difference between stated and observed with which a tenth still counts as calibrated. Units: points
(hundredths).
"""


class Part(TypedDict):
    """One part of the scale, `from` ≤ probability < `to` (the last one holds 1 too); null where it is empty."""

    low: float
    high: float
    records: int
    stated: float | None
    """Mean of the probabilities."""
    observed: Share
    """Share of the proposals that are right."""
    difference: float | None
    """Observed less stated, in points: negative is over-confident."""
    within: bool | None
    """Whether the difference is within two points, or the interval holds the stated share."""
    none: int
    """Number of records decided `none` whose best candidate, not proposed, has such a probability."""
    none_findable: int
    """Number of these whose person is in the registry."""


class Calibration(TypedDict):
    """Calibration of the whole scale of probabilities."""

    records: int
    unstated: int
    """Proposals without a probability, such as a human's decision."""
    tenths: list[Part]
    top: list[Part]
    expected_error: float | None
    """Mean distance of stated and observed over the tenths, weighted by records. Units: points."""
    largest_gap: float | None
    """The largest distance of stated and observed in any tenth. Units: points."""
    within: bool
    """Whether every tenth that has records is within its limits (`Part.within`)."""


def calibration(judged: pl.DataFrame) -> Calibration:
    """The stated probabilities of the proposals beside the observed shares that were right.

    Shape of `judged`: one row a record with `decision, person_id, truth, probability, right`.
    """
    proposed = judged.filter(pl.col("person_id").is_not_null() & (pl.col("decision") != "none"))
    stated = proposed.drop_nulls("probability")
    none = judged.filter(pl.col("decision") == "none").drop_nulls("probability")
    tenths, top = (_parts(stated, none, edges) for edges in (TENTHS, NINES))
    gaps = [(abs(part["difference"]), part["records"]) for part in tenths if part["difference"] is not None]
    return {
        "records": stated.height,
        "unstated": proposed.height - stated.height,
        "tenths": tenths,
        "top": top,
        "expected_error": round(sum(gap * records for gap, records in gaps) / stated.height, 4) if gaps else None,
        "largest_gap": max(gap for gap, _ in gaps) if gaps else None,
        "within": all(part["within"] is not False for part in tenths),
    }


def _parts(stated: pl.DataFrame, none: pl.DataFrame, edges: tuple[float, ...]) -> list[Part]:
    counted = _by_part(
        stated, edges, records=pl.len(), stated=pl.col("probability").mean(), right=pl.col("right").sum()
    )
    left_out = _by_part(none, edges, none=pl.len(), findable=pl.col("truth").is_not_null().sum())
    every = pl.DataFrame({"part": range(len(edges) - 1)}, schema={"part": pl.UInt32})
    table = every.join(counted, on="part", how="left").join(left_out, on="part", how="left").sort("part")
    return [_part(edges[row["part"]], edges[row["part"] + 1], row) for row in table.to_dicts()]


def _by_part(rows: pl.DataFrame, edges: tuple[float, ...], **figures: pl.Expr) -> pl.DataFrame:
    part = pl.sum_horizontal((pl.col("probability") >= edge).cast(pl.UInt32) for edge in edges[1:-1])
    inside = rows.filter(pl.col("probability") >= edges[0])
    return inside.group_by(part.alias("part")).agg(**figures)


def _part(low: float, high: float, row: dict[str, float | None]) -> Part:
    records = int(row["records"] or 0)
    observed = wilson(int(row["right"] or 0), records)
    stated, share = row["stated"], observed["share"]
    difference = within = None
    if stated is not None and share is not None:
        difference = round(100 * (share - stated), 4)
        covered = (observed["low"] or 0.0) <= stated <= (observed["high"] or 0.0)
        within = abs(difference) <= NEAR or covered
    return {
        "low": low,
        "high": high,
        "records": records,
        "stated": None if stated is None else round(stated, 6),
        "observed": observed,
        "difference": difference,
        "within": within,
        "none": int(row["none"] or 0),
        "none_findable": int(row["findable"] or 0),
    }
