"""Tonight's habits: many errors in a field make an error in it weigh less, and the other way round."""

import polars as pl
import pytest

from matching.model import load
from matching.term_frequency import COLUMNS, PREFIX, UNITS_PER_BIT
from matching.train import WIDEST, Habits, adapted, habits

MODEL = load()


def _pairs(count: int, wrong: int, field: str, label: str) -> pl.DataFrame:
    """So many settled pairs of which `wrong` are at this level in the field, the rest the same in everything."""
    rows = []
    for at in range(count):
        row: dict[str, object] = {"r": at, "p": at, "settled": True}
        for comparison in MODEL.comparison:
            first = next(level.label for level in comparison.level if level.grade == "same")
            row[comparison.field] = comparison.number(label if at < wrong and comparison.field == field else first)
            row[f"kind_{comparison.field}"] = comparison.whole()
        rows.append(row | {f"{PREFIX}{name}": -10 * UNITS_PER_BIT for name in COLUMNS})
    return pl.DataFrame(rows)


def test_no_records_no_habits() -> None:
    found = habits(_pairs(1, 0, "name", "same"), 0, MODEL, 1000)
    assert {bits for kinds in found.errors.values() for bits in kinds.values()} == {0.0}
    assert adapted(MODEL, found).weights.m["place"]["numbered"] == pytest.approx(MODEL.weights.m["place"]["numbered"])


def test_communes_that_agree_are_believed() -> None:
    """Stated: a quarter of the communes are others. Here 1 of 1,000: 6 bits of odds fewer, of which 4 are believed."""
    found = habits(_pairs(1000, 1, "place", "different"), 1000, MODEL, 1000)
    assert found.errors["place"] == {"numbered": -WIDEST, "unnumbered": 0.0}
    m = adapted(MODEL, found).weights.m["place"]["numbered"]
    assert 0.97 < m["commune"] < 0.99
    assert m["different"] / m["province"] == pytest.approx(0.1 / 0.15), "how errors divide is stated"


def test_communes_that_do_not_agree_are_not() -> None:
    m = adapted(MODEL, habits(_pairs(1000, 700, "place", "different"), 1000, MODEL, 1000)).weights.m["place"][
        "numbered"
    ]
    assert m["commune"] < 0.4


def test_records_without_a_person_lower_the_prior() -> None:
    """500 records of 1,000 have no candidate at all."""
    weights = adapted(MODEL, habits(_pairs(500, 0, "name", "same"), 1000, MODEL, 1000)).weights
    assert 0.4 < weights.prior.in_registry < 0.65


def test_a_record_more_changes_nothing() -> None:
    assert habits(_pairs(800, 40, "birth", "slip"), 900, MODEL, 1000) == habits(
        _pairs(801, 40, "birth", "slip"), 901, MODEL, 1000
    )


def test_habits_can_be_stored() -> None:
    found = habits(_pairs(300, 30, "name", "slip"), 320, MODEL, 1000)
    assert Habits.model_validate_json(found.model_dump_json()) == found
