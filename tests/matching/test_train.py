"""What agreed records teach: a place that never agrees says nothing, one that always does says much."""

import polars as pl
import pytest

from matching.model import load
from matching.train import with_counted_evidence


def _levels(**labels: list[str]) -> pl.DataFrame:
    model = load()
    height = len(next(iter(labels.values())))
    return pl.DataFrame(
        {
            field.field: [field.number(label) for label in labels.get(field.field, ["missing"] * height)]
            for field in model.comparison
        },
        schema={field.field: pl.UInt8 for field in model.comparison},
    )


def test_counted_and_stated_are_mixed() -> None:
    """600 communes agree and 200 do not; the stated 0.75, 0.15, 0.1 count as 200 records more."""
    model = with_counted_evidence(load(), _levels(place=["commune"] * 600 + ["different"] * 200))
    place = {label: m for label, (m, _) in model.weights.levels["place"].items()}
    assert place == {
        "commune": pytest.approx(750 / 1000),
        "province": pytest.approx(30 / 1000),
        "different": pytest.approx(220 / 1000),
    }


def test_missing_counts_for_nothing() -> None:
    model = with_counted_evidence(load(), _levels(place=["missing"] * 500))
    for label, numbers in load().weights.levels["place"].items():
        assert model.weights.levels["place"][label] == pytest.approx(numbers)


def test_the_four_fields_and_u_stay() -> None:
    before = load().weights.levels
    after = with_counted_evidence(load(), _levels(name=["same"] * 9, place=["province"] * 9)).weights.levels
    for field in ("name", "birth", "sex", "id"):
        assert after[field] == before[field]
    assert {label: u for label, (_, u) in after["place"].items()} == {
        label: u for label, (_, u) in before["place"].items()
    }
