"""Links each person to at most one record: of the records that match a person, one gets the link.

The assignment is the one with the greatest total weight, not the first that fits (Kuhn–Munkres, by shortest augmenting
paths: Jonker & Volgenant 1987). Nearly always records that want the same person want nobody else, and the strongest
has them; only where a record has a second likely person does it take more than a sort.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from matching.decide import GIVEN, given_instead
from matching.model import Model
from matching.offers import again_bits, offered

CERTAIN = 1e6
"""Weight of a person whom a human named: more than any evidence."""
LARGEST = 400
"""Most records in one connected group of rivals; in a larger one each record keeps its best person."""
PREFERENCE = (
    pl.col("status") != "agreed",
    pl.col("differs").str.count_matches(",", literal=True) + (pl.col("differs") != "").cast(pl.UInt32),
    -pl.col("filled").cast(pl.Int32),
)
"""Order in which one of a person's records is kept: the one that says what the registry says, in all fields or in
most, then the one with most cells filled; of equal ones the latest, which is the last in the order of the files."""


def keep_one(
    decided: pl.DataFrame, offers: pl.DataFrame, model: Model, certain: pl.Series | None = None
) -> pl.DataFrame:
    """The decisions with one record of each person; the person's further records are marked as duplicates.

    Shape: the rows of `decided`, in their order, with `filled` (`PREFERENCE`). `offers` are the persons whom records
    could have instead (`matching.offers`). A record whose person another one keeps stays linked, as a `duplicate`,
    unless another person whom no record has is likelier than that it says the first once more: then it gets that
    person for review, with all that is said of them. `certain` are the records whose person a human named: they go
    before all others.
    """
    linked = decided.filter(pl.col("decision") == "link")
    contested = linked.group_by("p").len().filter(pl.col("len") > 1)["p"]
    if contested.is_empty():
        return decided
    rivals = linked.filter(pl.col("p").is_in(contested.implode()))
    held = linked.filter(~pl.col("p").is_in(contested.implode()))["p"]
    wanted = _wanted(rivals, offers.filter(~pl.col("p").is_in(held.implode())), certain)
    winners = pl.concat([_simple(wanted), _tangled(wanted, again_bits(model))])
    moved = rivals.select("r", was="p").join(winners, on="r", how="left", maintain_order="left")
    return _apply(decided, moved, offers, model)


def _wanted(rivals: pl.DataFrame, offers: pl.DataFrame, certain: pl.Series | None) -> pl.DataFrame:
    """Whom each of the rival records could have: `r`, `p`, `weight`, `best` (the person it is linked to), `order` (who
    goes first at equal weight)."""
    is_certain = pl.col("r").is_in((rivals["r"].clear() if certain is None else certain).implode())
    order = rivals.sort([~is_certain, *PREFERENCE, -pl.col("r")]).select("r", order=pl.int_range(pl.len()))
    own = rivals.select("r", "p", weight=pl.when(is_certain).then(CERTAIN).otherwise("weight"), best=pl.lit(True))
    others = offers.join(own, on=["r", "p"], how="anti").join(own, on="r", how="semi")
    others = others.select("r", "p", "weight", best=pl.lit(False))
    return pl.concat([own, others]).join(order, on="r").sort("r", "p")


def _simple(wanted: pl.DataFrame) -> pl.DataFrame:
    """The winner (`r`, `p`) of each person whose rivals want nobody else."""
    alone = wanted.with_columns(alone=pl.len().over("r") == 1).filter(pl.col("alone").all().over("p"))
    return alone.sort("p", "order").unique("p", keep="first", maintain_order=True).select("r", "p")


def _tangled(wanted: pl.DataFrame, again: float) -> pl.DataFrame:
    """The pairs of the best assignment among the records that _simple does not settle."""
    schema = {"r": wanted.schema["r"], "p": wanted.schema["p"]}
    found = [pair for tangle in _tangles(wanted) for pair in _solve(tangle, again)]
    return pl.DataFrame(found, schema=schema, orient="row")


def _tangles(wanted: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Records that are tied together by persons whom more than one could have, where one has a choice."""
    frame = wanted.with_columns(tangle=pl.col("r").cast(pl.Int64))
    while True:
        joined = frame.with_columns(tangle=pl.col("tangle").min().over("p")).with_columns(
            tangle=pl.col("tangle").min().over("r")
        )
        if joined["tangle"].equals(frame["tangle"]):
            break
        frame = joined
    choice = frame.filter((pl.len().over("r") > 1).any().over("tangle"))
    for _, tangle in sorted(choice.partition_by("tangle", as_dict=True).items()):
        yield tangle.sort("order", "p")


