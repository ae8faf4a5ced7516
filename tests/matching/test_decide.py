"""From scored candidates to one row a record: whom, how sure, which status, and what keeps a link from being made.

Each record here is one that agrees in all four fields with one person, but for what a row of the tables says. A match
weight w against nobody is a probability of 2ʷ / (2ʷ + 1): 0 bits are 1/2, 5 are 32/33, 6 are 64/65, 20 a million to 1.
"""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.decide import TWIN_OWNER, best_candidates, decide, given_instead
from matching.model import Calibration, Decision, load

_LOADED = load()
LIMITS = Decision(wrong_link=10, review=1, lost_link=2, link_margin=6, ambiguous_margin=3)
MODEL = _LOADED.model_copy(
    update={
        "weights": _LOADED.weights.model_copy(
            update={"decision": LIMITS, "calibration": Calibration(source="a probability is what it says")}
        )
    }
)
"""The tables' levels and bars, with limits that a reader can reckon with."""

FIELDS = [comparison.field for comparison in MODEL.comparison]
AGREES = dict.fromkeys(FIELDS, "missing") | dict.fromkeys(("name", "birth", "sex", "id"), "same")
Row = dict[str, object]


def record(r: int = 0, **other: object) -> Row:
    """A record that can be looked for, whose four fields stood there as they must."""
    row = {"r": r, "searchable": True, "name_clean": True, "birth_clean": True, "id_clean": True}
    return row | {"id_number": "001200000001", "id_kind": "cccd"} | other


def candidate(weight: float = 20, *, r: int = 0, p: int = 0, **other: object) -> Row:
    """A person who agrees in all four fields, alive, with nobody near who might be meant; levels by their labels."""
    row: Row = {"r": r, "p": p, "person_id": f"00120000000{p}", "life": "alive", "weight": float(weight)}
    row |= {"relative": -99.0} | AGREES | other
    return row | {field: MODEL.find(field).number(str(row[field])) for field in FIELDS}


CANDIDATES = pl.DataFrame([candidate()]).schema | {"r": pl.Int32}
RECORDS = pl.DataFrame([record()]).schema | {"r": pl.Int32}


def best_of(*candidates: Row) -> pl.DataFrame:
    return best_candidates(pl.DataFrame(list(candidates), schema=CANDIDATES), MODEL)


def decided(rows: list[Row], candidates: list[Row], owned: tuple[int, ...] = ()) -> pl.DataFrame:
    """`owned` are the records whose number is somebody's."""
    numbers = pl.Series(owned, dtype=pl.Int32)
    return decide(pl.DataFrame(rows, schema=RECORDS), best_of(*candidates), numbers, MODEL)


# Whom: the strongest candidate, and what the others take from it


def test_the_strongest_candidate_with_its_distance_to_the_second() -> None:
    (best,) = best_of(candidate(12, p=1), candidate(20, p=2), candidate(15, p=3)).to_dicts()
    assert (best["person_id"], best["margin"], best["contender"]) == ("001200000002", 5.0, True)
    # 2²⁰ / (2²⁰ + 2¹⁵ + 2¹² + 1), and all three together.
    assert best["probability"] == pytest.approx(2**20 / (2**20 + 2**15 + 2**12 + 1), abs=1e-6)
    assert best["somebody"] == pytest.approx(1.0, abs=2e-6)


def test_alone_the_distance_is_to_nobody_and_of_equals_the_smaller_number_counts() -> None:
    alone, tied = best_of(candidate(7), candidate(7, r=1, p=5), candidate(7, r=1, p=4)).to_dicts()
    assert (alone["margin"], alone["contender"]) == (7.0, False)
    assert (tied["margin"], tied["p"]) == (0.0, 4)


# How sure: link, review or none

SURE = [
    # weights of the candidates, decision, why
    ([6], "link", "64/65 and 6 bits to nobody: both limits are just reached"),
    ([5], "review", "32/33 is enough, 5 bits are not"),
    ([0], "review", "as likely as nobody"),
    ([-1], "none", "1/3: nobody is likelier"),
    ([20, 14], "link", "64/65, and 6 bits to the second"),
    ([20, 15], "review", "only 5 bits to the second"),
    ([-0.5, -0.5], "review", "0.29 each, 0.59 together: surely one of two namesakes"),
]


@pytest.mark.parametrize(("weights", "decision", "why"), SURE)
def test_link_review_or_none(weights: list[float], decision: str, why: str) -> None:
    found = decided([record()], [candidate(weight, p=at) for at, weight in enumerate(weights)])
    assert found["decision"].item() == decision, why


def test_a_near_relative_who_is_in_no_registry_may_be_meant() -> None:
    found = decided([record()], [candidate(20, relative=20.0)]).row(0, named=True)
    assert (found["decision"], found["margin"], found["probability"]) == ("review", 20.0, pytest.approx(0.5, abs=1e-5))


