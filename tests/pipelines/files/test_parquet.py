"""A Parquet file in parts says the same as whole."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import UnreadableFile
from pipelines.files import parquet
from tests.pipelines.files.whole import together

FRAME = pl.DataFrame({"a": ["1", " ", None, "4"], "n": [1, None, None, 4]})


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9])
def test_wherever_it_is_cut_the_rows_are_the_same(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.parquet"
    FRAME.write_parquet(file, row_group_size=3)
    monkeypatch.setattr(parquet, "_PART_ROWS", size)
    (sheet,) = parquet.sheets(file)
    whole = together(list(sheet.parts(1, 2)))
    assert whole.rows.rows() == [(2, "1", "1"), (5, "4", "4")]
    assert whole.rejected.select("source_row", "code").rows() == [(3, "blank_row"), (4, "blank_row")]
    assert whole.counted == 4
    assert pl.concat(sheet.filled_rows(1)).to_list() == [2, 3, 4, 5]


def test_a_file_without_rows_has_its_header(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    FRAME.clear().write_parquet(file)
    (sheet,) = parquet.sheets(file)
    assert sheet.head == [["a", "n"]]
    assert together(list(sheet.parts(1, 2))).counted == 0


def test_a_row_over_a_megabyte_is_rejected_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    pl.DataFrame({"a": ["1", " ".join(map(str, range(200_000))), "3"]}).write_parquet(file)
    (sheet,) = parquet.sheets(file)
    whole = together(list(sheet.parts(1, 1)))
    assert whole.rows.rows() == [(2, "1"), (4, "3")]
    assert whole.rejected.select("source_row", "code").rows() == [(3, "row_too_long")]


FILES = {
    "nested": pl.DataFrame({"a": [["1"]]}),
    "cut": pl.DataFrame({"a": ["1"]}),
    "run lengths": pl.select(pl.repeat("1", 1_000_000).alias("a")),
}


@pytest.mark.parametrize(
    ("name", "code"), [("nested", "nested_column"), ("cut", "damaged_file"), ("run lengths", "zip_bomb")]
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, code: str) -> None:
    file = tmp_path / "a.parquet"
    FILES[name].write_parquet(file)
    if name == "cut":
        file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(UnreadableFile) as refusal:
        list(parquet.sheets(file))
    assert refusal.value.code == code