def _solve(tangle: pl.DataFrame, again: float) -> list[tuple[int, int]]:
    """(r, p) of the best assignment of one tangle; records that say a person once more are left out."""
    records = tangle["r"].unique(maintain_order=True).to_list()
    persons = tangle["p"].unique().sort().to_list()
    if len(records) > LARGEST:
        own = tangle.filter("best").sort(["p", "weight", "order"], descending=[False, True, False])
        return list(own.unique("p", keep="first").sort("r").select("r", "p").iter_rows())
    row, column = ({value: at for at, value in enumerate(values)} for values in (records, persons))
    # Behind the persons a column for each record: that it says its best person once more.
    gain = np.full((len(records), len(persons) + len(records)), -1e6)
    for r, p, weight, best in tangle.select("r", "p", "weight", "best").iter_rows():
        gain[row[r], column[p]] = weight
        if best:
            gain[row[r], len(persons) :] = weight - again
    # The order of preference, worth less than any difference of weights.
    gain[:, : len(persons)] -= np.arange(len(records))[:, None] * 1e-9
    chosen = _assignment(-gain)
    return [(records[at], persons[to]) for at, to in enumerate(chosen) if to < len(persons)]


def _assignment(cost: npt.NDArray[np.float64]) -> list[int]:
    """The column of each row so that the sum of costs is least. Rows ≤ columns."""
    rows, columns = cost.shape
    of_row, of_column = np.zeros(rows + 1), np.zeros(columns + 1)
    owner = np.zeros(columns + 1, dtype=np.int64)
    for each in range(1, rows + 1):
        owner[0], at = each, 0
        least = np.full(columns + 1, np.inf)
        way = np.zeros(columns + 1, dtype=np.int64)
        used = np.zeros(columns + 1, dtype=bool)
        while owner[at]:
            used[at] = True
            reduced = cost[owner[at] - 1] - of_row[owner[at]] - of_column[1:]
            better = ~used[1:] & (reduced < least[1:])
            least[1:][better], way[1:][better] = reduced[better], at
            free = np.where(used, np.inf, least)
            free[0] = np.inf
            nearest = int(free.argmin())
            step = free[nearest]
            of_row[owner[used]] += step
            of_column[used] -= step
            least[~used] -= step
            at = nearest
        while at:
            owner[at], at = owner[way[at]], int(way[at])
    chosen = [0] * rows
    for column in range(1, columns + 1):
        if owner[column]:
            chosen[owner[column] - 1] = column - 1
    return chosen


def _apply(decided: pl.DataFrame, moved: pl.DataFrame, offers: pl.DataFrame, model: Model) -> pl.DataFrame:
    """The decisions with what the rivals lost or got instead."""
    is_lost = pl.col("r").is_in(moved.filter(pl.col("p").is_null())["r"].implode())
    frame = decided.with_columns(status=pl.when(is_lost).then(pl.lit("duplicate")).otherwise("status"))
    instead = moved.filter(pl.col("p") != pl.col("was")).select("r", "p")
    if instead.is_empty():
        return frame
    # Nothing that was said of the first person may stay: every column that speaks of the person is theirs.
    theirs = offers.join(instead, on=["r", "p"]).select(offered(model))
    others = frame.filter(pl.col("r").is_in(instead["r"].implode())).drop(theirs.columns[1:])
    other = given_instead(others.join(theirs, on="r"), model)
    return frame.update(other.select("r", *theirs.columns[1:], *GIVEN), on="r", how="left", include_nulls=True)