IMPLAUSIBLE = [
    ({"name": "different", "id": "missing"}, "none", "another name and no number is somebody else"),
    ({"name": "different", "id": "slip"}, "review", "the number is nearly this person's"),
    ({"name": "different", "id": "missing", "mother": "same"}, "review", "born that day of that mother"),
    ({"name": "different", "id": "missing", "mother": "same", "birth": "year"}, "none", "a sister, perhaps"),
]


@pytest.mark.parametrize(("levels", "decision", "why"), IMPLAUSIBLE)
def test_another_name_is_shown_only_where_something_ties_it_to_the_person(
    levels: dict[str, str], decision: str, why: str
) -> None:
    assert decided([record()], [candidate(**levels)])["decision"].item() == decision, why


# Which status: the first line that holds of the table in docs/decisions/010-linking.md

NO_NUMBER = {"id_number": None, "id_kind": "missing"}
STATUSES = [
    # the record, the person, is the number somebody's, decision, status, fields that differ
    ({}, {}, True, "link", "agreed", ""),
    ({}, {"birth": "slip"}, True, "link", "wrong_information", "date_of_birth"),
    ({"name_clean": False}, {}, True, "link", "wrong_information", "full_name"),
    ({}, {"name": "unmarked", "birth": "swapped", "sex": "missing"}, True, "link", "wrong_information",
     "full_name,date_of_birth,sex"),
    ({"id_clean": False}, {}, True, "link", "bad_id_format", "id_number"),
    ({"id_number": None, "id_kind": "unknown"}, {"id": "unreadable"}, False, "link", "bad_id_format", "id_number"),
    ({}, {"id": "slip"}, False, "link", "wrong_id", "id_number"),
    (NO_NUMBER, {"id": "missing"}, False, "link", "missing_id", "id_number"),
    (NO_NUMBER | {"id_kind": "filler"}, {"id": "missing"}, False, "link", "missing_id", "id_number"),
    ({}, {"id": "old_number"}, False, "link", "cancelled_id", "id_number"),
    ({"id_number": None, "id_kind": "cmnd"}, {"id": "different"}, False, "link", "cancelled_id", "id_number"),
    ({}, {"life": "deceased", "birth": "slip"}, True, "link", "deceased", "date_of_birth"),
    ({}, {"life": "emigrated"}, True, "link", "moved", ""),
    ({}, {"life": "cancelled"}, True, "link", "cancelled_id", ""),
    ({}, {"id": "of_another", "life": "deceased"}, True, "review", "id_of_another", "id_number"),
    ({}, {"id": "of_another", "place": "commune"}, True, "link", "id_of_another", "id_number"),
    ({"searchable": False}, {}, True, "review", "unverifiable", ""),
    ({}, {"weight": -9}, False, "none", "not_found", ""),
    ({}, {"weight": -9, "id": "of_another"}, True, "none", "id_of_another", ""),
    ({"searchable": False}, {"weight": -9}, True, "none", "unverifiable", ""),
]  # fmt: skip


@pytest.mark.parametrize(("said", "person", "is_owned", "decision", "status", "differs"), STATUSES)
def test_the_status_of_a_record(
    said: Row, person: dict[str, object], is_owned: bool, decision: str, status: str, differs: str
) -> None:
    weight = person.get("weight", 20)
    others = {name: value for name, value in person.items() if name != "weight"}
    found = decided([record(**said)], [candidate(float(str(weight)), **others)], (0,) if is_owned else ())
    assert found.select("decision", "status", "differs").row(0) == (decision, status, differs)


def test_a_record_without_any_candidate() -> None:
    found = decided([record(), record(1)], [], owned=(1,))
    assert found.select("decision", "status", "person_id", "differs").rows() == [
        ("none", "not_found", None, ""),
        ("none", "id_of_another", None, ""),
    ]


def test_of_nobody_neither_number_nor_life_is_told() -> None:
    found = decided([record()], [candidate(-9, life="deceased")]).row(0, named=True)
    assert (found["p"], found["person_id"], found["life"]) == (None, None, None)


AMBIGUOUS = [
    # weights of two namesakes, status, why
    ((20, 18), "ambiguous", "2 bits apart, and the second is likelier than nobody"),
    ((20, 15), "agreed", "5 bits apart: for a human, but not two of a kind"),
    ((2, -0.5), "agreed", "2.5 bits apart, but the second is less likely than nobody"),
]


@pytest.mark.parametrize(("weights", "status", "why"), AMBIGUOUS)
def test_two_namesakes(weights: tuple[float, float], status: str, why: str) -> None:
    found = decided([record()], [candidate(weight, p=at) for at, weight in enumerate(weights)])
    assert (found["decision"].item(), found["status"].item()) == ("review", status), why


def test_a_number_whose_owner_has_a_doubtful_name_beside_somebody_with_name_and_date() -> None:
    """The weight says the owner, by far. It may as well be the other one, with a number copied down wrongly."""
    owner = candidate(20, p=1, name="given_slip")
    somebody = candidate(2, p=2, id="different")
    found = decided([record()], [owner, somebody], owned=(0,)).row(0, named=True)
    assert (found["p"], found["rival"], found["decision"], found["status"]) == (1, True, "review", "ambiguous")
    assert decided([record()], [owner], owned=(0,))["decision"].item() == "link", "without the other one"


