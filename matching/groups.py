"""Settles records of one person together: a linked row of a group settles the group's rows under review.

A vaccination dose is a row. The rows with one code of the department are looked at together: a row that would go to a
human is linked if another row of the same code is, to the same person, and nothing in it contradicts that.
"""

import polars as pl

from matching.model import Model

MOST_ROWS = 20
"""Most rows of a group; a code that more rows have is a filler, not a person's."""
OPEN = ("ambiguous", "unverifiable", "id_of_another")
"""Statuses that put the row itself in doubt: no other row can settle them."""


def settle_groups(decided: pl.DataFrame, records: pl.DataFrame, model: Model) -> pl.DataFrame:
    """The decisions, with reviews settled by the other rows of their group.

    Shape: the rows of `decided`, in their order, with `grouped` (the group settled it). `records` has `group_key`.
    """
    frame = decided.with_columns(records["group_key"])
    sure = (
        frame.filter((pl.col("decision") == "link") & pl.col("group_key").is_not_null())
        .group_by("group_key")
        .agg(pl.col("p").n_unique().alias("persons"), pl.col("p").first().alias("of_group"))
        .filter(pl.col("persons") == 1)
        .select("group_key", "of_group")
    )
    frame = frame.join(sure, on="group_key", how="left", maintain_order="left")
    name, birth = model.find("name"), model.find("birth")
    settled = (
        (pl.col("decision") == "review")
        & ~pl.col("status").is_in(OPEN)
        & (pl.col("p") == pl.col("of_group"))
        & (pl.len().over("group_key") <= MOST_ROWS)
        & ~pl.col("name").is_in(name.numbers("clash", "missing"))
        & ~pl.col("birth").is_in(birth.numbers("clash"))
    ).fill_null(False)
    return frame.with_columns(
        decision=pl.when(settled).then(pl.lit("link")).otherwise("decision"),
        held=pl.when(~settled).then("held"),
        askable=pl.col("askable") & ~settled,
        grouped=settled,
    ).drop("group_key", "of_group")
