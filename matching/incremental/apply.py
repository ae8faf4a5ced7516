"""Turns decided contents into links of records: which record gets a person that several want, and the reason.

Many records may have one content, and records compete for a person (matching/assign.py) or settle one another
(matching/groups.py). Both concern few records, so only these are taken out; the others get what their content got.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from matching.assign import keep_one
from matching.explanation.reason import reason
from matching.groups import settle_groups
from matching.incremental.memory import Decisions
from matching.model import Model
from matching.records import filled_of
from matching.stages import COLUMNS
from matching.verdicts import Judged, told_in_reason

LINK_COLUMNS = COLUMNS[5:]
"""Columns of the links that linking computes; the others are the record's."""


class ContentDecisions(NamedTuple):
    """The decision of every content, in rows that are found through `at`."""

    decided: pl.DataFrame
    at: pl.Series
    """Row of `decided` for each content."""
    offers: pl.DataFrame

    @classmethod
    def of(cls, before: Decisions | None, tonight: Decisions, contents: pl.Series, height: int) -> "ContentDecisions":
        """Tonight's decisions of `contents`, and for the others (of `height` in all) the decisions of before."""
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
        """The decisions of the given contents (sorted), numbered anew."""
        decided = self.decided.select(pl.all().gather(self.at.gather(contents)))
        new = pl.DataFrame({"c": contents}).with_row_index("new").with_columns(pl.col("new").cast(pl.Int32))
        offers = self.offers.join(new, on="c", maintain_order="left").select(
            pl.col("new").alias("c"), pl.exclude("c", "new")
        )
        return Decisions(decided, offers)


def apply_decisions(
    records: pl.DataFrame,
    of_record: pl.Series,
    content_decisions: ContentDecisions,
    model: Model,
    *,
    one: bool,
    judged: Judged | None = None,
) -> pl.DataFrame:
    """The links, a row a record. `of_record` is each record's content; `judged` are decided as humans told."""
    at, decided = content_decisions.at.gather(of_record), content_decisions.decided
    if judged is not None:
        told = judged.decided.with_columns(reason(model))
        at = _put(at, told["r"], decided.height)
        decided = pl.concat([decided, told.select(decided.columns)])
    rows = _rivals(decided, at) if one else _groups(decided, at, records)
    offers = _offers(rows, of_record, content_decisions, judged)
    if one:
        rows = _with_holders(rows, decided, at, offers)
    involved = decided.select(pl.all().gather(at.gather(rows))).insert_column(0, rows.alias("r"))
    if one:
        involved = involved.with_columns(filled_of(records)[rows])
        settled = keep_one(involved, offers, model, judged and judged.certain)
    else:
        settled = settle_groups(involved, records[rows], model) if len(rows) else involved
    said = pl.concat([decided.select(LINK_COLUMNS), settled.with_columns(reason(model)).select(LINK_COLUMNS)])
    final = _put(at, rows, decided.height)
    links = pl.concat([records.select(COLUMNS[:5]), said.select(pl.all().gather(final))], how="horizontal")
    return links if judged is None else told_in_reason(links, judged.phrases)


def _put(at: pl.Series, rows: pl.Series, start: int) -> pl.Series:
    """`at` with the rows' places counted from `start`."""
    changed = at.to_numpy().copy()
    changed[rows.to_numpy()] = np.arange(start, start + len(rows))
    return pl.Series(changed)


def _offers(
    rows: pl.Series, of_record: pl.Series, content_decisions: ContentDecisions, judged: Judged | None
) -> pl.DataFrame:
    """The further likely persons of these records."""
    rivals = pl.DataFrame({"r": rows, "c": of_record.gather(rows)})
    found = rivals.join(content_decisions.offers, on="c", maintain_order="left_right").drop("c")
    if judged is None:
        return found
    theirs = found.filter(~pl.col("r").is_in(judged.decided["r"].implode()))
    ours = judged.offers.filter(pl.col("r").is_in(rows.implode())).select(found.columns)
    return pl.concat([theirs, ours]).sort("r", "p")


def _rivals(decided: pl.DataFrame, at: pl.Series) -> pl.Series:
    """The records that are linked to a person to whom others are linked too."""
    person = _linked(decided, at)
    return _numbers(person.is_duplicated() & person.is_not_null())


def _with_holders(rows: pl.Series, decided: pl.DataFrame, at: pl.Series, offers: pl.DataFrame) -> pl.Series:
    """These records and those that are linked, alone, to a person whom one of these could have instead."""
    holders = _numbers(_linked(decided, at).is_in(offers["p"].unique().implode()).fill_null(False))
    return pl.concat([rows, holders]).unique().sort()


def _linked(decided: pl.DataFrame, at: pl.Series) -> pl.Series:
    """The person whom each record is linked to."""
    return decided.select(pl.when(pl.col("decision") == "link").then("p")).to_series().gather(at)


def _groups(decided: pl.DataFrame, at: pl.Series, records: pl.DataFrame) -> pl.Series:
    """The records of groups in which one is to be reviewed."""
    if "group_key" not in records.columns:
        return pl.Series([], dtype=pl.Int32)
    frame = records.select("group_key", review=(decided["decision"] == "review").gather(at))
    wanted = pl.col("group_key").is_not_null() & pl.col("review").any().over("group_key")
    return _numbers(frame.select(wanted).to_series())


def _numbers(wanted: pl.Series) -> pl.Series:
    return wanted.arg_true().cast(pl.Int32)
