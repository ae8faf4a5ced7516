"""How a twin's given name differs: by a mark, by a letter, or wholly; always a name that the registry has."""

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl
from rapidfuzz.distance import OSA

from vn.names import fold

OFTEN = 3
"""A given name that fewer people have may be a slip of the generator, not a name."""


class Pool(NamedTuple):
    """For each sex: given name → the names that a twin could have instead."""

    mark: pl.DataFrame
    letter: pl.DataFrame
    whole: pl.DataFrame


def pool(people: pl.DataFrame) -> Pool:
    """The pairs of given names that the registry's people offer.

    Shape: `of` (sex of the twin), `given`, `other`, sorted; `letter` also has `between`: a word one letter from both,
    null if there is none. `given` may be of either sex, `other` is a name of `of`.
    """
    counted = people.group_by(given=pl.col("full_name").str.split(" ").list.last(), of="sex").len()
    names = counted.filter(pl.col("len") >= OFTEN).drop_nulls().sort("given", "of")
    every = names["given"].unique().sort().to_list()
    plain = {given: fold(given) for given in every}
    rows = [
        (row["of"], given, row["given"], OSA.distance(plain[given], plain[row["given"]], score_cutoff=3))
        for row in names.to_dicts()
        for given in every
        if given != row["given"]
    ]
    pairs = pl.DataFrame(rows, schema=["of", "given", "other", "distance"], orient="row").sort("of", "given", "other")
    near = pairs.filter(distance=1)
    words = [between(plain[given], plain[other]) for given, other in near.select("given", "other").iter_rows()]
    return Pool(
        mark=pairs.filter(distance=0).drop("distance"),
        letter=near.drop("distance").with_columns(between=pl.Series(words, dtype=pl.String)),
        whole=pairs.filter(pl.col("distance") >= 3).drop("distance"),
    )


def between(one: str, other: str) -> str | None:
    """A word one letter from both (`minh`, `linh` → `ninh`); None if they differ by more than one letter's kind."""
    places = [place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    if len(one) != len(other) or len(places) != 1:
        return None
    place = places[0]
    letters = _like(one[place]) if one[place] in VOWELS else _like("n")
    letter = next(each for each in letters if each not in (one[place], other[place]))
    return f"{one[:place]}{letter}{one[place + 1 :]}".title()


VOWELS = "aeiouy"


def _like(letter: str) -> Iterable[str]:
    return VOWELS if letter in VOWELS else "nlhtkv"
