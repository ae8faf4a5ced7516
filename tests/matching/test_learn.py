"""How confirmed pairs move m: only the division among wrong values, against numbers that a person can reckon."""

import polars as pl
import pytest

from matching import model
from matching.learn import learn

MODEL = model.load()
DATE = MODEL.find("birth")


def _confirmed(*labels: str) -> pl.DataFrame:
    """Pairs that differ in the date alone, in these ways."""
    said = {field.field: field.number("missing" if field.column is None else "same") for field in MODEL.comparison}
    kinds = {f"kind_{field.field}": field.whole() for field in MODEL.comparison}
    return pl.DataFrame([{**said, **kinds, "birth": DATE.number(label)} for label in labels])


def test_a_hundred_swapped_dates_move_half_of_the_way() -> None:
    stated = MODEL.weights.m["birth"]["day"]
    wrong = [level.label for level in DATE.level if level.grade != "missing" and not level.faithful]
    total = sum(stated[label] for label in wrong)
    found = learn(_confirmed(*["swapped"] * 100), MODEL)
    assert found.m["birth"]["day"]["swapped"] == pytest.approx((stated["swapped"] + total) / 2, abs=1e-6)
    assert found.m["birth"]["day"]["slip"] == pytest.approx(stated["slip"] / 2, abs=1e-6)
    assert sum(found.m["birth"]["day"][label] for label in wrong) == pytest.approx(total, abs=1e-5)
    told = found.changes.filter(level="swapped").row(0, named=True)
    assert (told["field"], told["kind"], told["counted"], told["before"]) == ("birth", "day", 100, stated["swapped"])


def test_what_agrees_says_nothing_of_errors() -> None:
    found = learn(_confirmed("same", "same"), MODEL)
    assert found.m == MODEL.weights.m
    assert found.changes.is_empty()
