"""A Parquet file in parts says the same as whole."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import UnreadableFile
from pipelines.read import parquet

FRAME = pl.DataFrame({"a": ["1", " ", None, "4"], "n": [1, None, None, 4]})


def rows(parts: list[parquet.ParquetCells]) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]], int]:
    bodies = [part.body(1, 2) for part in parts]
    read = pl.concat([body.rows for body in bodies]).rows()
    rejected = pl.concat([body.rejected for body in bodies]).select("source_row", "code").rows()
    return read, rejected, sum(part.count_below(1) for part in parts)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9])
def test_wherever_it_is_cut_the_rows_are_the_same(tmp_path: Path, size: int) -> None:
    file = tmp_path / "a.parquet"
    FRAME.write_parquet(file, row_group_size=3)
    whole = [(2, "1", "1"), (5, "4", "4")], [(3, "blank_row"), (4, "blank_row")], 4
    assert rows(list(parquet.sheets(file))) == whole
    assert rows(list(parquet.slices(file, size))) == whole


def test_a_file_without_rows_has_one_part_with_its_header(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    FRAME.clear().write_parquet(file)
    (part,) = parquet.slices(file)
    assert part.head == [["a", "n"]]
    assert part.count_below(1) == 0


@pytest.mark.parametrize(("name", "code"), [("nested", "nested_column"), ("cut", "damaged_file")])
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, code: str) -> None:
    file = tmp_path / "a.parquet"
    pl.DataFrame({"a": [["1"]]}).write_parquet(file)
    if name == "cut":
        file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(UnreadableFile) as refusal:
        list(parquet.slices(file))
    assert refusal.value.code == code
