"""The registry: the file contract, names by cohort and province, families and numbers that fit together."""

from datetime import date

import polars as pl
import pytest

from pipelines.synthetic import registry
from pipelines.synthetic.registry import COLUMNS, Census, chunk_of
from vn import names

NIGHT = date(2026, 11, 22)
CENSUS = Census(60_000, 4, NIGHT)
PEOPLE = chunk_of(CENSUS, 0)
YEAR = PEOPLE["birth"].dt.year()


def test_the_columns_keep_the_contract() -> None:
    text = PEOPLE.select(COLUMNS)
    assert set(text.dtypes) == {pl.String}
    assert text["person_id"].str.contains(r"^\d{12}$").all()
    assert text["date_of_birth"].str.contains(r"^\d{4}(-\d\d(-\d\d)?)?$").all()
    assert set(text["sex"]) == {"Nam", "Nữ"}
    assert set(text["status"]) == {"alive", "deceased", "emigrated", "cancelled"}
    assert text["province"].str.contains(r"^\d\d$").all()
    assert text["commune"].str.contains(r"^\d{5}$").all()
    assert text["old_ids"].drop_nulls().str.contains(r"^\d{9}(\d{3})?(;\d{9}(\d{3})?)*$").all()
    assert ((text["death_date"].is_not_null()) == (text["status"] == "deceased")).all()
    assert (text["death_date"] <= text["updated_at"]).drop_nulls().all()
    assert (text["updated_at"] <= NIGHT.isoformat()).all()


def test_numbers_are_unique_over_chunks_and_old_ones_are_nobody_s() -> None:
    everybody = pl.concat([chunk_of(CENSUS, chunk, strangers=100) for chunk in range(CENSUS.chunks)])
    assert everybody.height == 60_000 + 200
    held = pl.concat([everybody["person_id"], everybody["cancelled_id"].drop_nulls()])
    assert held.n_unique() == len(held)
    assert everybody["cmnd"].drop_nulls().n_unique() == everybody["cmnd"].drop_nulls().len()


def test_the_registry_does_not_depend_on_the_strangers() -> None:
    with_strangers = chunk_of(CENSUS, 1, strangers=70)
    assert with_strangers.height == 10_070
    assert with_strangers.filter("registered").equals(chunk_of(CENSUS, 1))


def test_the_first_people_are_the_same_people_each_time() -> None:
    assert PEOPLE.equals(chunk_of(CENSUS, 0))
    assert not PEOPLE.equals(chunk_of(Census(60_000, 5, NIGHT), 0))


def test_a_number_says_sex_and_birth_year_but_for_a_few() -> None:
    said = PEOPLE.select(
        century=pl.col("person_id").str.slice(3, 1).cast(pl.Int32),
        year=pl.col("person_id").str.slice(4, 2).cast(pl.Int32),
    )
    year = 1900 + said["century"] // 2 * 100 + said["year"]
    right = (year == YEAR) & ((said["century"] % 2 == 1) == (PEOPLE["sex"] == "Nữ"))
    assert 0.0002 < 1 - float(right.mean() or 0) < 0.003
    assert (PEOPLE["person_id"].str.head(3) == PEOPLE["birthplace"]).all()


def test_names_are_canonical() -> None:
    """What we call right must be what the normaliser leaves alone."""
    for column in ("full_name", "father_name", "mother_name", "other_names"):
        distinct = PEOPLE[column].drop_nulls().unique()
        changed = distinct.filter(names.standardise(distinct)["full_name"] != distinct)
        assert changed.to_list() == [], column


def _share(rows: pl.Series, of: pl.Series) -> float:
    return float((rows & of).sum() / of.sum())


@pytest.mark.parametrize(
    ("word", "sex", "old", "young", "why"),
    [(" Thị ", "Nữ", 0.7, 0.25, "Thị falls with younger cohorts"), (" Văn ", "Nam", 0.3, 0.08, "and so does Văn")],
)
def test_middle_names_follow_fashion(word: str, sex: str, old: float, young: float, why: str) -> None:
    has, ours = PEOPLE["full_name"].str.contains(word, literal=True), PEOPLE["sex"] == sex
    assert _share(has, ours & (YEAR < 1980)) > old, why
    assert _share(has, ours & (YEAR >= 2012)) < young, why


def test_girls_of_today_have_four_words() -> None:
    four, ours = PEOPLE["full_name"].str.split(" ").list.len() == 4, PEOPLE["sex"] == "Nữ"
    assert _share(four, ours & (YEAR < 1960)) < 0.12
    assert _share(four, ours & (YEAR >= 2012)) > 0.5


def test_surnames_follow_region_and_people() -> None:
    surname = PEOPLE["full_name"].str.split(" ").list.first()
    assert 0.25 < float((surname == "Nguyễn").mean() or 0) < 0.35
    north, south = PEOPLE["birthplace"].is_in(["001", "034", "036"]), PEOPLE["birthplace"].is_in(["079", "082", "086"])
    assert _share(surname == "Vũ", north) > 2 * _share(surname == "Vũ", south)
    assert _share(surname == "Huỳnh", south) > 5 * _share(surname == "Huỳnh", north)
    highlands = PEOPLE["full_name"].str.contains(r"^(Y |H')|^(Ksor|Siu|Rmah) ")
    assert _share(highlands, PEOPLE["birthplace"].is_in(["064", "066"])) > 0.08
    assert _share(highlands, north) == 0


def test_children_take_their_father_s_surname() -> None:
    child = PEOPLE.filter(pl.col("father_id").is_not_null(), pl.col("father_name").is_not_null())
    same = child["full_name"].str.split(" ").list.first() == child["father_name"].str.split(" ").list.first()
    assert 0.95 < float(same.mean() or 0) < 1
    father = PEOPLE.select("person_id", named="full_name", father_birth="birth")
    joined = child.join(father, left_on="father_id", right_on="person_id")
    assert (joined["named"] == joined["father_name"]).all()
    assert (joined["father_birth"] < joined["birth"]).all()


def test_there_are_namesakes() -> None:
    names_shared = PEOPLE["full_name"].is_duplicated()
    assert 0.3 < float(names_shared.mean() or 0) < 0.9


def test_twins_have_one_birthday_and_near_numbers() -> None:
    rows = PEOPLE.with_row_index("row")
    pairs = rows.filter("twin").group_by("father_name", "mother_name", "birth", maintain_order=True).agg("person_id")
    pairs = pairs.filter(pl.col("person_id").list.len() == 2)
    apart = (
        pairs["person_id"].list.eval(pl.element().str.tail(6).cast(pl.Int64)).list.eval(pl.element().diff()).list.last()
    )
    assert pairs.height > 50
    assert float((apart.abs() == 1).mean() or 0) > 0.85


def test_a_hundred_million_people_have_numbers_enough() -> None:
    """A chunk of the whole country fits into its part of the numbers, strangers and old papers too."""
    whole = Census(100_000_000, 1, NIGHT)
    assert chunk_of(whole, 1_234, strangers=2_500).height == 52_500


def test_memory_depends_on_the_chunk() -> None:
    assert Census(100_000_000, 1, NIGHT).chunks == 2_000
    assert max(Census(100_000_000, 1, NIGHT).size(chunk) for chunk in (0, 1_999)) == registry.CHUNK
