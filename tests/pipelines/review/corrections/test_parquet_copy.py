"""A Parquet file is written again with its changed cells."""

from datetime import date
from pathlib import Path

import polars as pl

from pipelines.review.corrections.parquet_copy import rewrite
from pipelines.review.corrections.text_copy import Cell


def test_cells_of_text_and_dates_change_and_others_are_left(tmp_path: Path) -> None:
    source, target = tmp_path / "a.parquet", tmp_path / "b.parquet"
    frame = pl.DataFrame({"ten": ["An", "Bình"], "sinh": [date(1990, 1, 2), None], "mui": [1, 2]})
    frame.write_parquet(source)
    name, born, dose = Cell(3, 0, "Bình", "Bính"), Cell(2, 1, "1990-01-02", "03/01/1990"), Cell(2, 2, "1", "3")
    assert rewrite(source, target, [name, born, dose], {born: date(1990, 1, 3)}) == {name, born}
    found = pl.read_parquet(target)
    assert found.schema == frame.schema
    assert found.rows() == [("An", date(1990, 1, 3), 1), ("Bính", None, 2)]
