"""One person, one record: which of the records that want a person gets them.

The assignment is the one with the greatest total weight, not the first that fits (Kuhn–Munkres, by shortest augmenting
paths: Jonker & Volgenant 1987). Nearly always records that want the same person want nobody else, and the strongest
has them; only where a record has a second likely person does it take more than a sort.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

LIKELY = 1e-3
"""A person whom the record is less probably than this is not offered to it."""
CERTAIN = 1e6
"""What a person weighs whom a human named: more than any evidence."""
LARGEST = 400
"""Records in one tangle; of a larger one each record keeps to its best person."""


def keep_one(decided: pl.DataFrame, weighed: pl.DataFrame, certain: pl.Series | None = None) -> pl.DataFrame:
    """The decisions with each person linked to one record only; the records that go without are reviewed.

    Shape: the rows of `decided`, in their order. `weighed` are all scored pairs (`r`, `p`, `weight`, `person_id`,
    `life`). A record that loses its person to a stronger one gets its next likely person for review, if it has one
    (`ambiguous`), or stays with the person as a `duplicate`. Ties go to the record that agrees in more, then to the
    first. `certain` are the records whose person a human named: they go before all others.
    """
    linked = decided.filter(pl.col("decision") == "link")
    contested = linked.group_by("p").len().filter(pl.col("len") > 1)["p"]
    if contested.is_empty():
        return decided
    rivals = linked.filter(pl.col("p").is_in(contested.implode()))
    offers = _offers(rivals, weighed, certain)
    winners = pl.concat([_simple(rivals, offers), _tangled(offers)])
    moved = rivals.select("r", was="p").join(winners, on="r", how="left", maintain_order="left")
    return _apply(decided, moved, weighed)


def _offers(rivals: pl.DataFrame, weighed: pl.DataFrame, certain: pl.Series | None) -> pl.DataFrame:
    """Whom each of the rival records could have: `r`, `p`, `weight`, `order` (who goes first at equal weight)."""
    is_certain = pl.col("r").is_in((rivals["r"].clear() if certain is None else certain).implode())
    order = rivals.sort(
        [~is_certain, pl.col("status") != "agreed", pl.col("differs") != "", -pl.col("weight"), pl.col("r")]
    ).select("r", order=pl.int_range(pl.len()))
    own = rivals.select("r", "p", weight=pl.when(is_certain).then(CERTAIN).otherwise("weight"))
    others = (
        weighed.join(own.select("r", best="p", top="weight"), on="r", how="inner")
        .filter((pl.col("p") != pl.col("best")) & (pl.col("weight") > 0))
        .filter(pl.lit(2.0) ** (pl.col("weight") - pl.col("top")) > LIKELY)
        .select("r", "p", "weight")
    )
    return pl.concat([own, others]).join(order, on="r").sort("r", "p")


def _simple(rivals: pl.DataFrame, offers: pl.DataFrame) -> pl.DataFrame:
    """The winner (`r`, `p`) of each person whose rivals want nobody else."""
    alone = offers.filter(pl.len().over("r") == 1)
    only = pl.len().over("p") == pl.col("alone").sum().over("p")
    marked = offers.join(alone.select("r", alone=pl.lit(True)), on="r", how="left").with_columns(
        pl.col("alone").fill_null(False)
    )
    return marked.filter(only).sort("p", "order").unique("p", keep="first", maintain_order=True).select("r", "p")


def _tangled(offers: pl.DataFrame) -> pl.DataFrame:
    """The pairs of the best assignment among the records that _simple does not settle."""
    schema = {"r": offers.schema["r"], "p": offers.schema["p"]}
    found = [pair for tangle in _tangles(offers) for pair in _solve(tangle)]
    return pl.DataFrame(found, schema=schema, orient="row")


def _tangles(offers: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Records that are tied together by persons whom more than one could have, where one has a choice."""
    frame = offers.with_columns(tangle=pl.col("r").cast(pl.Int64))
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


def _solve(tangle: pl.DataFrame) -> list[tuple[int, int]]:
    """(r, p) of the best assignment of one tangle; records that get nobody are left out."""
    records = tangle["r"].unique(maintain_order=True).to_list()
    persons = tangle["p"].unique().sort().to_list()
    if len(records) > LARGEST:
        first = tangle.sort(["p", "weight", "order"], descending=[False, True, False]).unique("p", keep="first")
        return list(first.unique("r", keep="first", maintain_order=True).sort("r").select("r", "p").iter_rows())
    row, column = ({value: at for at, value in enumerate(values)} for values in (records, persons))
    # A column of "nobody" for each record; nobody weighs 0.
    gain = np.full((len(records), len(persons) + len(records)), -1e6)
    gain[:, len(persons) :] = 0.0
    for r, p, weight in tangle.select("r", "p", "weight").iter_rows():
        gain[row[r], column[p]] = weight
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


def _apply(decided: pl.DataFrame, moved: pl.DataFrame, weighed: pl.DataFrame) -> pl.DataFrame:
    """The decisions with what the rivals lost or got instead."""
    lost = moved.filter(pl.col("p").is_null())["r"]
    instead = moved.filter(pl.col("p").is_not_null() & (pl.col("p") != pl.col("was"))).select("r", "p")
    is_lost, is_moved = pl.col("r").is_in(lost.implode()), pl.col("r").is_in(instead["r"].implode())
    frame = decided.with_columns(
        decision=pl.when(is_lost | is_moved).then(pl.lit("review")).otherwise("decision"),
        status=pl.when(is_lost).then(pl.lit("duplicate")).when(is_moved).then(pl.lit("ambiguous")).otherwise("status"),
    )
    if instead.is_empty():
        return frame
    other = weighed.join(instead, on=["r", "p"]).select("r", "p", "person_id", "life", "weight")
    return frame.update(other, on="r", how="left")
