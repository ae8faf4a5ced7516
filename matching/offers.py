"""Lists the other persons that a record could be about, with every column of a link to them."""

import math

import polars as pl

from matching.model import Model
from matching.score import add_posterior, calibrated

_NEEDED = ["r", "p", "weight", "relative"]


def offers(weighed: pl.DataFrame, model: Model) -> pl.DataFrame:
    """The persons that a record may get instead of its best one, each with their own figures.

    Shape: columns `offered(model)`, rows in the order of `weighed` (all pairs that were compared, `r`, `p`). Offered is
    who is likelier than nobody, and likelier than that the record says its best person once more.
    """
    top = pl.col("weight").max().over("r")
    near = (pl.col("weight") > 0) & (pl.col("weight") > top - again_bits(model))
    chosen = weighed.with_columns(near=near).filter((pl.col("near").sum() > 1).over("r"))
    told = figures(chosen, model)
    return pl.concat([chosen, told.drop("r", "p")], how="horizontal").filter("near").select(offered(model))


def offered(model: Model) -> list[str]:
    """The columns about the person, the record's row first: figures, then the levels of agreement."""
    levels = [comparison.field for comparison in model.comparison]
    return ["r", "p", "person_id", "life", "weight", "probability", "margin", *levels]


def again_bits(model: Model) -> float:
    """Bits by which a record is less likely to describe a person who has a record already than one who has none."""
    return -math.log2(model.weights.prior.again)


def figures(pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Columns `r`, `p`, `probability` (calibrated) and `margin` of every pair, each against the record's other pairs.

    Shape: one row for each of `pairs`, same order; all pairs of a record. Units: bits for `margin`, negative where
    somebody else is likelier.
    """
    first, second = (pl.col("weight").top_k(2).get(at, null_on_oob=True).over("r") for at in (0, 1))
    other = pl.when(pl.col("weight") == first).then(second).otherwise(first)
    probability = calibrated(pl.col("probability"), model.weights.calibration.points)
    return add_posterior(pairs.select(_NEEDED)).select(
        "r", "p", probability=probability, margin=(pl.col("weight") - other.fill_null(0.0)).round(6)
    )
