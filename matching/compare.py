"""Compares the fields of each candidate pair: at which level each of them agrees.

Comparisons.toml orders the levels and names their tests; TESTS holds what a name means. A pair's record side ends in
`_l`, the person's in `_r`.
"""

from collections.abc import Callable

import polars as pl

from matching import name_parts
from matching.model import Comparison, Level, Model, ModelError

Test = Callable[[Level], pl.Expr]


def compare(pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Columns of the level number and the kind number of every field, a row a pair.

    Shape: one row a pair, same order; UInt8 columns `<field>` and `kind_<field>`. Needs the columns of
    `measures.measure`. Errors: ModelError if a level or kind names an unknown test.
    """
    if name_parts.needed(model):
        pairs = name_parts.measure(pairs)
    levels = [_level(comparison) for comparison in model.comparison]
    # Lazy, so that what several tests look at is worked out once.
    return pairs.lazy().select(*levels, *(_kind(comparison) for comparison in model.comparison)).collect()


def _level(comparison: Comparison) -> pl.Expr:
    """The number of the first level whose test holds; a test on missing values does not hold."""
    unknown = sorted({level.test for level in comparison.level} - set(TESTS))
    if unknown:
        raise ModelError(f"comparisons.toml: {comparison.field}: no test {', '.join(unknown)}")
    chosen = pl.lit(len(comparison.level) - 1, dtype=pl.UInt8)
    for number, level in reversed(list(enumerate(comparison.level[:-1]))):
        holds = TESTS[level.test](level).fill_null(False)
        chosen = pl.when(holds).then(pl.lit(number, dtype=pl.UInt8)).otherwise(chosen)
    return chosen.alias(comparison.field)


def _kind(comparison: Comparison) -> pl.Expr:
    """The number of the first kind whose test holds for the record's value."""
    unknown = sorted({kind.test for kind in comparison.kind} - set(KINDS))
    if unknown:
        raise ModelError(f"comparisons.toml: {comparison.field}: no test {', '.join(unknown)}")
    chosen = pl.lit(len(comparison.kind) - 1, dtype=pl.UInt8)
    for number, kind in reversed(list(enumerate(comparison.kind[:-1]))):
        chosen = pl.when(KINDS[kind.test].fill_null(False)).then(pl.lit(number, dtype=pl.UInt8)).otherwise(chosen)
    return chosen.alias(f"kind_{comparison.field}")


def _year(side: str) -> pl.Expr:
    return pl.col(f"date_of_birth_{side}").str.slice(0, 4).cast(pl.Int32, strict=False)


_SAME_FIRST, _SAME_LAST = pl.col("first_l") == pl.col("first_r"), pl.col("last_l") == pl.col("last_r")
_SPELLING = pl.col("spelling")
_SHORT_WORD = pl.col("short_word_l")


def _one_word(level: Level) -> pl.Expr:
    """Whether so many letters part the names, and what is left of the word is the same: marks, too."""
    return (pl.col("name_slips") <= level.at_most) & ~pl.col("other_word")


_LATER_NAMES = pl.col("other_names_r")


def _of_parent(parent: str) -> pl.Expr:
    """Whether the record's number belongs to somebody of the name of this person's parent."""
    return pl.col("id_number_l").is_not_null() & (pl.col("owner_key_l") == pl.col(f"{parent}_key_r"))


_BORN, _PERSON_BORN = pl.col("date_of_birth_l"), pl.col("date_of_birth_r")
_WHOLE_DATES = (_BORN.str.len_chars() == 10) & (_PERSON_BORN.str.len_chars() == 10)
_SAME_YEAR = _BORN.str.slice(0, 4) == _PERSON_BORN.str.slice(0, 4)
_SAME_MONTH = _BORN.str.slice(5, 2) == _PERSON_BORN.str.slice(5, 2)
_SAME_DAY = _BORN.str.slice(8, 2) == _PERSON_BORN.str.slice(8, 2)
_SWAPPED = pl.concat_str(_BORN.str.slice(0, 4), _BORN.str.slice(8, 2), _BORN.str.slice(5, 2), separator="-")
_DEFAULT_DAY = (_BORN.str.slice(5) == "01-01") | (_PERSON_BORN.str.slice(5) == "01-01")
_PERSON_FIRST_DAY = _PERSON_BORN + (
    pl.when(_PERSON_BORN.str.len_chars() == 4).then(pl.lit("-01-01"))
    .when(_PERSON_BORN.str.len_chars() == 7).then(pl.lit("-01"))
)  # fmt: skip
"""What forms and systems that ask for a day make of the month or year that the registry holds alone."""
_DIGITS, _PERSON_DIGITS = pl.col("digits_l"), pl.col("person_id_r")
_OLD_IDS = pl.col("old_ids_r")

_SEX_AND_YEAR = pl.concat_str(
    pl.when(pl.col("sex_l") == "Nữ").then(1).otherwise(0)
    + (_BORN.str.slice(0, 2).cast(pl.Int32, strict=False) - 19) * 2,
    _BORN.str.slice(2, 2),
)
"""Digits 4 to 6 of the number of who has the record's sex and year of birth (domain.md 1.1)."""
_FOLLOWS = (
    (_DIGITS.str.len_chars() == 12)
    & (_DIGITS.str.slice(0, 3) == _PERSON_DIGITS.str.slice(0, 3))
    & (_DIGITS.str.slice(6) == _PERSON_DIGITS.str.slice(6))
    & (_DIGITS.str.slice(3, 3) == _SEX_AND_YEAR)
    & (_DIGITS != _PERSON_DIGITS)
)

LUNAR_DAYS = (17, 52)
"""A lunar date read as a solar one is this many days early (domain.md 4.3)."""

TESTS: dict[str, Test] = {
    "name_missing": lambda _: pl.col("name_key_l").is_null() | pl.col("name_key_r").is_null(),
    "name_same": lambda _: _SPELLING == "same",
    "name_other": lambda _: _LATER_NAMES.list.contains(pl.col("full_name_l")),
    "name_unmarked": lambda _: _SPELLING == "unmarked",
    "name_marks_lost": lambda _: _SPELLING == "marks_lost",
    "name_rotated": lambda _: _SPELLING == "rotated",
    "name_i_y": lambda _: pl.col("i_y_same"),
    "name_marks": lambda _: _SPELLING == "marks",
    "name_marks_unheard": lambda _: (_SPELLING == "marks_given") & ~pl.col("given_heard_l"),
    "name_marks_given": lambda _: _SPELLING == "marks_given",
    "name_shuffled": lambda _: _SPELLING == "shuffled",
    "name_other_like": lambda _: pl.col("other_keys_r").list.contains(pl.col("name_key_l")),
    "name_part_middle": lambda _: pl.col("part") & (pl.col("shared_words") > 2),
    "name_part": lambda _: pl.col("part"),
    "name_initials": lambda _: _SHORT_WORD & _SAME_LAST & pl.col("initials_same"),
    "name_doublet_surname": lambda _: pl.col("doublet_same") & pl.col("but_first_same"),
    "name_doublet": lambda _: pl.col("doublet_same"),
    "name_slip": lambda level: _one_word(level) & _SAME_LAST,
    "name_misspelt": lambda level: ~pl.col("given_known_l") & (pl.col("name_slips") <= level.at_most),
    "name_given_unheard": lambda level: _one_word(level) & ~pl.col("given_heard_l"),
    "name_given_slip": lambda level: _one_word(level),
    "name_given_near": lambda level: (pl.col("name_slips") <= level.at_most) & ~_SAME_LAST,
    "name_similar": lambda level: (pl.col("name_ratio") >= level.at_least) & _SAME_LAST,
    "name_middle": lambda _: _SAME_FIRST & _SAME_LAST,
    "name_surname": lambda _: pl.col("but_first_same"),
    "name_given": lambda _: pl.col("but_last_same"),
    "name_only_given": lambda _: _SAME_LAST,
    "name_only_surname": lambda _: _SAME_FIRST,
    "birth_missing": lambda _: _BORN.is_null() | _PERSON_BORN.is_null(),
    "birth_same_part": lambda _: (_BORN == _PERSON_BORN) & (_BORN.str.len_chars() < 10),
    "birth_same": lambda _: _BORN == _PERSON_BORN,
    "birth_default_day": lambda _: _PERSON_FIRST_DAY == _BORN,
    "birth_coarser": lambda _: _BORN.str.starts_with(_PERSON_BORN) | _PERSON_BORN.str.starts_with(_BORN),
    "birth_swapped": lambda _: _SWAPPED == _PERSON_BORN,
    "birth_alternative": lambda _: pl.col("birth_alternative_l") == _PERSON_BORN,
    "birth_new_year": lambda _: _WHOLE_DATES & _SAME_YEAR & _DEFAULT_DAY,
    "birth_slip": lambda level: _WHOLE_DATES & (pl.col("birth_slips") <= level.at_most),
    "birth_adjacent": lambda _: pl.col("days").abs() == 1,
    "birth_month_day": lambda _: _WHOLE_DATES & _SAME_MONTH & _SAME_DAY,
    "birth_year_and_one": lambda _: _SAME_YEAR & (_SAME_MONTH | _SAME_DAY),
    "birth_lunar": lambda _: pl.col("days").is_between(-LUNAR_DAYS[1], -LUNAR_DAYS[0]),
    "birth_year": lambda _: _SAME_YEAR,
    "birth_far": lambda level: (_year("l") - _year("r")).abs() <= level.at_most,
    "sex_missing": lambda _: pl.col("sex_l").is_null() | pl.col("sex_r").is_null(),
    "sex_same": lambda _: pl.col("sex_l") == pl.col("sex_r"),
    "id_same": lambda _: pl.col("id_number_l") == _PERSON_DIGITS,
    "id_old_number": lambda _: _OLD_IDS.list.contains(pl.col("id_number_l")),
    "id_old_card": lambda _: _OLD_IDS.list.contains(pl.col("cmnd_number_l")),
    "id_missing": lambda _: pl.col("id_kind_l").is_in(["missing", "filler"]),
    "id_unreadable": lambda _: _DIGITS.is_null(),
    "id_zeros_lost": lambda level: (_DIGITS.str.len_chars() != 12) & (pl.col("id_slips") <= level.at_most),
    "id_follows": lambda _: _FOLLOWS,
    "id_slip": lambda level: pl.col("id_slips") <= level.at_most,
    "id_of_father": lambda _: _of_parent("father"),
    "id_of_mother": lambda _: _of_parent("mother"),
    "id_of_another": lambda _: pl.col("owned_l") & pl.col("id_number_l").is_not_null(),
    "id_tail": lambda _: _DIGITS.str.slice(-6) == _PERSON_DIGITS.str.slice(-6),
    "place_missing": lambda _: pl.col("province_code_l").is_null() | pl.col("province_code_r").is_null(),
    "place_commune": lambda _: pl.col("commune_code_l") == pl.col("commune_code_r"),
    "place_province": lambda _: pl.col("province_code_l") == pl.col("province_code_r"),
    "mother_missing": lambda _: pl.col("mother_key_l").is_null() | pl.col("mother_key_r").is_null(),
    "mother_same": lambda _: pl.col("mother_key_l") == pl.col("mother_key_r"),
    "mother_similar": lambda level: pl.col("mother_ratio") >= level.at_least,
    "father_missing": lambda _: pl.col("father_key_l").is_null() | pl.col("father_key_r").is_null(),
    "father_same": lambda _: pl.col("father_key_l") == pl.col("father_key_r"),
    "father_similar": lambda level: pl.col("father_ratio") >= level.at_least,
    "else": lambda _: pl.lit(True),
} | name_parts.TESTS
"""Test name in comparisons.toml → the expression that computes it."""

KINDS: dict[str, pl.Expr] = {
    "name_is_short": _SHORT_WORD,
    "name_is_plain": pl.col("plain_l"),
    "birth_is_day": _BORN.str.len_chars() == 10,
    "id_is_whole": pl.col("id_number_l").is_not_null(),
    "id_is_card": pl.col("cmnd_number_l").is_not_null(),
    "else": pl.lit(True),
} | name_parts.KINDS
"""Kind name in comparisons.toml → the expression that is true of such a value of the record."""
