"""What is true of the planted relatives, what the registry says of them, and what their records say."""

import polars as pl

from pipelines.synthetic.chance import Chance
from vn.names import fold

CASE = ("case", "relation", "variant", "number", "spoil", "registered", "control")

REGISTERED_YEARS = {"sibling_default_date": "%Y-01-01", "namesake_of_year": "%Y"}
"""Relation → how the registry writes the person's own date, where it does not know the day."""


def described(cases: pl.DataFrame, people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """The cases with the relative's name, date, sex, parents (`new_…`) and number (`own`), and the record's number.

    Shape: without the cases whose relative would have the name and date, or the number, of somebody who is there.
    """
    size = cases.height
    cases = cases.with_columns(
        years=chance.integers(1, 4, size), days=chance.integers(300, 600, size), late=chance.integers(22, 36, size)
    )
    cases = cases.with_columns(
        new_name=pl.concat_str("surname", "new_middle", "new_given", separator=" "),
        new_born=_born(),
        new_sex=pl.when(_is("twin_other_sex"))
        .then(pl.col("sex").replace_strict({"Nam": "Nữ", "Nữ": "Nam"}))
        .otherwise("sex"),
        new_father=pl.when(_is("son_of_same_name")).then("full_name").when(_namesake()).then(_other("father_name"))
        .otherwise("father_name"),
        new_mother=pl.when(_is("son_of_same_name") | _namesake()).then(_other("mother_name")).otherwise("mother_name"),
    )  # fmt: skip
    cases = cases.with_columns(new_date=_date("new_born"), date_of_birth=_date("born"))
    cases = _numbered(cases, people, chance)
    new = cases.filter(~_namesake())
    doubles = new.join(people, left_on=["new_date", "new_name"], right_on=["date_of_birth", "full_name"], how="semi")
    return cases.join(doubles, on="case", how="anti", maintain_order="left").drop_nulls("own")


def persons(cases: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """The registered persons of the cases, as the registry file says them."""
    return cases.select(people.columns)


def registered(cases: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """The relatives who are in the registry, as the registry file says them."""
    told = cases.filter("registered").with_columns(
        person_id="own", full_name="new_name", date_of_birth="new_date", sex="new_sex", father_name="new_father",
        mother_name="new_mother", old_ids=pl.lit(None, dtype=pl.String), other_names=pl.lit(None, dtype=pl.String),
    )  # fmt: skip
    return told.select(people.columns)


def records(cases: pl.DataFrame) -> pl.DataFrame:
    """A row a case: what it is, the truth, and the record's cells."""
    given = (
        pl.when(pl.col("spoil") == "between").then("between")
        .when(pl.col("spoil") == "as_other").then("given")
        .otherwise("new_given")
    )  # fmt: skip
    name = pl.concat_str("surname", "new_middle", given, separator=" ")
    cases = cases.with_columns(cell=name).with_columns(plain=_plain_column())
    return cases.select(
        *CASE,
        evidence=_evidence(),
        truth=pl.when("registered").then("own"),
        full_name=pl.when(pl.col("spoil") == "unmarked").then("plain").otherwise("cell"),
        date_of_birth=pl.when(pl.col("spoil") == "year_only")
        .then(pl.col("new_born").dt.to_string("%Y"))
        .when(_is("sibling_default_date"))
        .then(pl.col("new_born").dt.to_string("01/01/%Y"))
        .otherwise(pl.col("new_born").dt.to_string("%d/%m/%Y")),
        sex="new_sex",
        id_number="cell_number",
        province="province",
        commune="commune",
        father_name="new_father",
        mother_name="new_mother",
    )


def _evidence() -> pl.Expr:
    """What the record has that speaks for the wrong person.

    `other_number`: the other's own number, copied; then the record is what a slip in the other's name would be.
    `other_name`: the other's name, to the letter, and no number: it is what the other's record would be. All else is
    `likeness`.
    """
    copied, unnumbered = _number("copied", "cmnd_copied"), _number("missing", "unreadable")
    return (
        pl.when(copied).then(pl.lit("other_number"))
        .when((pl.col("spoil") == "as_other") & unnumbered).then(pl.lit("other_name"))
        .otherwise(pl.lit("likeness"))
    )  # fmt: skip


def _born() -> pl.Expr:
    """The relative's day of birth."""
    born = pl.col("born")
    years = pl.concat_str(pl.col("years"), pl.lit("y"))
    return (
        pl.when(_is("twin_midnight")).then(born.dt.offset_by("1d"))
        .when(_is("brother_same_day")).then(born.dt.offset_by("1y"))
        .when(_is("sibling_default_date")).then(born.dt.truncate("1y").dt.offset_by(years))
        .when(_is("sibling_close")).then(born + pl.duration(days=pl.col("days")))
        .when(_is("son_of_same_name")).then(born.dt.offset_by(pl.concat_str(pl.col("late"), pl.lit("y100d"))))
        .when(_namesake()).then(born.dt.truncate("1y") + pl.duration(days=pl.col("days") - 280))
        .otherwise(born)
    )  # fmt: skip


def _date(column: str) -> pl.Expr:
    """The date as the registry writes it for this relation."""
    written = pl.col(column).dt.to_string("%Y-%m-%d")
    for relation, form in REGISTERED_YEARS.items():
        written = pl.when(_is(relation)).then(pl.col(column).dt.to_string(form)).otherwise(written)
    return written


def _numbered(cases: pl.DataFrame, people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """The cases with the relative's number (`own`, null if none is free) and the record's cell (`cell_number`)."""
    taken = people["person_id"].implode()
    size = cases.height
    cases = cases.with_columns(step=chance.integers(1, 10, size), place=chance.integers(6, 10, size))
    own = [_neighbour(pl.col("step") + further) for further in range(9)]
    turned = [_transposed(place) for place in (10, 9, 8, 7, 6)]
    cases = cases.with_columns(
        own=pl.when(_namesake() | _is("son_of_same_name")).then(_stranger()).otherwise(_first(own, taken))
    ).with_columns(own=pl.when(pl.col("number") == "own_transposed").then(_first(turned, taken)).otherwise("own"))
    cases = cases.with_columns(own=pl.when(~pl.col("own").is_in(taken) & pl.col("own").is_first_distinct()).then("own"))
    taken = pl.concat([people["person_id"], cases["own"].drop_nulls()]).implode()
    damaged = {name: _first([_damaged(name, k) for k in range(9)], taken) for name in ("own", "person_id")}
    cards = people["old_ids"].drop_nulls().str.split(";").explode().implode()
    return cases.with_columns(
        cell_number=pl.when(_number("own", "own_transposed")).then("own")
        .when(_number("own_damaged")).then(damaged["own"])
        .when(_number("copied")).then("person_id")
        .when(_number("copied_damaged")).then(damaged["person_id"])
        .when(_number("cmnd")).then(_first([_next_card(k) for k in range(9)], cards))
        .when(_number("cmnd_copied")).then("cmnd")
        .when(_number("unreadable")).then(_scientific())
    )  # fmt: skip


def _prefix() -> pl.Expr:
    """Province, century and sex, year: the first six digits of the relative's number."""
    year = pl.col("new_born").dt.year()
    digit = (year // 100 - 19) * 2 + (pl.col("new_sex") == "Nữ").cast(pl.Int32)
    return pl.concat_str(
        pl.col("person_id").str.slice(0, 3), digit.cast(pl.String), pl.col("new_born").dt.to_string("%y")
    )


def _neighbour(step: pl.Expr) -> pl.Expr:
    """The person's number with another last digit, under the relative's own first six."""
    last = (pl.col("person_id").str.slice(11).cast(pl.Int32) + (step - 1) % 9 + 1) % 10
    return pl.concat_str(_prefix(), pl.col("person_id").str.slice(6, 5), last.cast(pl.String))


def _transposed(place: int) -> pl.Expr:
    """The person's number with two neighbouring digits exchanged, under the relative's own first six."""
    digits = pl.col("person_id")
    turned = pl.concat_str(
        _prefix(), digits.str.slice(6, place - 6), digits.str.slice(place + 1, 1), digits.str.slice(place, 1),
        digits.str.slice(place + 2),
    )  # fmt: skip
    return pl.when(digits.str.slice(place, 1) != digits.str.slice(place + 1, 1)).then(turned)


def _stranger() -> pl.Expr:
    """A number far from the person's, under the relative's own first six."""
    tail = (pl.col("person_id").str.slice(6).cast(pl.Int64) + 271_828 + pl.col("case").cast(pl.Int64)) % 1_000_000
    return pl.concat_str(_prefix(), tail.cast(pl.String).str.zfill(6))


def _damaged(column: str, further: int) -> pl.Expr:
    """The number with one other digit among the last six, not beside the last, where the relatives differ."""
    number, place = pl.col(column), pl.col("place")
    digit = (number.str.slice(place, 1).cast(pl.Int32) + (pl.col("step") - 1 + further) % 9 + 1) % 10
    return pl.concat_str(number.str.slice(0, place), digit.cast(pl.String), number.str.slice(place + 1))


def _next_card(further: int) -> pl.Expr:
    """The person's CMND with another last digit."""
    last = (pl.col("cmnd").str.slice(8).cast(pl.Int32) + (pl.col("step") - 1 + further) % 9 + 1) % 10
    return pl.concat_str(pl.col("cmnd").str.slice(0, 8), last.cast(pl.String))


def _scientific() -> pl.Expr:
    """The relative's number as Excel spoils it: 7.9087E+10."""
    digits = pl.col("own").str.strip_chars_start("0")
    power = (digits.str.len_chars() - 1).cast(pl.String)
    return pl.concat_str(digits.str.slice(0, 1), pl.lit("."), digits.str.slice(1, 4), pl.lit("E+"), power.str.zfill(2))


def _first(candidates: list[pl.Expr], taken: pl.Series) -> pl.Expr:
    """The first of the numbers that nobody has."""
    return pl.coalesce(pl.when(~each.is_in(taken)).then(each) for each in candidates)


def _is(relation: str) -> pl.Expr:
    return pl.col("relation") == relation


def _namesake() -> pl.Expr:
    return pl.col("relation").str.starts_with("namesake")


def _number(*wanted: str) -> pl.Expr:
    return pl.col("number").is_in(wanted)


def _other(column: str) -> pl.Expr:
    """Somebody else's parent: that of the case before."""
    return pl.col(column).shift(1, fill_value=pl.col(column).last())


def _plain_column() -> pl.Expr:
    """The cell without marks, each word with a capital."""
    return pl.col("cell").map_batches(lambda cells: pl.Series([fold(cell).title() for cell in cells], dtype=pl.String))