# What is never linked without a human: the bars of comparisons.toml

BARS = [
    ({"name": "given", "id": "missing"}, "other given name", "however probable"),
    ({"name": "doublet", "id": "slip"}, "other given name", "Hoàng and Huỳnh, without the right number"),
    ({"name": "doublet"}, None, "with it, date and sex"),
    ({"birth": "far", "id": "missing"}, "a generation apart", "father and son of one name"),
    ({"name": "similar", "sex": "different"}, "right number, other name and date or sex", "a brother's number"),
]


@pytest.mark.parametrize(("levels", "bar", "why"), BARS)
def test_what_bars_a_link(levels: dict[str, str], bar: str | None, why: str) -> None:
    assert best_of(candidate(**levels))["barred"].item() == bar, why


def test_a_barred_candidate_is_for_a_human() -> None:
    found = decided([record()], [candidate(40, name="doublet", id="slip")]).row(0, named=True)
    assert (found["decision"], found["barred"]) == ("review", "other given name")


def test_a_number_of_somebody_else_is_linked_by_the_home_but_never_where_its_owner_is_born_the_same_day() -> None:
    this = candidate(20, p=1, id="of_another", place="commune")
    twin = candidate(2, p=2, name="given", place="commune")
    aunt = candidate(2, p=2, name="given", birth="far", place="commune")
    assert decided([record()], [this, aunt], owned=(0,))["decision"].item() == "link"
    found = decided([record()], [this, twin], owned=(0,)).row(0, named=True)
    assert (found["person_id"], found["decision"], found["barred"]) == ("001200000001", "review", TWIN_OWNER)
    assert (found["held"], found["askable"]) == (TWIN_OWNER, False), "of twins the registry confirms either"


@pytest.mark.parametrize(("place", "askable"), [("commune", True), ("different", False)])
def test_a_son_with_his_fathers_number_can_be_settled_by_the_registry(place: str, askable: bool) -> None:
    """Name, date and sex are the son's, the number the father's, and neither is likely enough."""
    son, father = candidate(5, p=1, id="of_another", place=place), candidate(2, p=2, birth="far")
    found = decided([record()], [son, father], owned=(0,)).row(0, named=True)
    assert (found["person_id"], found["decision"]) == ("001200000001", "review")
    assert found["askable"] == askable, "somebody of that name elsewhere is somebody else"


# Another person instead: what follows from who it is follows anew


def test_a_record_given_another_person_is_for_a_human_with_that_ones_columns() -> None:
    rows, owned = [record(), record(1)], (0,)
    frame = decided(rows, [candidate(), candidate(r=1)], owned)
    other = {"id": MODEL.find("id").number("of_another"), "birth": MODEL.find("birth").number("slip")}
    again = given_instead(frame.with_columns(**{name: pl.lit(level) for name, level in other.items()}), MODEL)
    assert again.select("decision", "status", "number_level", "owned", "differs").rows() == [
        ("review", "id_of_another", "of_another", True, "date_of_birth,id_number"),
        ("review", "ambiguous", "of_another", False, "date_of_birth,id_number"),
    ]


# Whatever the candidates are

LEVELS = st.fixed_dictionaries({field: st.sampled_from(MODEL.find(field).labels()) for field in FIELDS})
PERSON = st.tuples(st.integers(-20, 40), st.sampled_from(["alive", "deceased", "emigrated", "cancelled"]), LEVELS)
PEOPLE = st.lists(st.lists(PERSON, max_size=3), min_size=1, max_size=5)
"""Of each record its candidates."""


@given(PEOPLE, st.sets(st.integers(0, 4)), st.randoms())
def test_one_row_a_record_and_a_link_only_within_the_limits(
    people: list[list[tuple[int, str, dict[str, str]]]], owned: set[int], random: object
) -> None:
    rows = [record(r) for r in range(len(people))]
    candidates = [
        candidate(weight, r=r, p=p, life=life, **levels)
        for r, persons in enumerate(people)
        for p, (weight, life, levels) in enumerate(persons)
    ]
    found = decided(rows, candidates, tuple(sorted(owned)))
    assert found["r"].to_list() == [row["r"] for row in rows]
    assert found["status"].null_count() == found["differs"].null_count() == 0
    assert (found["person_id"].is_null() == (found["decision"] == "none")).all()
    linked = found.filter(pl.col("decision") == "link")
    assert (linked["probability"] >= LIMITS.link_probability).all()
    assert (linked["margin"] >= LIMITS.link_margin).all()
    assert linked["barred"].null_count() == linked.height
    assert set(linked["status"]) & {"ambiguous", "not_found", "unverifiable"} == set()
    random.shuffle(candidates)  # type: ignore[attr-defined]
    assert decided(rows, candidates, tuple(owned)).equals(found, null_equal=True), (
        "the order of candidates says nothing"
    )
