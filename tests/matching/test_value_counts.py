"""Values as numbers: the same numbers for the same values, and all of them counted."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import value_counts
from matching.value_counts import Coded, coded, part, together

VALUES = st.lists(st.sampled_from(["An", "Bình", "", None]), min_size=1, max_size=30)


def counted(values: Sequence[object]) -> list[int]:
    found = Counter(values)
    return [found[value] for value in values]


@given(VALUES, st.integers(1, 5))
def test_shares_a_value_with_all_who_have_it_in_whatever_chunk(values: list[str | None], size: int) -> None:
    chunks = [values[at : at + size] for at in range(0, len(values), size)]
    column, texts = coded(pyarrow.chunked_array(chunks, pyarrow.string()))
    assert texts.gather(column.of.tolist()).to_list() == values
    assert column.sharing().tolist() == counted(values)
    assert int(column.counted().sum()) == len(values)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=1, max_size=40), st.booleans())
def test_two_columns_together_are_counted_as_pairs(pairs: list[tuple[int, int]], wide: bool) -> None:
    size = 2**40 if wide else 7  # with so many numbers a row's place has no room beside them
    first, second = (Coded(np.array(side, np.int32), size) for side in zip(*pairs, strict=True))
    found = together(first, second)
    assert found.sharing().tolist() == counted(pairs)
    assert found.of.max() < found.size <= max(len(pairs), 1) or found.size == size * size


def test_a_value_of_a_value_is_counted_by_those_who_have_it() -> None:
    name, names = coded(pyarrow.chunked_array([["Lê An", "Lê Bình", "Lê An", "Vũ An"]]))
    surname = part(names.str.split(" ").list.first())
    assert surname.sharing(name.counted())[name.of].tolist() == [3, 3, 3, 1]
    assert surname.through(name).sharing().tolist() == [3, 3, 3, 1]


@pytest.mark.parametrize("column", [pyarrow.chunked_array([], pyarrow.string()), pl.Series([], dtype=pl.Int16)])
def test_nobody_shares_nothing(column: pyarrow.ChunkedArray | pl.Series) -> None:
    found = part(column) if isinstance(column, pl.Series) else coded(column)[0]
    assert together(found, found).sharing().tolist() == []
    assert value_counts.Coded(found.of, found.size).counted().tolist() == []
