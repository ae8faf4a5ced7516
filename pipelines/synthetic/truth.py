"""States the truth about each record of a sector file: its person, the planted errors, the kind that follows from
them.
"""

import polars as pl

from pipelines.synthetic import catalogue, planning

TRUTH_COLUMNS = ("person_id", "errors", "kind")


def truth_of(records: pl.DataFrame, planted: pl.DataFrame) -> pl.DataFrame:
    """The person of each record, the planted codes, and the kind that follows from them.

    `exact` becomes `lossless` or `repairable`, and `repairable` becomes `lossless`, by what was really planted.
    """
    lossless = [pl.col(field).is_null() | pl.col(field).is_in(catalogue.lossless()) for field in planning.FIELDS]
    planned = pl.col("kind").is_in(["exact", "repairable", "moved"])
    several = pl.concat_str(*planning.FIELDS, "extra", "again", separator=";", ignore_nulls=True)
    frame = pl.concat(
        [records.select("kind", "duplicate", "alike", "registered", id_of="person_id"), planted], how="horizontal"
    )
    frame = frame.with_columns(
        extra=pl.when("alike").then(pl.lit("lookalike")).when(pl.col("kind") == "moved").then(pl.lit("place_old")),
        again=pl.when("duplicate").then(pl.lit("duplicate")),
        nothing=pl.all_horizontal(pl.col(field).is_null() for field in planning.FIELDS),
        harmless=pl.all_horizontal(*lossless),
    )
    kind = (
        pl.when("duplicate")
        .then(pl.lit("duplicate"))
        .when(~planned | ((pl.col("kind") == "moved") & pl.col("harmless")))
        .then("kind")
        .when("nothing")
        .then(pl.lit("exact"))
        .when("harmless")
        .then(pl.lit("lossless"))
        .otherwise(pl.lit("repairable"))
    )
    return frame.with_columns(person_id=pl.when("registered").then("id_of"), errors=several, kind=kind)
