"""Compares names of two parts, family name and given name: straight, crossed, in part.

For names that are not Vietnamese. `name_key` holds both parts as two words, the family name first; `-` stands for a
part that is not known. Words inside a part are joined: clerks part and join them at will (Mac Donald, Jean-Luc).
"""

import os
from collections.abc import Callable

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from matching.model import Level, Model

UNKNOWN = "-"
"""Value in place of a part that is not known."""


def needed(model: Model) -> bool:
    """Whether a level of the model compares parts of names."""
    return any(level.test in TESTS for comparison in model.comparison for level in comparison.level)


def measure(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with `family_like`, `given_like` and, of one side's family name to the other's given name, `crossed_l`
    and `crossed_r` (the record's family name, the person's).

    Shape: same rows, same order; needs `name_key_l`, `name_key_r`. Units: Jaro–Winkler 0–1; 0 for what is not known.
    """
    parts = {
        f"{part}_{side}": pairs[f"name_key_{side}"].str.split(" ").list.get(place, null_on_oob=True)
        for part, place in (("family", 0), ("given", 1))
        for side in "lr"
    }
    return pairs.with_columns(
        _alike(parts["family_l"], parts["family_r"]).alias("family_like"),
        _alike(parts["given_l"], parts["given_r"]).alias("given_like"),
        _alike(parts["family_l"], parts["given_r"]).alias("crossed_l"),
        _alike(parts["given_l"], parts["family_r"]).alias("crossed_r"),
        *(column.alias(name) for name, column in parts.items()),
    )


def _alike(left: pl.Series, right: pl.Series) -> pl.Series:
    unknown = left.is_null() | right.is_null() | (left == UNKNOWN) | (right == UNKNOWN)
    found = process.cpdist(
        left.fill_null("").to_list(),
        right.fill_null("").to_list(),
        scorer=JaroWinkler.normalized_similarity,
        workers=os.cpu_count() or 1,
    )
    return pl.Series("alike", found, dtype=pl.Float64).set(unknown.fill_null(True), 0.0)


def _unknown(part: str) -> pl.Expr:
    return (pl.col(f"{part}_l") == UNKNOWN) | (pl.col(f"{part}_r") == UNKNOWN)


def _same(part: str) -> pl.Expr:
    return (pl.col(f"{part}_l") == pl.col(f"{part}_r")) & ~_unknown(part)


def _like(measure: str, level: Level) -> pl.Expr:
    return pl.col(measure) >= level.at_least


_CROSSED = pl.col("crossed_l"), pl.col("crossed_r")

TESTS: dict[str, Callable[[Level], pl.Expr]] = {
    "parts_same": lambda _: _same("family") & _same("given"),
    "parts_swapped": lambda _: (_CROSSED[0] == 1) & (_CROSSED[1] == 1),
    "parts_given_like": lambda level: _same("family") & _like("given_like", level),
    "parts_family_like": lambda level: _same("given") & _like("family_like", level),
    "parts_both_like": lambda level: _like("family_like", level) & _like("given_like", level),
    "parts_swapped_like": lambda level: _like("crossed_l", level) & _like("crossed_r", level),
    "parts_given_lacks": lambda _: _same("family") & (pl.col("given_l") == UNKNOWN),
    "parts_family_lacks": lambda _: _same("given") & (pl.col("family_l") == UNKNOWN),
    "parts_given_unheld": lambda _: _same("family") & (pl.col("given_r") == UNKNOWN),
    "parts_family_unheld": lambda _: _same("given") & (pl.col("family_r") == UNKNOWN),
    "parts_like_lacks": lambda level: (
        (_like("family_like", level) & (pl.col("given_l") == UNKNOWN))
        | (_like("given_like", level) & (pl.col("family_l") == UNKNOWN))
    ),
    "parts_crossed_one": lambda level: pl.max_horizontal(_CROSSED) >= level.at_least,
    "parts_family": lambda _: _same("family"),
    "parts_given": lambda _: _same("given"),
    "parts_one_like": lambda level: pl.max_horizontal("family_like", "given_like") >= level.at_least,
}
"""Test name → expression, for names in two parts."""

KINDS = {
    "parts_no_given": pl.col("name_key_l").str.ends_with(f" {UNKNOWN}"),
    "parts_no_family": pl.col("name_key_l").str.starts_with(f"{UNKNOWN} "),
}
"""Kind name → expression over a record's name in two parts."""
