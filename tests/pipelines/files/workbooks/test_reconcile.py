"""Two readers of one sheet that disagree on purpose: what is put back, what is rejected, what is never silent."""

from array import array
from collections.abc import Collection

import polars as pl
import pytest

from pipelines.files.workbooks.reconcile import agreed
from pipelines.files.workbooks.survey import Places, Survey, cell_at

Cells = dict[tuple[int, int], str | None]
"""(row, column) → text."""


def surveyed(cells: Collection[tuple[int, int]]) -> Survey:
    survey = Survey()
    for row, column in sorted(cells):
        survey.rows.append(row)
        survey.counts.append(1)
        survey.columns[column] = survey.columns.get(column, 0) + 1
    return survey


def agree(
    seen: list[list[str | None]], before: int, second: Cells, twice: Collection[tuple[int, int]] = ()
) -> pl.DataFrame:
    """`seen` by the first reader, `second` by the other one; what is `twice` stands in one place two times."""

    def look(rows: Collection[int]) -> Places:
        return {cell_at(*at): [text] * (2 if at in twice else 1) for at, text in second.items() if at[0] in rows}

    width = len(seen[0]) if seen else 0
    frame = pl.DataFrame(seen, schema={f"x{at}": pl.String for at in range(width)}, orient="row")
    return agreed(frame, before, surveyed([*second, *twice]), look)


@pytest.mark.parametrize(
    ("seen", "before", "second", "rows", "why"),
    [
        ([["a", "b"]], 0, {(1, 1): "a", (1, 2): "b"}, [(1, None, "a", "b")], "they agree"),
        ([[None], ["b"]], 1, {(2, 2): "b"}, [(2, None, None, "b")], "columns before, an empty row"),
        ([["a", None]], 0, {(1, 1): "a", (1, 2): "#N/A"}, [(1, None, "a", "#N/A")], "a cell was lost"),
        (
            [["a"]],
            0,
            {(1, 1): "a", (3, 2): "z"},
            [(1, None, "a", None), (3, None, None, "z")],
            "rows and columns were lost",
        ),
        ([["b"]], 1, {(1, 1): "a", (1, 2): "b"}, [(1, None, "a", "b")], "the first column was lost"),
        ([], 0, {(2, 1): "a"}, [(2, None, "a")], "all was lost"),
        ([["a", "b"]], 0, {(1, 1): "a"}, [(1, "cells_disagree", None, None)], "only the first reader sees it"),
        (
            [["a"], ["b"]],
            0,
            {(1, 1): "a"},
            [(1, None, "a"), (2, "cells_disagree", None)],
            "a row that the second lacks",
        ),
        ([["a", None]], 0, {(1, 1): "a", (1, 2): None}, [(1, "cells_disagree", None, None)], "lost, its text unknown"),
        ([[None, "a"]], 0, {(1, 1): "a"}, [(1, "cells_disagree", None, None)], "equally many, in other columns"),
        ([["a"]], 0, {(2, 1): "a"}, [(1, "cells_disagree", None), (2, None, "a")], "in another row"),
        ([], 0, {}, [], "nothing at all"),
    ],
)
def test_what_comes_of_two_views(
    seen: list[list[str | None]], before: int, second: Cells, rows: list[tuple[object, ...]], why: str
) -> None:
    assert agree(seen, before, second).rows() == rows, why


def test_two_values_in_one_place_are_rejected() -> None:
    rows = agree([["a"], ["b"]], 0, {(1, 1): "x", (2, 1): "b"}, twice=[(1, 1)]).rows()
    assert rows == [(1, "cells_disagree", None), (2, None, "b")]


def test_what_the_officer_sees_replaces_what_the_first_reader_gives() -> None:
    survey = surveyed([(1, 1), (2, 1)])
    survey.shown_at, survey.shown = array("q", [cell_at(2, 1)]), ["007"]
    rows = agreed(pl.DataFrame({"x": ["7", "7"]}), 0, survey, lambda _: {})
    assert rows.rows() == [(1, None, "7"), (2, None, "007")]


def test_a_row_over_a_megabyte_is_rejected_without_its_text() -> None:
    half = "x" * 500_001
    rows = agree([[half, half], ["a", "b"]], 0, {(1, 1): half, (1, 2): half, (2, 1): "a", (2, 2): "b"}).rows()
    assert rows == [(1, "row_too_long", None, None), (2, None, "a", "b")]
