"""Puts the decisions of humans in the place of the model's.

`same`: the record is about this person; `different`: it is not about this person; `nobody`: it is about nobody in the
registry. Status, weight and probability stay those of the usual rules and of the model: a human says who it is, not how
well the record says so; the reason tells that a human decided.
"""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from matching import snapshot
from matching.decide import decide
from matching.explanation.reason import templates
from matching.model import Model
from matching.offers import figures, offers
from matching.records import prepare
from matching.stages import LinkOptions, find_candidates, weigh

SCHEMA = {"r": pl.Int32, "verdict": pl.String, "person_id": pl.String}
"""Columns of verdicts: `r` is the row of the records; `person_id` is null where the verdict is `nobody`."""

_SEEN = ["r", "p", "weight", "relative"]


class Judged(NamedTuple):
    """The records that humans decided about; `r` is the row of the records."""

    decided: pl.DataFrame
    """Decisions as `decide` gives them, sorted by r."""
    offers: pl.DataFrame
    """Other persons that the records could be about, as `keep_one` reads them."""
    certain: pl.Series
    """Rows of the records whose person a human named, sorted."""
    phrases: pl.DataFrame
    """Columns `r` and the beginning of the reason."""


def judge(records: pl.DataFrame, registry: Path, verdicts: pl.DataFrame, options: LinkOptions, model: Model) -> Judged:
    """The decisions about the records that have verdicts (SCHEMA); `model` has tonight's habits."""
    rows = verdicts["r"].unique().sort()
    told = verdicts.with_columns(rows.search_sorted(verdicts["r"]).cast(pl.Int32).alias("r"))
    named = told.filter(pl.col("verdict") == "same").select("r", "person_id")
    prepared = prepare(records[rows])
    with snapshot.connect(registry, options.threads, options.memory_mb, options.model) as connection:
        people = snapshot.size(connection)
        looked = find_candidates(connection, prepared, options.model, options, step=1, also=named)
    by_model = weigh(looked, model, people)
    own, alone = _own(*by_model, model), by_model[0].unique("r", keep="first", maintain_order=True)
    held = decide(prepared, alone, looked.owned, model)["held"]
    allowed = looked._replace(pairs=_allowed(looked.pairs, told), agreed=_allowed(looked.agreed, told))
    best, weighed = weigh(allowed, model, people)
    is_named = pl.col("r").is_in(named["r"].implode())
    decided = decide(prepared, _sure(best, is_named), looked.owned, model)
    decided = decided.update(own.filter(is_named), on=["r", "p"], how="left").with_columns(
        decision=pl.when(is_named & pl.col("p").is_not_null()).then(pl.lit("link")).otherwise("decision")
    )
    # What kept the model from deciding stays told, so that its reviews can be counted beside the answers.
    decided = decided.with_columns(held=pl.when(pl.col("decision") == "review").then("held").otherwise(held))
    back = rows.gather(pl.int_range(len(rows), eager=True)).cast(pl.Int32)
    others = offers(weighed, model)
    decided, others = (table.with_columns(back.gather(table["r"]).alias("r")) for table in (decided, others))
    return Judged(decided, others, back.gather(named["r"].unique().sort()), _phrases(verdicts))


def told_in_reason(links: pl.DataFrame, phrases: pl.DataFrame) -> pl.DataFrame:
    """The links, a row a record, with a human's decision told at the beginning of the reason."""
    numbered = links.with_row_index("r").with_columns(pl.col("r").cast(pl.Int32))
    told = numbered.join(phrases, on="r", how="left", maintain_order="left").drop("r")
    whole = pl.concat_str(["phrase", "reason"], separator=" ")
    return told.with_columns(reason=pl.coalesce(whole, "reason")).drop("phrase")


def _phrases(verdicts: pl.DataFrame) -> pl.DataFrame:
    said = templates()["human"]
    # Beside `same` or `nobody`, that others were ruled out need not be said.
    first = verdicts.sort("r", pl.col("verdict").replace_strict({name: at for at, name in enumerate(said)}))
    return first.unique("r", keep="first", maintain_order=True).select(
        "r", phrase=pl.col("verdict").replace_strict(said)
    )


def _own(best: pl.DataFrame, weighed: pl.DataFrame, model: Model) -> pl.DataFrame:
    """What the model itself says of every pair: `r, p, probability, margin`."""
    agreed = best.join(weighed, on=["r", "p"], how="anti")
    return figures(pl.concat([weighed.select(_SEEN), agreed.select(_SEEN)]), model)


def _allowed(pairs: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """The pairs that the verdicts leave."""
    of = {verdict: told.filter(pl.col("verdict") == verdict) for verdict in ("same", "different", "nobody")}
    left = pairs.join(of["nobody"], on="r", how="anti").join(of["different"], on=["r", "person_id"], how="anti")
    others = left.join(of["same"], on="r", how="semi").join(of["same"], on=["r", "person_id"], how="anti")
    return left.join(others, on=["r", "p"], how="anti")


def _sure(best: pl.DataFrame, is_named: pl.Expr) -> pl.DataFrame:
    """The candidates, those whom a human named as if nothing spoke against them."""
    nothing: dict[str, object] = {
        "probability": 1.0, "somebody": 1.0, "margin": 1e3, "contender": False, "rival": False, "barred": None,
        "barred_owned": None, "plausible": True, "askable": False,
    }  # fmt: skip
    return best.with_columns(
        pl.when(is_named).then(pl.lit(value, dtype=best.schema[name])).otherwise(name).alias(name)
        for name, value in nothing.items()
    )
