"""Scores candidate pairs: match weight in bits from the levels, then a posterior over the record's candidates.

Source: Fellegi & Sunter (1969), A theory for record linkage. A field's weight is log2(m / u): m from weights.json for
what the record's value shows of itself, u from the person's rarity in the registry. Beside "this person" and "nobody
here" stands a third hypothesis, "a near relative of this person who is not in the registry": what twins and siblings
share is evidence for both, so it cannot decide between them.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from matching.model import Comparison, Level, Model, Relative
from matching.term_frequency import PREFIX, UNITS_PER_BIT

LEAST_SEX = -6
"""Lowest weight of sex in bits: one record in 64 has the wrong sex, whatever the name."""
LEAST_WORTH = -20.0
"""Lowest weight in bits of one field for a relative."""
_DIGITS = 6
"""Weights are rounded here, so that no machine's last bit reaches an output."""


def prior_bits(model: Model, people: int) -> float:
    """Prior weight in bits of one given person against nobody: (share in the registry / people) / share not.

    In whole sixteenths, so that one person more or less changes nothing.
    """
    inside = model.weights.prior.in_registry
    return _rounded(math.log2(inside / (1 - inside))) - _rounded(math.log2(max(people, 1)))


def relative_prior(model: Model, name: str, people: int) -> float:
    """Prior weight in bits of one given person's relative of that kind against nobody; in whole sixteenths."""
    each = model.weights.relatives[name].each
    return _rounded(math.log2(max(each, 1e-9))) - _rounded(math.log2(max(people, 1)))


def add_bits(pairs: pl.DataFrame, model: Model, people: int) -> pl.DataFrame:
    """The pairs with their match weight.

    Shape: same rows, same order; adds `bits_<field>` for each comparison, `weight` (their sum and the prior) and
    `relative`, the weight of the person's relatives. Needs a level number and a kind number (`kind_<field>`) for each
    field, and the person's rarities. Units: bits, log2 odds against nobody.
    """
    rarity_of_person = -_rounded(math.log2(max(people, 1)))
    frame = pairs.with_columns(pl.lit(rarity_of_person * UNITS_PER_BIT).alias(f"{PREFIX}person"))
    frame = frame.with_columns(_given_the_rest(model))
    frame = frame.with_columns(
        _log_u(comparison, model).alias(f"u_{comparison.field}") for comparison in model.comparison
    )
    frame = frame.with_columns(
        (pl.lit(log_m(comparison, model)).gather(cell(comparison)) - pl.col(f"u_{comparison.field}")).alias(
            f"bits_{comparison.field}"
        )
        for comparison in model.comparison
    )
    prior = prior_bits(model, people)
    total = pl.sum_horizontal(pl.col(f"bits_{comparison.field}") for comparison in model.comparison)
    relatives = {
        f"bits_as_{name}": _relative_bits(name, relative, model, people)
        for name, relative in model.weights.relatives.items()
    }
    return (
        frame.with_columns(weight=(total + prior).round(_DIGITS), **relatives)
        .with_columns(relative=_log_sum([pl.col(name) for name in relatives]).round(_DIGITS))
        .drop(f"{PREFIX}person", *(f"u_{comparison.field}" for comparison in model.comparison))
    )


