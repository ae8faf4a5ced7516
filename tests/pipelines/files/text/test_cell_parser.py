"""Two readers that disagree: the rows concerned are found, none passes in silence and none is lost."""

import io
from pathlib import Path

import polars as pl
import pytest

from pipelines.files.text import encoding
from pipelines.files.text import sheet as delimited
from tests.pipelines.files.whole import together

TEXT = b'a,b,c\n1,An,x\n2,"B,\nC",y\n3,An,z\n4, "D" ,5"\n5,E,w\n'
READ_CSV = pl.read_csv


@pytest.mark.parametrize(
    ("old", "new", "rejected", "why"),
    [
        (b"", b"", [], "they agree"),
        (b"2,", b"2,+", [3], "a letter more"),
        (b",z", b"\n,z", [4], "a row more"),
        (b"z\n", b"z,", [], "two rows as one: read apart they are right"),
        (b"y\n", b'y"\n', [3], "quotes that the engine refuses"),
    ],
)
def test_rows_that_are_read_in_two_ways_are_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes, new: bytes, rejected: list[int], why: str
) -> None:
    (tmp_path / "a.csv").write_bytes(TEXT)
    sheet = delimited.DelimitedSheet(encoding.recognise(tmp_path / "a.csv"))

    def mistaken(source: io.BytesIO, **how: object) -> pl.DataFrame:
        return READ_CSV(io.BytesIO(source.getvalue().replace(old, new)), **how)  # type: ignore[arg-type]

    monkeypatch.setattr(pl, "read_csv", mistaken)
    whole = together(list(sheet.parts(1, 3)))
    assert whole.rejected["source_row"].to_list() == rejected, why
    assert set(whole.rejected["code"]) <= {"readers_disagree"}
    assert sorted([*whole.rows["source_row"], *rejected]) == [2, 3, 4, 5, 6]
