"""One person, one record: who gets the person, and what becomes of the others."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import model
from matching.assign import _assignment, keep_one
from matching.offers import again_bits, offered
from matching.records import CLEAN

MODEL = model.load()
AGAIN = again_bits(MODEL)
"""A record that says a person once more is that much less likely than one that says a person without a record."""

Row = tuple[int | None, str, str, float]


def _about(weight: pl.Expr) -> dict[str, pl.Expr]:
    """What is said of a link to person `p`: other for each record, person and weight, so that nothing passes for it."""
    levels = {
        comparison.field: ((pl.col("r") + pl.col("p").fill_null(0)) % len(comparison.level)).cast(pl.UInt8)
        for comparison in MODEL.comparison
    }
    probability, margin = pl.col("p") / 10 + pl.col("r") / 1000, pl.col("p") * 1.0 - pl.col("r")
    return {"weight": weight, "probability": probability, "margin": margin, **levels}


def _decided(rows: list[Row]) -> pl.DataFrame:
    """p, decision, status, weight of each record."""
    frame = pl.DataFrame(
        rows, schema={"p": pl.Int64, "decision": pl.String, "status": pl.String, "weight": pl.Float64}, orient="row"
    ).with_columns(
        r=pl.int_range(pl.len(), dtype=pl.Int32),
        person_id=pl.col("p").cast(pl.String),
        filled=pl.lit(7, dtype=pl.Int16),
        life=pl.lit("alive"),
        differs=pl.when(pl.col("status") == "agreed").then(pl.lit("")).otherwise(pl.lit("full_name")),
        number_level=pl.lit("same"),
        has_owner=pl.lit(False),
        owned=pl.lit(False),
        **dict.fromkeys(CLEAN.values(), pl.lit(True)),
    )
    return frame.with_columns(**_about(pl.col("weight")))


def _offers(pairs: list[tuple[int, int, float]]) -> pl.DataFrame:
    frame = pl.DataFrame(pairs, schema={"r": pl.Int32, "p": pl.Int64, "weight": pl.Float64}, orient="row")
    known = {"person_id": pl.col("p").cast(pl.String), "life": pl.lit("alive"), **_about(pl.col("weight"))}
    return frame.with_columns(**known).select(offered(MODEL))


def test_agreed_goes_before_the_latest_and_strength_settles_nothing() -> None:
    found = keep_one(
        _decided([
            (1, "link", "wrong_information", 30.0), (1, "link", "agreed", 30.0), (2, "link", "wrong_id", 12.0),
            (2, "link", "wrong_id", 11.0), (3, "link", "wrong_id", 9.0), (3, "link", "wrong_id", 9.0),
            (1, "review", "ambiguous", 3.0), (None, "none", "not_found", 0.0),
        ]),
        _offers([]), MODEL,
    )  # fmt: skip
    assert found["status"].to_list() == [
        "duplicate", "agreed", "duplicate", "wrong_id", "duplicate", "wrong_id", "ambiguous", "not_found",
    ]  # fmt: skip
    assert found["decision"].to_list() == [*["link"] * 6, "review", "none"], "who it is is another question"


def test_fewer_differing_fields_go_before_more_cells_before_the_latest() -> None:
    rows = _decided([(1, "link", "wrong_id", 9.0)] * 3).with_columns(
        differs=pl.Series(["full_name", "full_name,sex", "full_name"]), filled=pl.Series([9, 12, 8], dtype=pl.Int16)
    )
    assert keep_one(rows, _offers([]), MODEL)["status"].to_list() == ["wrong_id", "duplicate", "duplicate"]


def test_the_best_for_all_and_not_for_the_first() -> None:
    """Two namesakes: r0 fits p1 and, nearly as well, p2; r1 fits p1 alone. Greedy would give p1 to r0."""
    found = keep_one(
        _decided([(1, "link", "wrong_information", 20.0), (1, "link", "wrong_information", 19.5)]),
        _offers([(0, 2, 19.0)]),
        MODEL,
    )
    assert found["p"].to_list() == [2, 1]
    assert found["status"].to_list() == ["ambiguous", "wrong_information"]
    assert found["decision"].to_list() == ["review", "link"], "a person got instead is for a human to confirm"


@pytest.mark.parametrize(("below", "status"), [(AGAIN - 0.1, "ambiguous"), (AGAIN + 0.1, "duplicate")])
def test_the_same_person_again_before_a_far_less_likely_one(below: float, status: str) -> None:
    found = keep_one(
        _decided([(1, "link", "missing_id", 20.0), (1, "link", "missing_id", 20.0)]),
        _offers([(0, 2, 20.0 - below), (1, 2, 20.0 - below)]),
        MODEL,
    )
    assert found["status"].to_list() == [status, "missing_id"]


def test_a_person_who_has_a_record_is_nobodys_second_choice() -> None:
    found = keep_one(
        _decided([(1, "link", "wrong_id", 20.0), (1, "link", "wrong_id", 20.0), (2, "link", "wrong_id", 9.0)]),
        _offers([(0, 2, 19.0), (1, 2, 19.0)]),
        MODEL,
    )
    assert found["status"].to_list() == ["duplicate", "wrong_id", "wrong_id"]


def test_whose_number_it_is_is_told_of_the_person_got_instead() -> None:
    """The record's number is the first person's: of the second it is another's."""
    decided = _decided([(1, "link", "wrong_id", 20.0), (1, "link", "wrong_id", 19.5)])
    other = _offers([(0, 2, 19.0)]).with_columns(id=pl.lit(MODEL.find("id").number("different"), pl.UInt8))
    found = keep_one(decided.with_columns(has_owner=pl.lit(True)), other, MODEL)
    assert found["status"].to_list() == ["id_of_another", "wrong_id"]


