"""How strongly a pair's levels speak for it being the same person: bits, then a posterior over the candidates.

Source: Fellegi & Sunter (1969), A theory for record linkage. m as stated in weights.json, u counted in the registry
where the level has a `tf`. This is the seam that a trained model replaces: levels in, `weight` out.
"""

import math

import polars as pl

from matching.model import Comparison, Level, Model

_DIGITS = 6
"""Weights are rounded here, so that no machine's last bit reaches an output."""

FREQUENCIES = {
    "name": ("name_key_l", "name_key_r"),
    "ends": ("ends_l",),
    "date": ("date_of_birth_r",),
    "year": ("birth_year_r",),
    "commune": ("commune_code_r",),
    "province": ("province_code_r",),
}
"""Kind of frequency → columns of the pair; of several the commonest value counts."""


def prior_bits(model: Model, people: int) -> float:
    """Bits for one given person against nobody, before looking: (share in the registry / people) / share not."""
    inside = model.weights.prior.in_registry
    return math.log2(inside / (1 - inside) / max(people, 1))


def add_shares(pairs: pl.DataFrame, counts: dict[str, pl.DataFrame], people: int) -> pl.DataFrame:
    """The pairs with `share_<kind>`: which part of the registry has the value, 0 if nobody has it."""
    for kind, columns in FREQUENCIES.items():
        found = []
        for column in columns:
            count = counts[kind].rename({"value": column, "people": f"_{column}"})
            pairs = pairs.join(count, on=column, how="left", maintain_order="left")
            found.append(f"_{column}")
        share = pl.max_horizontal(pl.col(name).fill_null(0) for name in found) / max(people, 1)
        pairs = pairs.with_columns(share.alias(f"share_{kind}")).drop(found)
    return pairs.with_columns(share_person=pl.lit(1 / max(people, 1)))


def field_weight(comparison: Comparison, model: Model, people: int) -> pl.Expr:
    """Bits of one field, from its level number and the shares."""
    stated = model.weights.prior.stated_people
    trust = stated / (people + stated)
    bits = pl.lit(0.0)
    for number, level in enumerate(comparison.level):
        if level.grade != "missing":
            worth = _bits(level, *model.weights.levels[comparison.field][level.label], trust)
            bits = pl.when(pl.col(comparison.field) == number).then(worth).otherwise(bits)
    return bits


def add_weight(pairs: pl.DataFrame, model: Model, people: int) -> pl.DataFrame:
    """The pairs with their match weight.

    Shape: same rows, same order; adds `weight`. Units: bits (log2 odds against nobody, prior included).
    """
    total = pl.sum_horizontal(field_weight(comparison, model, people) for comparison in model.comparison)
    return pairs.with_columns(weight=(total + prior_bits(model, people)).round(_DIGITS))


def agreed_weight(model: Model, people: int) -> float:
    """Bits of a pair whose four fields agree, with u of weights.json for all but the number: a lower bound."""
    levels = model.weights.levels
    name, birth, sex = (levels[field]["same"] for field in ("name", "birth", "sex"))
    number = (levels["id"]["same"][0], 1 / max(people, 1))
    total = math.fsum(math.log2(m / u) for m, u in (name, birth, sex, number))
    return round(total + prior_bits(model, people), _DIGITS)


def probability(weight: float) -> float:
    """The posterior of a lone candidate: 1 / (1 + 2^-weight), without overflow."""
    return round(1 / (1 + math.exp2(-max(-1000.0, min(weight, 1000.0)))), _DIGITS)


def add_posterior(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with `probability`: namesakes of a record share it with one another and with nobody.

    Shape: same rows; needs `r`, `weight`, sorted by `r`.
    """
    top = pl.max_horizontal(pl.col("weight").max().over("r"), pl.lit(0.0))
    share = (pl.lit(2.0) ** (pl.col("weight") - top)).alias("share")
    nobody = pl.lit(2.0) ** -top
    return (
        pairs.with_columns(share, nobody.alias("nobody"))
        .with_columns(
            probability=(pl.col("share") / (pl.col("share").sum().over("r") + pl.col("nobody"))).round(_DIGITS)
        )
        .drop("share", "nobody")
    )


def _bits(level: Level, m: float, u: float, trust: float) -> pl.Expr:
    """log2(m / u); u is counted in the registry, drawn to the stated one by `trust`: a small registry counts badly."""
    if level.tf is None:
        return pl.lit(math.log2(m / u))
    share = pl.col(f"share_{level.tf}") * level.times
    counted = share if level.tf == "person" else share * (1 - trust) + u * trust
    return (pl.lit(m) / counted).log(2)
