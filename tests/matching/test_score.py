"""Bits and posteriors, on numbers that can be worked out by hand."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.model import load
from matching.score import add_belief, add_bits, add_posterior, prior_bits
from matching.term_frequency import COLUMNS, PREFIX, UNITS_PER_BIT

MODEL = load()
COMMON = -10 * UNITS_PER_BIT
"""A share of 1/1024."""


def _pair(people: int, rarity: int = COMMON, **labels: str) -> pl.DataFrame:
    """A pair with these levels, all else missing, every value lacking nothing, and every rarity `rarity`."""
    row: dict[str, object] = {"r": 0}
    for field in MODEL.comparison:
        row[field.field] = field.number(labels.get(field.field, "missing"))
        row[f"kind_{field.field}"] = field.whole()
    return add_bits(pl.DataFrame([row | {f"{PREFIX}{name}": rarity for name in COLUMNS}]), MODEL, people)


def _weight(people: int, rarity: int = COMMON, **labels: str) -> float:
    return float(_pair(people, rarity, **labels)["weight"].item())


def test_nothing_known_is_the_prior() -> None:
    inside = MODEL.weights.prior.in_registry
    assert _weight(1024) == pytest.approx(math.log2(inside / (1 - inside)) - 10, abs=0.05)


def test_the_number_outweighs_the_size_of_the_registry() -> None:
    """m / (1/N) × 1/N: who has the number is the person with odds m × prior, however large the registry."""
    assert _weight(1_000, id="same") == pytest.approx(_weight(100_000_000, id="same"), abs=0.15)


def test_a_field_weighs_m_over_u() -> None:
    m = MODEL.weights.m["name"]["marked"]["same"]
    assert _pair(1000, name="same")["bits_name"].item() == pytest.approx(math.log2(m) + 10)


def test_a_common_name_weighs_less() -> None:
    assert _weight(10**6, -20 * UNITS_PER_BIT, name="same") - _weight(10**6, COMMON, name="same") == pytest.approx(10)


def test_a_nearly_equal_number_says_little_of_date_and_sex_that_agree() -> None:
    """Who was born there that year with that sex nearly surely has the first six digits."""
    alone = _pair(10**6, id="slip", birth="same", sex="different").with_columns()["bits_id"].item()
    row = {f"{PREFIX}{name}": COMMON for name in COLUMNS} | {f"{PREFIX}cell": -UNITS_PER_BIT}
    pair = (
        _pair(10**6, id="slip", birth="same", sex="same")
        .drop("weight", "relative")
        .with_columns(pl.lit(value).alias(name) for name, value in row.items())
    )
    beside = add_bits(pair.select(pl.exclude("^bits_.*$")), MODEL, 10**6)["bits_id"].item()
    assert alone - beside == pytest.approx(9), "10 bits of rarity alone, 1 bit given the rest"


def test_a_name_that_tells_the_sex_leaves_little_to_say() -> None:
    rare = -UNITS_PER_BIT // 16
    told, untold = _pair(1000, rare, name="same", sex="same"), _pair(1000, rare, name="different", sex="same")
    assert told["bits_sex"].item() < 0.1 < 0.9 < untold["bits_sex"].item()


def test_what_twins_share_speaks_for_both() -> None:
    """Same family, same day, another given name: nearer to a twin's record than to this person's."""
    pair = _pair(10**6, name="given", birth="same", place="commune", mother="same", father="same", sex="same")
    assert pair["bits_as_twin"].item() > pair["weight"].item() - 3
    sure = _pair(10**6, name="same", birth="same", place="commune", mother="same", father="same", sex="same")
    assert sure["relative"].item() < sure["weight"].item() - 8


@given(st.lists(st.tuples(st.floats(-60, 60), st.floats(-60, 60)), min_size=1, max_size=6))
def test_candidates_relatives_and_nobody_share_one(weights: list[tuple[float, float]]) -> None:
    own, others = [first for first, _ in weights], [second for _, second in weights]
    pairs = pl.DataFrame({"r": [0] * len(weights), "weight": own, "relative": others, "bits_as_twin": others})
    believed = add_belief(pairs)
    found, beside = believed["probability"].to_list(), believed["belief_twin"].to_list()
    assert all(0 <= each <= 1 for each in (*found, *beside))
    total = sum(2.0**bits for bits in (*own, *others))
    assert sum(found) == pytest.approx(sum(2.0**bits for bits in own) / (1 + total), abs=1e-5)
    assert sum(found) + sum(beside) <= 1 + 1e-2


def test_a_lone_candidate() -> None:
    pairs = add_posterior(pl.DataFrame({"r": [0], "weight": [10.0], "relative": [-1000.0]}))
    assert pairs["probability"].item() == pytest.approx(1024 / 1025, abs=1e-6)


def test_four_fields_agreeing_are_beyond_doubt() -> None:
    for people in (1, 10_000, 100_000_000):
        assert _weight(people, name="same", birth="same", sex="same", id="same") > 12
    assert prior_bits(MODEL, 100) < prior_bits(MODEL, 10)