_ROW = st.tuples(st.integers(1, 3), st.sampled_from(["link", "review"]), st.just("wrong_id"), st.floats(1, 30))
_OTHERS = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 4), st.floats(1, 30)))


@given(st.lists(_ROW, max_size=9), _OTHERS)
def test_each_person_once_and_all_that_is_said_is_of_that_person(
    rows: list[Row], others: list[tuple[int, int, float]]
) -> None:
    before = _decided(rows)
    own = {r: p for r, p in before.select("r", "p").iter_rows()}
    offers = _offers([*{(r, p): (r, p, weight) for r, p, weight in others if r in own and own[r] != p}.values()])
    after = keep_one(before, offers, MODEL)
    linked = after.filter(pl.col("decision") == "link", pl.col("status") != "duplicate")["p"]
    assert linked.n_unique() == linked.len()
    assert after["r"].equals(before["r"])
    untouched = before["decision"] == "review"
    assert after.filter(untouched).equals(before.filter(untouched))
    # Whatever a row says of its person stands like this in the pair of that record and that person.
    pairs = pl.concat([before.select(offered(MODEL)), offers])
    assert after.select(offered(MODEL)).join(pairs, on=offered(MODEL), how="anti", nulls_equal=True).is_empty()
    moved = after.filter(after["p"] != before["p"])
    assert not set(moved["p"]) & set(linked), "nobody gets who has a record"
    for row in moved.to_dicts():
        assert row["number_level"] == MODEL.find("id").labels()[row["id"]]
        identity = [each for each in MODEL.comparison if each.column]
        assert row["differs"] == ",".join(
            each.column or "" for each in identity if not each.level[row[each.field]].exact
        )


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(-9, 9), min_size=6, max_size=6), min_size=n, max_size=n)
    )
)
def test_the_assignment_is_the_cheapest(costs: list[list[int]]) -> None:
    """Against every possible one."""
    cost = np.array(costs, dtype=np.float64)
    chosen = _assignment(cost)
    assert len(set(chosen)) == len(chosen)
    least = min(
        sum(cost[row, column] for row, column in enumerate(columns))
        for columns in itertools.permutations(range(6), len(costs))
    )
    assert sum(cost[row, column] for row, column in enumerate(chosen)) == pytest.approx(least)
