"""From decided contents to the links of records: who gets a person that several records want, and the reason.

Many records may have one content, and records compete for a person (matching/assign.py) or settle one another
(matching/groups.py). Both concern few records, so only these are taken out; the others get what their content got.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from matching.assign import keep_one
from matching.explain import reason
from matching.groups import together
from matching.memory import Decisions
from matching.model import Model
from matching.stages import COLUMNS

SAID = COLUMNS[5:]
"""Columns of the links that linking finds; the others are the record's."""


class Standing(NamedTuple):
    """The decision of every content, in rows that are found through `at`."""

    decided: pl.DataFrame
    at: pl.Series
    """Of each content."""
    offers: pl.DataFrame

    @classmethod
    def of(cls, before: Decisions | None, tonight: Decisions, contents: pl.Series, height: int) -> "Standing":
        """What was decided tonight of `contents`, and for the others of so many what was decided before."""
        at, offers = np.arange(height), tonight.offers.with_columns(contents.gather(tonight.offers["c"]).alias("c"))
        if before is None:
            at[contents.to_numpy()] = np.arange(len(contents))
            return cls(tonight.decided, pl.Series(at), offers)
        at[contents.to_numpy()] = np.arange(before.decided.height, before.decided.height + len(contents))
        still = before.offers.filter(~pl.col("c").is_in(contents.implode()))
        return cls(
            pl.concat([before.decided, tonight.decided]), pl.Series(at), pl.concat([still, offers]).sort("c", "p")
        )

    def only(self, contents: pl.Series) -> Decisions:
        """The decisions of these contents (sorted), numbered anew."""
        decided = self.decided.select(pl.all().gather(self.at.gather(contents)))
        new = pl.DataFrame({"c": contents}).with_row_index("new").with_columns(pl.col("new").cast(pl.Int32))
        offers = self.offers.join(new, on="c", maintain_order="left").select(
            pl.col("new").alias("c"), pl.exclude("c", "new")
        )
        return Decisions(decided, offers)


def spread(records: pl.DataFrame, of_record: pl.Series, standing: Standing, model: Model, *, one: bool) -> pl.DataFrame:
    """The links, a row a record. `of_record` is each record's content."""
    at = standing.at.gather(of_record)
    rows = _rivals(standing.decided, at) if one else _groups(standing.decided, at, records)
    involved = standing.decided.select(pl.all().gather(at.gather(rows))).insert_column(0, rows.alias("r"))
    if one:
        rivals = pl.DataFrame({"r": rows, "c": of_record.gather(rows)})
        settled = keep_one(involved, rivals.join(standing.offers, on="c", maintain_order="left_right"))
    else:
        settled = together(involved, records[rows], model) if len(rows) else involved
    said = pl.concat([standing.decided.select(SAID), settled.with_columns(reason(model)).select(SAID)])
    final = at.to_numpy().copy()
    final[rows.to_numpy()] = np.arange(standing.decided.height, said.height)
    return pl.concat([records.select(COLUMNS[:5]), said.select(pl.all().gather(final))], how="horizontal")


def _rivals(decided: pl.DataFrame, at: pl.Series) -> pl.Series:
    """The records that are linked to a person to whom others are linked too."""
    person = decided.select(pl.when(pl.col("decision") == "link").then("p")).to_series().gather(at)
    return _numbers(person.is_duplicated() & person.is_not_null())


def _groups(decided: pl.DataFrame, at: pl.Series, records: pl.DataFrame) -> pl.Series:
    """The records of groups in which one is to be reviewed."""
    if "group_key" not in records.columns:
        return pl.Series([], dtype=pl.Int32)
    frame = records.select("group_key", review=(decided["decision"] == "review").gather(at))
    wanted = pl.col("group_key").is_not_null() & pl.col("review").any().over("group_key")
    return _numbers(frame.select(wanted).to_series())


def _numbers(wanted: pl.Series) -> pl.Series:
    return wanted.arg_true().cast(pl.Int32)
