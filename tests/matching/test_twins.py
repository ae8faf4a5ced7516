"""Nobody is linked to a twin, a sibling, the father or a namesake: a small fixed version of benchmarks/twins.py.

Two kinds cannot be decided from the data: the tests show that what is linked wrongly says the same as what is linked
rightly.
"""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.planted.families import plant
from benchmarks.planted.given_names import between
from benchmarks.twins import counted, linked
from pipelines.synthetic.make import make

PEOPLE, CASES, CONTROLS, SEED = 10_000, 900, 90, 5


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return linked(tmp_path_factory.mktemp("twins"), PEOPLE, CASES, CONTROLS, SEED)


def _wrong(judged: pl.DataFrame, **kind: str) -> list[tuple[object, ...]]:
    found = judged.filter(*(pl.col(name) == value for name, value in kind.items()), ~pl.col("control"))
    assert not found.is_empty(), "no such case: the test would say nothing"
    return found.filter(outcome="wrong").select("case", "variant", "number", "status").rows()


RELATIONS = [
    "twin",
    "twin_other_sex",
    "twin_midnight",
    "brother_same_day",
    "sibling_default_date",
    "sibling_close",
    "son_of_same_name",
    "namesake",
    "namesake_of_year",
]


@pytest.mark.parametrize("relation", RELATIONS)
def test_likeness_is_not_enough(judged: pl.DataFrame, relation: str) -> None:
    assert _wrong(judged, evidence="likeness", relation=relation) == []


@pytest.mark.parametrize("variant", ["whole", "same"])
def test_a_copied_number(judged: pl.DataFrame, variant: str) -> None:
    """The registered relative's number stands on the record of the other; `same` is the son with his father's."""
    assert _wrong(judged, evidence="other_number", variant=variant) == []


def test_a_copied_number_beside_a_like_name_says_what_a_slip_of_the_pen_says(judged: pl.DataFrame) -> None:
    """An absent twin's record with the registered one's whole number, or the registered one's own with a slip: of the
    second kind there are hundreds of times as many, and tests/matching/test_decide.py says that they are linked."""
    wrong = judged.filter(evidence="other_number", outcome="wrong", control=False)
    assert not wrong["registered"].any(), "where both are registered, the other's name is there to be seen"
    assert not wrong["differs"].str.contains("sex").any()
    assert wrong["differs"].str.starts_with("full_name").all(), (
        "the name differs by a mark or letter, the number does not"
    )


def test_the_other_twins_name_without_a_number_says_what_that_twins_own_record_says(judged: pl.DataFrame) -> None:
    """Name, date and sex are the linked person's, letter for letter: only the number is missing."""
    wrong = judged.filter(evidence="other_name", outcome="wrong")
    assert set(wrong["differs"]) <= {"id_number"}


def test_who_has_an_own_number_is_found(judged: pl.DataFrame) -> None:
    """A matcher that links nobody would pass all the others."""
    controls = judged.filter("control")
    assert controls.filter(number="own")["outcome"].unique().to_list() == ["right"]
    named = controls.filter(pl.col("variant").is_in(["whole", "middle"]))
    assert (named["outcome"] == "right").mean() > 0.9


def test_every_case_is_counted_once(judged: pl.DataFrame) -> None:
    assert judged["case"].n_unique() == judged.height >= 0.97 * (CASES + CONTROLS)
    assert not (judged["outcome"] == "lost").any()
    parts = counted(judged)["by_kind"]
    assert isinstance(parts, dict)
    assert sum(each["cases"] for each in parts.values()) == judged.filter(~pl.col("control")).height


def test_what_is_planted_is_true(tmp_path: Path) -> None:
    people = pl.read_parquet(make(tmp_path, PEOPLE, SEED).registry)
    planted = plant(people, CASES, CONTROLS, SEED)
    numbers = planted.registry["person_id"].implode()
    assert planted.registry["person_id"].is_unique().all()
    assert planted.records["truth"].drop_nulls().is_in(numbers).all()
    cell = planted.records.with_columns(held=pl.col("id_number").is_in(numbers))
    absent = cell.filter(~pl.col("registered"))
    assert absent["truth"].null_count() == absent.height
    assert absent.filter(number="copied")["held"].all()
    for number in ("own", "own_transposed", "copied_damaged", "cmnd", "unreadable"):
        assert not absent.filter(number=number)["held"].any(), number
    own = cell.filter("registered", pl.col("number") == "own")
    assert (own["id_number"] == own["truth"]).all()
    registered = planted.registry.select("date_of_birth", "full_name")
    same = cell.filter(relation="twin", spoil="", registered=False).with_columns(
        date_of_birth=pl.col("date_of_birth").str.to_date("%d/%m/%Y").dt.to_string()
    )
    assert same.join(registered, on=["date_of_birth", "full_name"], how="semi").is_empty(), "nobody else is meant"


@pytest.mark.parametrize(
    ("one", "other", "word"),
    [("minh", "linh", "Ninh"), ("an", "anh", None), ("ha", "hoa", None), ("hoa", "hao", None), ("my", "mi", "Ma")],
)
def test_a_word_between_two_names(one: str, other: str, word: str | None) -> None:
    assert between(one, other) == word
