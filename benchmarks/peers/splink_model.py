"""A competent Splink 5 link-only model of Vietnamese records against a registry, by Splink's documentation.

Names have term frequencies on every exact level; the date has DateOfBirthComparison's levels and those of Vietnamese
dates; the number has Damerau–Levenshtein and old numbers; places and parents exact and partial levels.

It is the best of those tried, by best F1. 1,000,000 people × 200,000 insured, preset hard, seed 7, max_pairs 1e7: this
one .9981; Damerau–Levenshtein on the name and date as well .9981 in three times the seconds; with only the 13 block
keys that our own matcher had at the time .9966; those and Jaro–Winkler ≥ .95 for slips in the name .9963. 100,000 ×
20,000, seed 5, with the last: .9969; u of an equal number fixed at 1e-9 .9966; the library's DateOfBirthComparison as
it is .9964; NameComparison on surname, middle and given name apart .9943. Term frequency on the date changed nothing.
"""

import splink.comparison_level_library as level
import splink.comparison_library as comparison
from splink import SettingsCreator, block_on
from splink.internals.blocking_rule_creator import BlockingRuleCreator
from splink.internals.comparison_creator import ComparisonCreator

REGISTRY, RECORDS = "a_registry", "b_records"
"""Names of the two datasets: Splink puts the alphabetically first on the left."""

SURE = ("l.number = r.number AND l.name_key = r.name_key", "l.number = r.number AND l.birth = r.birth",
        "l.name_key = r.name_key AND l.birth_date = r.birth_date AND l.commune = r.commune")  # fmt: skip
"""Deterministic rules, of which Splink counts the matches."""

SURE_RECALL = 0.8
"""Share of the true pairs that the deterministic rules find, as a user would guess it."""

EM_BLOCKS = (("number",), ("name_key", "birth_date"), ("birth_date", "commune"))
"""What expectation maximisation blocks on, one session each: every comparison is free in at least one."""


def settings(parents: bool) -> SettingsCreator:
    """The model; `parents` where the records name mother and father."""
    return SettingsCreator(
        link_type="link_only",
        comparisons=comparisons(parents),
        blocking_rules_to_generate_predictions=blocks(parents),
    )


def blocks(parents: bool) -> list[BlockingRuleCreator]:
    """The pairs that are scored: of these every usual damage leaves one whole: 5 of 177,337 true pairs are lost."""
    keys = [
        ("words", "birth_date"),
        ("given", "birth_date", "sex"),
        ("initials", "birth_date"),
        ("surname", "birth_date", "province"),
        ("birth_place", "birth_date", "sex"),
        ("words", "birth_year", "province"),
        ("words", "month_day"),
        ("words", "commune"),
        ("given", "commune"),
        ("initials", "commune"),
        ("birth_year", "commune"),
        ("month_day", "commune"),
        ("serial", "birth_year"),
        ("number_first",),
        ("number_last",),
        ("number_outer",),
    ]
    if parents:
        keys += [("mother", "father"), ("words", "mother"), ("birth_date", "mother"), ("given", "mother")]
    return [block_on("numbers", arrays_to_explode=["numbers"]), *(block_on(*key) for key in keys)]


def comparisons(parents: bool) -> list[ComparisonCreator]:
    """What is compared, each with its levels."""
    family = [_parent("mother"), _parent("father")] if parents else []
    return [_name(), _birth(), _number(), comparison.ExactMatch("sex"), _place(), *family]


def _name() -> ComparisonCreator:
    return comparison.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            level.NullLevel("name_key"),
            level.ExactMatchLevel("full_name", term_frequency_adjustments=True),
            level.ExactMatchLevel("name_key", term_frequency_adjustments=True),
            level.ArrayIntersectLevel("names", min_intersection=1),
            level.ExactMatchLevel("words", term_frequency_adjustments=True),
            level.ExactMatchLevel("ends", term_frequency_adjustments=True),
            level.LevenshteinLevel("name_key", 1),
            level.LevenshteinLevel("name_key", 2),
            level.JaroWinklerLevel("name_key", 0.88),
            level.ExactMatchLevel("given", term_frequency_adjustments=True),
            level.JaroWinklerLevel("name_key", 0.7),
            level.ElseLevel(),
        ],
    )


def _birth() -> ComparisonCreator:
    partial = "least(length(birth_l), length(birth_r)) < 10"
    prefix = "(starts_with(birth_l, birth_r) OR starts_with(birth_r, birth_l))"
    return comparison.CustomComparison(
        output_column_name="birth",
        comparison_levels=[
            level.NullLevel("birth"),
            level.ExactMatchLevel("birth_date"),
            level.CustomLevel(f"{partial} AND {prefix}", "Agrees as far as known"),
            level.CustomLevel("birth_l = birth_alternative_r", "Day and month or century the other way"),
            level.CustomLevel("birth_year_l = birth_year_r AND birth_r LIKE '%-01-01'", "First of January"),
            level.LevenshteinLevel("birth", 1),
            level.ExactMatchLevel("month_day"),
            level.AbsoluteDateDifferenceLevel("birth_date", input_is_string=True, threshold=1, metric="month"),
            level.ExactMatchLevel("birth_year"),
            level.CustomLevel("abs(birth_year_l - birth_year_r) <= 1", "Years <= 1"),
            level.CustomLevel("abs(birth_year_l - birth_year_r) <= 10", "Years <= 10"),
            level.ElseLevel(),
        ],
    )


def _number() -> ComparisonCreator:
    missing = level.CustomLevel("number_r IS NULL AND NOT coalesce(list_has_any(numbers_l, numbers_r), false)")
    return comparison.CustomComparison(
        output_column_name="number",
        comparison_levels=[
            missing.configure(is_null_level=True),
            level.ExactMatchLevel("number"),
            level.ArrayIntersectLevel("numbers", min_intersection=1),
            level.DamerauLevenshteinLevel("number", 1),
            level.DamerauLevenshteinLevel("number", 2),
            level.ElseLevel(),
        ],
    )


def _place() -> ComparisonCreator:
    return comparison.CustomComparison(
        output_column_name="place",
        comparison_levels=[
            level.NullLevel("province"),
            level.ExactMatchLevel("commune", term_frequency_adjustments=True),
            level.ExactMatchLevel("province", term_frequency_adjustments=True),
            level.ElseLevel(),
        ],
    )


def _parent(column: str) -> ComparisonCreator:
    return comparison.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            level.NullLevel(column),
            level.ExactMatchLevel(column, term_frequency_adjustments=True),
            level.JaroWinklerLevel(column, 0.92),
            level.JaroWinklerLevel(column, 0.8),
            level.ElseLevel(),
        ],
    )
