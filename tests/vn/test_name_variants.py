"""Variants meet under one key for finding candidates, and only those of the table."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vn import names_text
from vn.name_variants import SAME_SOUND, variant_key, variants
from vn.names import normalise
from vn.tone import table

ROWS = table("name_variants.csv")
ALL = (*SAME_SOUND, "doublet")


@pytest.mark.parametrize("row", ROWS, ids=[row["value"] for row in ROWS])
def test_each_row_joins_two_names_that_normalise_keeps_apart(row: dict[str, str]) -> None:
    value, canonical = f"Lê {row['value']}", f"Lê {row['canonical']}"
    assert (normalise(value), normalise(canonical)) == (value, canonical)
    assert variant_key(value, [row["kind"]]) == variant_key(canonical, [row["kind"]])


@pytest.mark.parametrize(("one", "other"), [("Vy", "Vi"), ("My", "Mi"), ("Ly", "Li"), ("Thy", "Thi")])
def test_common_names_that_differ_stay_apart(one: str, other: str) -> None:
    assert variant_key(f"Lê {one}", ALL) != variant_key(f"Lê {other}", ALL)


def test_doublets_only_when_asked_for() -> None:
    assert variant_key("Huỳnh An") == "huynh an"
    assert variant_key("Huỳnh An", ALL) == variant_key("Hoàng An", ALL) == "hoang an"


def test_table_has_no_chains() -> None:
    assert {row["value"] for row in ROWS}.isdisjoint({row["canonical"] for row in ROWS})
    assert len({row["value"] for row in ROWS}) == len(ROWS)


@given(st.lists(st.none() | names_text.real_names | st.text(), max_size=8))
def test_column_says_what_the_scalar_says(names: list[str | None]) -> None:
    expected = [None if name is None else variant_key(name) for name in names]
    assert variants(pl.Series(names, dtype=pl.String)).to_list() == expected
