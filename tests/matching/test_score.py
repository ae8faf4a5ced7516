"""Bits and posteriors, on numbers that can be worked out by hand."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.model import load
from matching.score import add_posterior, add_shares, add_weight, agreed_weight, prior_bits, probability

MODEL = load()


def _levels(people: int, share: float = 0.0, **labels: str) -> float:
    """The weight of a pair with these levels, all else missing, and every counted share `share`."""
    row = {field.field: field.number(labels.get(field.field, "missing")) for field in MODEL.comparison}
    shares = {f"share_{kind}": share for kind in ("name", "ends", "date", "year", "commune", "province")}
    pair = pl.DataFrame([{**row, **shares, "share_person": 1 / people}])
    return float(add_weight(pair, MODEL, people)["weight"].item())


def test_nothing_known_is_the_prior() -> None:
    inside = MODEL.weights.prior.in_registry
    assert _levels(1000) == pytest.approx(math.log2(inside / (1 - inside) / 1000), abs=1e-6)


def test_the_number_outweighs_the_size_of_the_registry() -> None:
    """m / (1/N) × 1/N: who has the number is the person with odds m × prior, however large the registry."""
    small, large = _levels(1_000, id="same"), _levels(100_000_000, id="same")
    assert small == pytest.approx(large, abs=1e-6)


def test_a_common_name_weighs_less() -> None:
    rare, common = _levels(10**6, share=1e-6, name="same"), _levels(10**6, share=1e-3, name="same")
    assert rare - common == pytest.approx(math.log2((1e-3 * 0.990099 + 1e-6 * 0.990099 / 1) / 1.98e-6), abs=0.1)
    assert rare > common


def test_a_small_registry_counts_badly() -> None:
    """With 4 people a name that one of them has is not one that a quarter of the country has."""
    assert _levels(4, share=0.25, name="same") > _levels(4, share=0.0, name="different") + 10


def test_order_of_levels_is_order_of_weights() -> None:
    names = [_levels(10**6, 1e-4, name=label) for label in ("same", "slip", "given_slip", "different")]
    assert names == sorted(names, reverse=True)


@given(st.lists(st.floats(-60, 60), min_size=1, max_size=6))
def test_candidates_share_one_probability_with_nobody(weights: list[float]) -> None:
    pairs = add_posterior(pl.DataFrame({"r": [0] * len(weights), "weight": weights}))
    found = pairs["probability"].to_list()
    assert all(0 <= each <= 1 for each in found)
    total = sum(2.0**weight for weight in weights)
    assert sum(found) == pytest.approx(total / (1 + total), abs=1e-5)


def test_a_lone_candidate() -> None:
    assert probability(0.0) == 0.5
    assert probability(10.0) == pytest.approx(1024 / 1025, abs=1e-6)
    assert probability(-5000.0) == 0.0
    assert probability(5000.0) == 1.0
    pairs = add_posterior(pl.DataFrame({"r": [0], "weight": [10.0]}))
    assert pairs["probability"].item() == probability(10.0)


def test_shares_count_the_commonest_value() -> None:
    columns = (
        "name_key_l",
        "name_key_r",
        "ends_l",
        "date_of_birth_r",
        "birth_year_r",
        "commune_code_r",
        "province_code_r",
    )
    pair = pl.DataFrame({name: ["x"] for name in columns})
    pair = pair.with_columns(name_key_r=pl.lit("y"), ends_l=pl.lit("unknown"))
    counts = {
        kind: pl.DataFrame({"value": ["x", "y"], "people": [10, 30]})
        for kind in ("name", "ends", "date", "year", "commune", "province")
    }
    shares = add_shares(pair, counts, 100)
    assert shares["share_name"].item() == 0.3
    assert shares["share_date"].item() == 0.1
    assert shares["share_ends"].item() == 0.0


def test_four_fields_agreeing_are_beyond_doubt() -> None:
    for people in (1, 10_000, 100_000_000):
        assert probability(agreed_weight(MODEL, people)) > 0.9999
    assert prior_bits(MODEL, 100) < prior_bits(MODEL, 10)
