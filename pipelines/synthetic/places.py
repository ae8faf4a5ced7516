"""Draws places of birth and residence: the 63 birth-registration codes, the 34 provinces and their communes."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from pipelines.synthetic.chance import Bools, Chance, Floats, Ints, Weighted
from pipelines.synthetic.tables import REGIONS, numbers, peoples, table


@dataclass(frozen=True)
class Provinces:
    """The 63 provinces of before July 2025; every array has one entry a province."""

    code: Ints
    region: Ints
    merged: Ints
    cmnd_prefix: Ints
    population: Floats
    migrants: Floats


@cache
def provinces() -> Provinces:
    """The provinces, in the order of their codes."""
    frame = table("provinces")
    return Provinces(
        code=numbers(frame, "code").astype(np.int64),
        region=np.array([REGIONS.index(region) for region in frame["region"]], dtype=np.int64),
        merged=numbers(frame, "province_2025").astype(np.int64),
        cmnd_prefix=numbers(frame, "cmnd_prefix").astype(np.int64),
        population=numbers(frame, "population_million"),
        migrants=numbers(frame, "migrant_share"),
    )


@cache
def _communes() -> tuple[Ints, dict[int, tuple[int, int]]]:
    """Codes of the communes of today, grouped by province; for each province where its group begins and its size."""
    today = table("communes", "vn").filter(pl.col("valid_to").is_null()).sort("parent", "code")
    groups = today.group_by("parent", maintain_order=True).agg(pl.len().alias("size"))
    starts = groups.with_columns(pl.col("size").cum_sum().shift(1, fill_value=0).alias("start"))
    index = {int(parent): (start, size) for parent, size, start in starts.rows()}
    return today["code"].cast(pl.Int64).to_numpy(), index


def communes(province: Ints, uniform: Floats) -> Ints:
    """A commune of today for each of the 34-province codes."""
    codes, index = _communes()
    start, size = np.zeros(100, dtype=np.int64), np.ones(100, dtype=np.int64)
    for code, (begin, length) in index.items():
        start[code], size[code] = begin, length
    return codes[start[province] + np.floor(uniform * size[province]).astype(np.int64)]


def homes(chance: Chance, size: int) -> Ints:
    """Positions of provinces where families live, by population."""
    every = provinces()
    return Weighted.of(np.arange(len(every.code)), every.population).pick(chance.uniform(size))


def origins(chance: Chance, home: Ints) -> Ints:
    """Positions of provinces where people who live in `home` come from: mostly the same one."""
    every = provinces()
    leaving = Weighted.of(np.arange(len(every.code)), every.population * (1 - every.migrants) ** 4)
    moved: Bools = chance.hits(every.migrants[home], len(home))
    return np.where(moved, leaving.pick(chance.uniform(len(home))), home)


def destinations(chance: Chance, size: int) -> Ints:
    """Positions of provinces where people move to: those with work."""
    every = provinces()
    return Weighted.of(np.arange(len(every.code)), every.population * every.migrants**2).pick(chance.uniform(size))


def peoples_of(chance: Chance, origin: Ints) -> Ints:
    """The people (0 for the Kinh) to which somebody from that province belongs."""
    frame = table("ethnic_groups")
    shares = np.zeros((len(provinces().code), len(peoples())))
    row_of = {int(code): row for row, code in enumerate(provinces().code)}
    for people, province, share in frame.select("people", "province", "share").rows():
        shares[row_of[int(province)], peoples().index(people)] = float(share)
    shares[:, 0] = 1 - shares.sum(axis=1)
    cumulative = np.cumsum(shares, axis=1)
    drawn = chance.uniform(len(origin))
    which: Ints = (drawn[:, None] >= cumulative[origin]).sum(axis=1)
    return np.minimum(which, len(peoples()) - 1)
