"""SQL conditions on one record by itself, a function for each `expect` of that kind.

Families differ in what a missing value is: the `given` conditions catch it, all others do not apply to it.
"""

from collections.abc import Sequence

import polars as pl

from rules.sql import Condition, Scope, age, given, name, text, texts
from vn.name_words import cut_off_names
from vn.territories import communes


def column_values_to_be_given(column: str, scope: Scope, *, under_age: int | None = None) -> Condition:
    """The cell is neither empty nor a filler; with `under_age` only people younger than that are judged."""
    return Condition(_younger(scope, under_age), f"NOT {given(column)}")


def one_of_columns_to_be_given(
    column: str, scope: Scope, *, others: list[str], under_age: int | None = None
) -> Condition:
    """At least one of `column` and `others` is neither empty nor a filler."""
    anything = " OR ".join(given(each) for each in [column, *others])
    return Condition(_younger(scope, under_age), f"NOT ({anything})")


def column_values_to_be_understood(column: str, scope: Scope) -> Condition:
    """The cell could be read as a value of the column's kind."""
    return Condition(given(column), f"{name(column)} IS NULL")


def id_values_to_be_well_formed(column: str, scope: Scope, *, kinds: list[str]) -> Condition:
    """A number of one of `kinds` was read; cells with another document or number are not judged."""
    other = "('passport', 'phone', 'bhxh', 'bhyt', 'scientific')"
    return Condition(
        f"{given(column)} AND id_kind NOT IN {other}",
        f"id_kind NOT IN ({texts(kinds)}) OR (id_number IS NULL AND cmnd_number IS NULL)",
    )


def column_values_to_match(
    column: str, scope: Scope, *, pattern: str, of: str | None = None, but: Sequence[str] = ()
) -> Condition:
    """The value (the cell itself where it could not be read) matches the whole pattern.

    Records whose `of`, a list of repair codes, has one of `but` are not judged.
    """
    value = f"coalesce({name(column)}, trim({column}_raw))"
    judged = given(column)
    if of:
        judged = f"({judged}) AND NOT list_has_any(string_split(coalesce({name(of)}, ''), ','), [{texts(list(but))}])"
    return Condition(judged, f"NOT regexp_full_match({value}, {text(pattern)})")


def column_values_to_not_match(column: str, scope: Scope, *, of: str, pattern: str) -> Condition:
    """`of` does not match the whole pattern; records where it is unknown are not judged."""
    return Condition(f"{name(of)} IS NOT NULL", f"regexp_full_match({of}, {text(pattern)})")


def column_values_to_not_contain(column: str, scope: Scope, *, pattern: str) -> Condition:
    """The cell, in lower case, has no part that matches the pattern."""
    cell = f"lower(nfc_normalize({name(column)}_raw))"
    return Condition(given(column), f"regexp_matches({cell}, {text(pattern)})")


def column_values_to_be_one_of(
    column: str, scope: Scope, *, values: list[str], of: str | None = None, where: str | None = None
) -> Condition:
    """`of` (default the column) is one of the values; records where it or `where` is unknown are not judged."""
    tested = name(of or column)
    return Condition(_known(tested, where), f"{tested} NOT IN ({texts(values)})")


def column_values_to_not_be_one_of(
    column: str, scope: Scope, *, values: list[str], of: str | None = None, where: str | None = None
) -> Condition:
    """`of` (default the column) is none of the values; records where it or `where` is unknown are not judged."""
    tested = name(of or column)
    return Condition(_known(tested, where), f"{tested} IN ({texts(values)})")


def column_values_to_be_between(column: str, scope: Scope, *, least: int, most: int) -> Condition:
    """The number lies within the bounds; a cell that is no number breaks the rule."""
    number = f"try_cast({name(column)} AS INTEGER)"
    return Condition(given(column), f"{number} IS NULL OR {number} NOT BETWEEN {least:d} AND {most:d}")


def name_to_have_at_most_words(column: str, scope: Scope, *, most: int) -> Condition:
    """The name has no more words than `most`."""
    return Condition(f"{name(column)} IS NOT NULL", f"len(string_split({column}, ' ')) > {most:d}")


def name_of_one_word_to_be_whole(column: str, scope: Scope) -> Condition:
    """The word is no surname or given name of the Kinh by itself; asked of names of one word.

    Source: vn/tables/surnames.csv and name_words.csv.
    """
    alone = f"{name(column)} IS NOT NULL AND {column} NOT LIKE '% %'"
    return Condition(alone, f"regexp_full_match(lower({column}), {text(cut_off_names())})")


def column_pair_to_agree(
    column: str, scope: Scope, *, left: str, right: str, where_length: int | None = None
) -> Condition:
    """Two columns have the same value; judged where both are known and `left` has the given length."""
    applicable = f"{name(left)} IS NOT NULL AND {name(right)} IS NOT NULL"
    if where_length is not None:
        applicable += f" AND length({left}) = {where_length:d}"
    return Condition(applicable, f"{left} <> {right}")


def column_tail_to_agree(column: str, scope: Scope, *, other: str, digits: int) -> Condition:
    """The value's last digits are the other column's value; judged where both are known and long enough."""
    return Condition(
        f"{name(column)} IS NOT NULL AND length({name(other)}) = {digits:d}",
        f"right({column}, {digits:d}) <> {other}",
    )


