"""The cleaned inputs that a peer is given: our standardised records and our registry, in the columns that it compares.

Nothing of this is on the peer's clock, which favours it: names are canonical, marks folded (DuckDB's distances count
bytes), dates, sexes, places and numbers read, parts split, old numbers and legal other names at hand.
"""

from pathlib import Path

import polars as pl

from matching.records import prepare


def write(registry: pl.DataFrame, core: pl.DataFrame, folder: Path) -> None:
    """`registry.parquet` and `records.parquet` in `folder`, one row a person and one a record, of the same columns.

    Shape: `unique_id` is the person's number, or the record's row in `core`.
    """
    _columns(_people(registry)).write_parquet(folder / "registry.parquet")
    _columns(_records(core)).write_parquet(folder / "records.parquet")


def _people(registry: pl.DataFrame) -> pl.DataFrame:
    others = pl.col("other_names").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    return registry.with_columns(
        unique_id="person_id",
        number="person_id",
        numbers=pl.concat_list("person_id", pl.col("old_ids").fill_null(pl.lit([], dtype=pl.List(pl.String)))),
        names=pl.concat_list("name_key", others.list.eval(_fold(pl.element()))),
        birth_alternative=pl.lit(None, dtype=pl.String),
        mother=_fold(pl.col("mother_name")),
        father=_fold(pl.col("father_name")),
    )


def _records(core: pl.DataFrame) -> pl.DataFrame:
    records = prepare(core)
    return records.with_columns(
        unique_id=pl.col("r").cast(pl.String),
        number="digits",
        numbers=_list(pl.coalesce("digits", "cmnd_number")),
        names=_list(pl.col("name_key")),
        mother=_fold(pl.col("mother_name")),
        father=_fold(pl.col("father_name")),
    )


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    """What both sides have: the compared columns, and those that only blocking asks for."""
    words = pl.col("name_key").str.split(" ")
    birth, number = pl.col("date_of_birth"), pl.col("number")
    return frame.select(
        "unique_id",
        "number",
        "numbers",
        "full_name",
        "name_key",
        "names",
        surname=words.list.first(),
        given=words.list.last(),
        ends=pl.concat_str(words.list.first(), words.list.last(), separator=" "),
        words=words.list.sort().list.join(" "),
        initials=words.list.eval(pl.element().str.head(1)).list.sort().list.join(""),
        birth="date_of_birth",
        birth_date=pl.when(birth.str.len_chars() == 10).then(birth),
        birth_year="birth_year",
        month_day=pl.when(birth.str.len_chars() == 10).then(birth.str.slice(5)),
        birth_alternative="birth_alternative",
        sex="sex",
        province="province_code",
        commune="commune_code",
        mother="mother",
        father="father",
        number_first=number.str.head(8),
        number_last=number.str.tail(8),
        number_outer=number.str.head(4) + number.str.tail(4),
        serial=number.str.tail(6),
        birth_place=number.str.head(3),
    )


def _list(value: pl.Expr) -> pl.Expr:
    """The value as a list of one; null if it is null."""
    return pl.when(value.is_not_null()).then(pl.concat_list(value))


def _fold(name: pl.Expr) -> pl.Expr:
    """Lower-case ASCII of a canonical name."""
    marks = name.str.normalize("NFD").str.replace_all(r"\p{M}", "")
    return marks.str.replace_all("đ", "d").str.replace_all("Đ", "D").str.to_lowercase()
