"""Plans a sector file: its people, with a kind of record and error codes for each."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.synthetic.chance import Bools, Chance, Ints, Weighted
from pipelines.synthetic.profiles import KINDS, Profile, Shares

FIELDS = ("name", "dob", "sex", "id")
CANCELLED_SHARE = 0.2
"""Share of records with a wrong number where that is the holder's own, cancelled one (assumption)."""
NEW_STYLE_SHARE = 0.065
"""Share of names with a final oa, oe, uy whose tone is typed on the second vowel (domain.md 4.2, measured)."""
NEW_STYLE_SYLLABLE = r"[òóỏõọ][ae](\s|$)|[^qQ\s][ùúủũụ]y(\s|$)"
OUTSIDE = {
    "not_in_registry": pl.col("registered").not_(),
    "deceased": pl.col("registered") & (pl.col("status") == "deceased"),
}
"""Kinds whose people are not the living of the registry."""


@dataclass(frozen=True)
class Pools:
    """Rows of the chunk that a sector may take its people from, in random order."""

    living: Ints
    siblings: Ints
    renumbered: Ints
    """Rows of people whose first number was cancelled."""
    outside: dict[str, Ints]


def pools(people: pl.DataFrame, eligible: pl.Expr, chance: Chance) -> Pools:
    """The chunk's people whom the sector concerns."""
    flags = people.select(
        living=eligible & pl.col("registered") & (pl.col("status") == "alive"),
        sibling=pl.col("twin") | (pl.col("sibling").is_not_null() & (pl.col("serial") % 3 == 0)),
        **{kind: eligible & test for kind, test in OUTSIDE.items()},
    )
    order = chance.order(people.height)

    def rows(mask: pl.Series) -> Ints:
        chosen: Ints = order[mask.to_numpy()[order]]
        return chosen

    return Pools(
        living=rows(flags["living"]),
        siblings=rows(flags["living"] & flags["sibling"]),
        renumbered=rows(flags["living"] & people["cancelled_id"].is_not_null()),
        outside={kind: rows(flags[kind]) for kind in OUTSIDE},
    )


def people_and_kinds(pools: Pools, profile: Profile, size: int, repeats: float, chance: Chance) -> pl.DataFrame:
    """`row` (in the chunk) and `kind` of up to `size` records in random order; with `repeats`, some people stand twice.

    Shape: fewer rows only where the chunk has too few people whom the sector concerns.
    """
    kind = Weighted.of(list(KINDS), _shares(profile)).pick(chance.uniform(size))
    row = np.full(size, -1, dtype=np.int64)
    for name, pool in pools.outside.items():
        wanted = np.flatnonzero(kind == name)
        row[wanted[: len(pool)]] = pool[: len(wanted)]
        kind[wanted[len(pool) :]] = "exact"
    wanted = np.flatnonzero((kind == "wrong_id") & chance.hits(CANCELLED_SHARE, size))
    row[wanted[: len(pools.renumbered)]] = pools.renumbered[: len(wanted)]
    if profile.siblings_first:
        wanted = np.flatnonzero(kind == "no_id")
        siblings = pools.siblings[~np.isin(pools.siblings, row)]
        row[wanted[: len(siblings)]] = siblings[: len(wanted)]
    free = pools.living[~np.isin(pools.living, row)]
    wanted = np.flatnonzero(row < 0)
    again = chance.hits(repeats, len(wanted))
    again[:1] = False
    nth = np.cumsum(~again) - 1
    found = nth < len(free)
    row[wanted[found]] = free[nth[found]]
    plan = pl.DataFrame({"row": row, "kind": pl.Series(kind.tolist(), dtype=pl.String)})
    return plan.filter(pl.col("row") >= 0)


def codes(records: pl.DataFrame, profile: Profile, chance: Chance) -> pl.DataFrame:
    """The code planned for each field of each record (`name`, `dob`, `sex`, `id`; null for none).

    `records` has `kind`, `alike`, `full_name`, `cancelled_id` and `other_names`.
    """
    size = records.height
    kind, alike = records["kind"].to_numpy(), records["alike"].to_numpy()
    field = Weighted.of(list(profile.fields), list(profile.fields.values())).pick(chance.uniform(size))
    field = np.where(kind == "repairable", field, "")
    bad_number = np.isin(kind, ["no_id", "wrong_id", "not_in_registry", "deceased"])
    also = bad_number & chance.hits(profile.also_wrong, size)
    several = (field == "several") | (also & chance.hits(0.15, size))
    first = chance.uniform(size)
    name = several | (field == "name") | (also & (first < 0.6))
    dob = several | (field == "dob") | (also & (first >= 0.6))
    plain = chance.hits(profile.lossless, size)
    place = chance.uniform(size)
    planned = {
        "name": [(plain & (place < 0.5), "name_lossless"), (field == "name_lossless", "name_lossless"), (name, "name")],
        "dob": [(plain & (place >= 0.5) & (place < 0.8), "dob_lossless"), (dob, "dob")],
        "sex": [(field == "sex", "sex")],
        "id": [
            (plain & (place >= 0.8), "id_lossless"),
            ((field == "id") | (several & (kind == "repairable") & chance.hits(0.3, size)), "id"),
            ((kind == "no_id") | ((kind == "not_in_registry") & chance.hits(0.35, size)) | alike, "no_id"),
            (kind == "wrong_id", "wrong_id"),
        ],
    }
    frame = pl.DataFrame({name: _codes(layers, profile.codes, chance, size) for name, layers in planned.items()})
    return _known_past(frame, records, profile, chance)


def _codes(layers: list[tuple[Bools, str]], weights: dict[str, Shares], chance: Chance, size: int) -> pl.Series:
    """A code for each row from the last of the layers that covers it."""
    code = np.full(size, "", dtype=object)
    for rows, family in layers:
        drawn = Weighted.of(list(weights[family]), list(weights[family].values())).pick(chance.uniform(size))
        code[rows] = drawn[rows]
    return pl.Series(code.tolist(), dtype=pl.String).replace("", None)


def _known_past(planned: pl.DataFrame, records: pl.DataFrame, profile: Profile, chance: Chance) -> pl.DataFrame:
    """The plan where sectors hold a cancelled number or a former name of people who had one, or type the new style."""
    old_id = (records["kind"] == "wrong_id") & records["cancelled_id"].is_not_null()
    right = (records["kind"] == "exact") & planned["name"].is_null()
    kept = pl.Series(chance.hits(min(0.35, 10 * profile.kinds.get("wrong_id", 0.0)), records.height))
    old_name = right & records["other_names"].is_not_null() & kept
    typed = pl.Series(chance.hits(NEW_STYLE_SHARE, records.height))
    new_style = right & records["full_name"].str.contains(NEW_STYLE_SYLLABLE) & typed
    name = pl.when(old_name).then(pl.lit("name_former")).when(new_style).then(pl.lit("name_tone_new")).otherwise("name")
    number = pl.when(old_id).then(pl.lit("id_cancelled")).otherwise("id")
    return planned.with_columns(name=name, id=number)


def _shares(profile: Profile) -> list[float]:
    """Shares of `KINDS`; what is left over is exact."""
    shares = {kind: share for kind, share in profile.kinds.items() if kind != "exact"}
    return [max(0.0, 1 - sum(shares.values())), *(shares.get(kind, 0.0) for kind in KINDS[1:])]
