"""Loads the tables on names, ages and places of this package and of `vn`, as columns."""

from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

from pipelines.synthetic.chance import Floats, Ints, Weighted

COHORTS = ("elder", "senior", "adult", "young", "child")
REGIONS = ("north", "central", "south")


@cache
def table(name: str, package: str = "pipelines.synthetic") -> pl.DataFrame:
    """A CSV table; every cell is text, empty cells are null."""
    return pl.read_csv((files(package) / "tables" / f"{name}.csv").read_bytes(), infer_schema_length=0)


def numbers(frame: pl.DataFrame, column: str) -> Floats:
    """A column of the table as numbers."""
    return frame[column].cast(pl.Float64).to_numpy()


@cache
def vocabulary() -> tuple[str, ...]:
    """Every word of a name, once; names are kept as positions in it until they are written."""
    words = pl.concat(
        [
            _surnames()["surname"],
            table("middle_names")["token"],
            table("given_names")["token"],
            table("ethnic_names")["token"],
            pl.Series(["Thị", "Văn", "A", "Y"]),
        ]
    )
    return tuple(words.unique(maintain_order=True).to_list())


@cache
def _positions() -> dict[str, int]:
    return {word: position for position, word in enumerate(vocabulary())}


def words(tokens: pl.Series | list[str]) -> Ints:
    """Positions of the words in the vocabulary. Errors: KeyError for a word that is in no table."""
    return np.array([_positions()[token] for token in tokens], dtype=np.int64)


def word(token: str) -> int:
    """Position of one word."""
    return _positions()[token]


def _surnames() -> pl.DataFrame:
    kinh = table("surnames", "vn").filter(pl.col("kind") == "kinh", pl.col("surname") == pl.col("canonical"))
    return kinh.filter(pl.col("frequency").cast(pl.Float64) > 0)


@cache
def surnames(region: str) -> Weighted:
    """Surnames of the Kinh in one region."""
    frame = _surnames().join(table("surname_regions"), on="surname", how="left", maintain_order="left")
    factor = frame[region].cast(pl.Float64).fill_null(1.0).to_numpy()
    return Weighted.of(words(frame["surname"]), numbers(frame, "frequency") * factor)


@cache
def surname_words() -> Ints:
    """Positions of all common surnames: as a middle name they stand for the mother's."""
    return np.sort(words(_surnames().filter(pl.col("frequency").cast(pl.Float64) >= 0.005)["surname"]))


@cache
def given_names(sex: str, cohort: str) -> Weighted:
    """Given names of one sex in one cohort."""
    eras = table("given_eras").filter(pl.col("sex") == sex, pl.col("cohort") == cohort).select("token", "factor")
    frame = table("given_names").filter(pl.col("sex") == sex).join(eras, on="token", how="left", maintain_order="left")
    factor = frame["factor"].cast(pl.Float64).fill_null(1.0).to_numpy()
    return Weighted.of(words(frame["token"]), numbers(frame, "count") * factor)


@cache
def middle_names(sex: str, position: int, cohort: str) -> Weighted:
    """First or second middle names of one sex; the first holds Thị or Văn at the cohort's share."""
    frame = table("middle_names").filter(pl.col("sex") == sex, pl.col("position") == str(position))
    weights = numbers(frame, "count").copy()
    if position == 1:
        usual = frame["token"].eq("Thị" if sex == "F" else "Văn").to_numpy()
        share = float(cohort_row(cohort)["thi" if sex == "F" else "van"])
        weights[usual] = weights[~usual].sum() * share / (1 - share)
    return Weighted.of(words(frame["token"]), weights)


@cache
def cohort_row(cohort: str) -> dict[str, str]:
    """The table's row on one birth cohort."""
    return table("cohorts").row(by_predicate=pl.col("cohort") == cohort, named=True)


@cache
def cohort_starts() -> Ints:
    """First birth year of each cohort."""
    return numbers(table("cohorts"), "born_from").astype(np.int64)


@cache
def ethnic(people: str, part: str) -> Weighted:
    """Clan or given names of one people."""
    frame = table("ethnic_names").filter(pl.col("people") == people, pl.col("part") == part)
    return Weighted.of(words(frame["token"]), numbers(frame, "weight"))


@cache
def peoples() -> tuple[str, ...]:
    """The peoples with names of their own; the Kinh are number 0."""
    return ("Kinh", *table("ethnic_groups")["people"].unique(maintain_order=True).to_list())


@cache
def style(people: str) -> str:
    """Pattern of the people's names: `viet`, `a_thi`, `short`, `clan_last`."""
    if people == "Kinh":
        return "viet"
    return str(table("ethnic_names").filter(pl.col("people") == people)["style"][0])
