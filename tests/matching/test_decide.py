"""One person, one record: who keeps the person."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from matching.decide import keep_one


def _links(rows: list[tuple[str | None, str, str, float]]) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema={"person_id": pl.String, "decision": pl.String, "status": pl.String, "weight": pl.Float64},
        orient="row",
    ).with_columns(differs=pl.when(pl.col("status") == "agreed").then(pl.lit("")).otherwise(pl.lit("full_name")))


def test_agreed_goes_before_strong_before_first() -> None:
    found = keep_one(
        _links([
            ("1", "link", "wrong_information", 30.0), ("1", "link", "agreed", 20.0), ("2", "link", "wrong_id", 12.0),
            ("2", "link", "wrong_id", 14.0), ("3", "link", "wrong_id", 9.0), ("3", "link", "wrong_id", 9.0),
            ("1", "review", "ambiguous", 3.0), (None, "none", "not_found", 0.0),
        ])
    )  # fmt: skip
    assert found["status"].to_list() == [
        "duplicate", "agreed", "duplicate", "wrong_id", "wrong_id", "duplicate", "ambiguous", "not_found",
    ]  # fmt: skip
    assert found["decision"].to_list() == ["review", "link", "review", "link", "link", "review", "review", "none"]


_ROW = st.tuples(
    st.sampled_from(["1", "2", "3"]),
    st.sampled_from(["link", "review"]),
    st.sampled_from(["agreed", "wrong_id"]),
    st.floats(-5, 30),
)


@given(st.lists(_ROW, max_size=12))
def test_each_person_once(rows: list[tuple[str, str, str, float]]) -> None:
    before, after = _links(rows), keep_one(_links(rows))
    linked = after.filter(decision="link")["person_id"]
    assert linked.n_unique() == linked.len()
    assert set(linked) == set(before.filter(decision="link")["person_id"]), "nobody loses their only link"
    assert after["person_id"].equals(before["person_id"])
