"""Writes the reason of a decision: one Vietnamese sentence, without anything that only the registry knows."""

import tomllib
from functools import cache

import polars as pl

from matching.model import DIRECTORY, Comparison, Model
from matching.records import CLEAN

Templates = dict[str, dict[str, str]]

SUPPORT = ("place", "mother", "father")
"""Fields that a reason may name besides the four identity fields."""


@cache
def templates() -> Templates:
    """The phrases of reasons.toml."""
    return tomllib.loads((DIRECTORY / "explanation" / "reasons.toml").read_text(encoding="utf-8"))


def reason(model: Model) -> pl.Expr:
    """The reason as an expression over a decided record's levels, status and decision."""
    said = templates()
    parts = [
        _basis(model, said["basis"]),
        *(_difference(comparison, said) for comparison in model.comparison if comparison.column),
        *(_support(model.find(field), said["support"][field]) for field in SUPPORT),
        pl.col("status").replace_strict(said["tail"], default=None, return_dtype=pl.String),
        pl.when("grouped").then(pl.lit(said["tail"]["grouped"])),
        pl.when(pl.col("decision") == "review").then(pl.lit(said["tail"]["review"])),
    ]
    sentence = pl.concat_str(parts, separator="; ", ignore_nulls=True) + "."
    whole = (
        pl.when((pl.col("status") == "agreed") & pl.any_horizontal(_lacks(model, field) for field in ("birth", "sex")))
        .then(pl.lit(said["whole"]["agreed_as_held"]))
        .otherwise(pl.col("status").replace_strict(said["whole"], default=None, return_dtype=pl.String))
    )
    alone = (pl.col("decision") == "none") | (pl.col("status") == "agreed")
    return pl.when(alone).then(whole).otherwise(sentence).alias("reason")


def _basis(model: Model, phrases: dict[str, str]) -> pl.Expr:
    by_number = pl.col("number_level").replace_strict(phrases, default=None, return_dtype=pl.String)
    name, birth = model.find("name"), model.find("birth")
    both = pl.col("name").is_in(name.numbers("same", "close")) & pl.col("birth").is_in(birth.numbers("same"))
    named = (
        pl.when(both).then(pl.lit(phrases["name_and_date"]))
        .when(_lacks(model, "birth")).then(pl.lit(phrases["near_undated"]))
        .otherwise(pl.lit(phrases["near"]))
    )  # fmt: skip
    return pl.coalesce(by_number, named)


def _lacks(model: Model, field: str) -> pl.Expr:
    """Whether the record has nothing to compare in the field."""
    return pl.col(field).is_in(model.find(field).numbers("missing")).fill_null(False)


def _difference(comparison: Comparison, said: Templates) -> pl.Expr:
    """What the field's level says, or that the cell could not be read; else that the value had to be mended."""
    mended = said["mended"]
    phrases = {number: level.phrase for number, level in enumerate(comparison.level) if level.phrase}
    if comparison.field == "id":
        phrases = {number: text for number, text in phrases.items() if comparison.level[number].grade != "same"}
    spoken = pl.col(comparison.field).replace_strict(phrases, default=None, return_dtype=pl.String)
    if comparison.column not in mended:
        return spoken
    clean = pl.col(CLEAN[comparison.column])
    if comparison.column in said["unread"]:
        unread = pl.col(comparison.field).is_in(comparison.numbers("missing")) & ~clean
        spoken = pl.when(unread).then(pl.lit(said["unread"][comparison.column])).otherwise(spoken)
    exact = pl.col(comparison.field).is_in([n for n, level in enumerate(comparison.level) if level.exact])
    return pl.coalesce(spoken, pl.when(exact & ~clean).then(pl.lit(mended[comparison.column])))


def _support(comparison: Comparison, phrase: str) -> pl.Expr:
    """Said only where the number does not carry the link."""
    agrees = pl.col(comparison.field).is_in(comparison.numbers("same")) & (pl.col("number_level") != "same")
    return pl.when(agrees).then(pl.lit(phrase))