def column_values_to_have_no_repairs(
    column: str, scope: Scope, *, of: str, only: list[str] | None = None, but: list[str] | None = None
) -> Condition:
    """Nothing was mended: none of the codes in `only`, or none at all except those in `but`."""
    codes = f"string_split({name(of)}, ',')"
    if only is not None:
        failing = f"list_has_any({codes}, [{texts(only)}])"
    else:
        failing = f"len(list_filter({codes}, lambda code: code NOT IN ({texts(['', *(but or [])])}))) > 0"
    return Condition(f"{of} IS NOT NULL AND {given(column)}", failing)


def cell_to_need_no_repairs(column: str, scope: Scope, *, of: str, only: list[str]) -> Condition:
    """None of the codes in `only` was needed for the cell; `of` names columns with codes (`address:tcvn3`)."""
    codes = texts(f"{column}:{code}" for code in only)
    return Condition(given(column), f"list_has_any(string_split({name(of)}, ','), [{codes}])")


def column_to_leave_nothing_over(column: str, scope: Scope, *, of: str) -> Condition:
    """All of the cell belongs to the value: `of`, which holds the rest, is empty."""
    return Condition(given(column), f"{name(of)} <> ''")


def date_to_not_be_in_the_future(column: str, scope: Scope) -> Condition:
    """The date is not after the night, as far as it is known."""
    return Condition(f"{name(column)} IS NOT NULL", f"{column} > left('{scope.night:%Y-%m-%d}', length({column}))")


def date_to_not_precede_birth(column: str, scope: Scope) -> Condition:
    """The date is not before the day of birth, as far as both are known."""
    known = f"least(length({name(column)}), length(date_of_birth))"
    return Condition(
        f"{column} IS NOT NULL AND date_of_birth IS NOT NULL",
        f"left({column}, {known}) < left(date_of_birth, {known})",
    )


def age_to_be_between(column: str, scope: Scope, *, least: int, most: int, where: str | None = None) -> Condition:
    """The person's age on the night lies within the bounds; judged where it and the columns of `where` are known."""
    asked = "birth_year IS NOT NULL" + (f" AND {given(where)}" if where else "")
    return Condition(asked, f"{age(scope.night)} NOT BETWEEN {least:d} AND {most:d}")


def class_to_fit_age(column: str, scope: Scope, *, first_age: int, younger: int, older: int) -> Condition:
    """The grade that the class begins with fits the year of birth; only grades 1–12 are judged.

    A school year is counted by the calendar year it begins in (August).
    """
    school_year = scope.night.year if scope.night.month >= 8 else scope.night.year - 1
    grade = f"try_cast(regexp_extract(lower({name(column)}), '^\\s*(?:lớp\\s*)?(\\d{{1,2}})(?:\\D|$)', 1) AS INTEGER)"
    over = f"({school_year} - birth_year - ({grade} + {first_age - 1:d}))"
    return Condition(
        f"birth_year IS NOT NULL AND {grade} BETWEEN 1 AND 12",
        f"{over} NOT BETWEEN {-younger:d} AND {older:d}",
    )


def parent_birth_year_to_fit(column: str, scope: Scope, *, least: int, most: int) -> Condition:
    """The parent's age at the child's birth lies within the bounds."""
    years = f"(birth_year - try_cast({name(column)} AS INTEGER))"
    return Condition(f"{years} IS NOT NULL", f"{years} NOT BETWEEN {least:d} AND {most:d}")


def id_to_not_be_a_parents(column: str, scope: Scope, *, gap: int, under_age: int) -> Condition:
    """The year of birth in the number is not a generation before the child's."""
    return Condition(
        f"id_birth_year IS NOT NULL AND {_younger(scope, under_age)}", f"birth_year - id_birth_year >= {gap:d}"
    )


def commune_to_lie_in_province(column: str, scope: Scope) -> Condition:
    """The commune belongs to the province; judged where both are known.

    Source: vn/tables/communes.csv, the communes of today.
    """
    today = communes().filter(pl.col("valid_to").is_null()).sort("code")
    pairs = texts(today.select(pl.col("parent") + "/" + pl.col("code")).to_series())
    return Condition(
        f"province_code IS NOT NULL AND {name(column)} IS NOT NULL",
        # A list of thousands is compared one by one, a subquery is joined.
        f"province_code || '/' || {column} NOT IN (SELECT unnest([{pairs}]))",
    )


def confirmation_to_be_recent(column: str, scope: Scope, *, nights: int) -> Condition:
    """The registry's answer is at most that many nights old; judged where there is one."""
    return Condition(
        "state = 'answered' AND asked_on IS NOT NULL",
        f"DATE '{scope.night:%Y-%m-%d}' - CAST(asked_on AS DATE) > {nights:d}",
    )


def person_to_be_asked_about(column: str, scope: Scope) -> Condition:
    """The gateway was asked about the record; judged where a person was found for it."""
    return Condition("decision = 'link'", "state IS NULL OR state = 'waiting'")


def _younger(scope: Scope, under_age: int | None) -> str:
    return "true" if under_age is None else f"coalesce({age(scope.night)} < {under_age:d}, false)"


def _known(tested: str, where: str | None) -> str:
    return f"{tested} IS NOT NULL" + (f" AND {name(where)} IS NOT NULL" if where else "")