def add_posterior(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with `probability`: namesakes share it with one another, with their relatives and with nobody.

    Shape: same rows; needs `r`, `weight`, `relative`.
    """
    top = pl.max_horizontal(pl.col("weight").max().over("r"), pl.col("relative").max().over("r"), pl.lit(0.0))
    return (
        pairs.with_columns(top.alias("_top"))
        .with_columns(
            (pl.lit(2.0) ** (pl.col("weight") - pl.col("_top"))).alias("_share"),
            (pl.lit(2.0) ** (pl.col("relative") - pl.col("_top"))).alias("_other"),
            (pl.lit(2.0) ** -pl.col("_top")).alias("_nobody"),
        )
        .with_columns(
            probability=(
                pl.col("_share") / ((pl.col("_share") + pl.col("_other")).sum().over("r") + pl.col("_nobody"))
            ).round(_DIGITS)
        )
        .drop("_top", "_share", "_other", "_nobody")
    )


def add_belief(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of `add_posterior` with `belief_<relative>`: the probability that the record is about that relative."""
    names = [name.removeprefix("bits_as_") for name in pairs.columns if name.startswith("bits_as_")]
    believed = add_posterior(pairs)
    log_all = pl.col("weight") - pl.col("probability").log(2)
    return believed.with_columns(
        pl.when(pl.col("probability") > 0)
        .then(pl.lit(2.0) ** (pl.col(f"bits_as_{name}") - log_all))
        .otherwise(0.0)
        .clip(0, 1)
        .alias(f"belief_{name}")
        for name in names
    )


def cell(comparison: Comparison) -> pl.Expr:
    """The index of a pair in `log_m`: kind × levels + level."""
    return pl.col(f"kind_{comparison.field}").cast(pl.UInt32) * len(comparison.level) + pl.col(comparison.field)


def log_m(comparison: Comparison, model: Model) -> pl.Series:
    """Bits of m of each level of each kind; 0 where the level says nothing."""
    m = model.weights.m[comparison.field]
    counts = [(level.grade != "missing", level.label) for level in comparison.level]
    return pl.Series(
        [math.log2(m[kind][label]) if says else 0.0 for kind in comparison.kinds() for says, label in counts],
        dtype=pl.Float64,
    )


def calibrated(posterior: pl.Expr, points: Sequence[tuple[float, float]]) -> pl.Expr:
    """The calibrated probability of a posterior: straight lines between the points measured on known truth."""
    found = pl.lit(1.0)
    for (low, observed_low), (high, observed_high) in reversed(list(pairwise(points))):
        slope = (observed_high - observed_low) / (high - low)
        found = pl.when(posterior < high).then(observed_low + (posterior - low) * slope).otherwise(found)
    return found.round(_DIGITS)


def _relative_bits(name: str, relative: Relative, model: Model, people: int) -> pl.Expr:
    """Weight of the hypothesis that the record is about such a relative of the person, against nobody."""
    bits = pl.lit(relative_prior(model, name, people))
    for field, levels in relative.levels.items():
        comparison = model.find(field)
        shares = {comparison.number(label): math.log2(share) for label, share in levels.items()}
        stated = pl.Series([shares.get(number) for number in range(len(comparison.level))], dtype=pl.Float64)
        worth = pl.lit(stated).gather(pl.col(field)) - pl.col(f"u_{field}")
        # No relative is more of a stranger than a stranger is; a level that is not stated says nothing.
        bits = bits + worth.clip(lower_bound=LEAST_WORTH).fill_null(0.0)
    return bits


def _log_u(comparison: Comparison, model: Model) -> pl.Expr:
    """log2 of the share of strangers at the pair's level; 0 where the level says nothing."""
    rare: pl.Expr = pl.lit(0, dtype=pl.Int16)
    says = {number: level.rarity for number, level in enumerate(comparison.level) if level.grade != "missing"}
    for name in sorted({name for name in says.values() if name is not None}):
        numbers = [number for number, rarity in says.items() if rarity == name]
        rare = pl.when(pl.col(comparison.field).is_in(numbers)).then(pl.col(f"{PREFIX}{name}")).otherwise(rare)
    added = pl.Series([_added(level, comparison, model) for level in comparison.level], dtype=pl.Float64)
    return pl.min_horizontal(rare / UNITS_PER_BIT + pl.lit(added).gather(pl.col(comparison.field)), pl.lit(0.0))


def _added(level: Level, comparison: Comparison, model: Model) -> float:
    """What is added to the rarity of a level; where it has none, all of log2 u."""
    if level.grade == "missing":
        return 0.0
    return level.shift if level.rarity is not None else math.log2(model.weights.u[comparison.field][level.label])


def _given_the_rest(model: Model) -> list[pl.Expr]:
    """The rarities that count only beside others, as they count in each pair.

    The first six digits of a number follow from birth year, sex and province: where these agree, the digits say little
    more. A name tells the sex, but only of those who are called so; a clerk's slip bounds what that can be worth.
    """
    same_year = ~pl.col("birth").is_in(model.find("birth").numbers("missing", "clash", "month_day", "slip"))
    same_sex = pl.col("sex").is_in(model.find("sex").numbers("same"))
    same_name = pl.col("name").is_in(model.find("name").numbers("same", "close", "weak"))
    cell, alone = pl.col(f"{PREFIX}cell"), pl.col(f"{PREFIX}cell_alone")
    sexes = [
        pl.when(same_name)
        .then(pl.max_horizontal(pl.col(f"{PREFIX}{name}"), pl.lit(LEAST_SEX * UNITS_PER_BIT)))
        .otherwise(-UNITS_PER_BIT)
        .alias(f"{PREFIX}{name}")
        for name in ("sex", "other_sex")
    ]
    return [pl.when(same_year & same_sex).then(cell).otherwise(alone).alias(f"{PREFIX}cell"), *sexes]


def _log_sum(terms: list[pl.Expr]) -> pl.Expr:
    """log2 of the sum of powers of 2; very small if there are none."""
    if not terms:
        return pl.lit(-1000.0)
    top = pl.max_horizontal(terms)
    return top + pl.sum_horizontal(pl.lit(2.0) ** (term - top) for term in terms).log(2)


def _rounded(bits: float) -> float:
    return round(bits * UNITS_PER_BIT) / UNITS_PER_BIT
