"""Two records have one fingerprint only if every column says the same, empty ones too."""

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from pipelines.workspace.fingerprints import RECORD_FIELDS, of_columns, record_sql

CELL = st.none() | st.text(alphabet="aă:-1", max_size=4)


def of(cells: tuple[str | None, ...]) -> str:
    with duckdb.connect() as connection:
        values = ", ".join(f"$c{at}::VARCHAR" for at in range(len(cells)))
        found = connection.execute(
            f"SELECT {of_columns(f'c{at}' for at in range(len(cells)))} FROM (SELECT {values}) "
            f"AS t({', '.join(f'c{at}' for at in range(len(cells)))})",
            {f"c{at}": cell for at, cell in enumerate(cells)},
        ).fetchone()
    assert found is not None
    return str(found[0])


@given(st.tuples(CELL, CELL), st.tuples(CELL, CELL))
def test_different_cells_have_different_fingerprints(
    one: tuple[str | None, ...], other: tuple[str | None, ...]
) -> None:
    assert (of(one) == of(other)) == (one == other)


def test_what_moves_to_the_next_column_or_is_empty_is_another_record() -> None:
    told = [of(cells) for cells in (("ab", "c"), ("a", "bc"), ("abc", ""), ("abc", None), ("", "abc"), (None, "abc"))]
    assert len(set(told)) == len(told)


def test_a_column_that_a_table_has_not_counts_as_empty() -> None:
    assert record_sql(["full_name"]).count("NULL::VARCHAR") == 2 * (len(RECORD_FIELDS) - 1)
    assert "core.full_name" in record_sql(["full_name"], "core")
