"""A text file in parts says the same as whole, wherever it is cut."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import UnreadableFile
from pipelines.read import delimited
from pipelines.read.cells import Cells

TEXT = 'Danh sách\na,b\n1,"x\ny"\n\n2,"say ""no"""\r\n3\n4,z,"",\n5,\x00\n'


def rows(parts: list[Cells]) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]], int]:
    bodies = [part.body(2, 2) for part in parts]
    read = pl.concat([body.rows for body in bodies]).rows()
    rejected = pl.concat([body.rejected for body in bodies]).select("source_row", "code").rows()
    return read, rejected, sum(part.count_below(2) for part in parts)


@pytest.mark.parametrize("piece", range(1, len(TEXT) + 2))
def test_wherever_it_is_cut_the_rows_are_the_same(tmp_path: Path, piece: int) -> None:
    file = tmp_path / "a.csv"
    file.write_text(TEXT, encoding="utf-8-sig")
    whole = [(3, "1", "x\ny"), (5, "2", 'say "no"'), (7, "4", "z")], [(6, "ragged_row"), (8, "nul_byte")], 5
    assert rows(list(delimited.sheets(file))) == whole
    if piece > len("Danh sách\na,b\n".encode()):  # the header is in the first part
        assert rows(list(delimited.slices(file, piece))) == whole


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'a,b\n1,2\n3,"4\n5,6\n', "unclosed_quote"),
        (b"\n \n", "empty_file"),
        ("a,b\n1,é\n".encode("utf-16"), None),
        ("a,b\n1,é\n".encode("cp1252"), None),
    ],
    ids=["unclosed", "empty", "UTF-16 is read whole", "windows-1252 is read whole"],
)
def test_other_files_are_read_or_refused_as_whole_ones_are(tmp_path: Path, data: bytes, code: str | None) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(data)
    if code is None:
        assert rows(list(delimited.slices(file, 5))) == rows(list(delimited.sheets(file)))
    else:
        with pytest.raises(UnreadableFile) as refusal:
            list(delimited.slices(file, 5))
        assert refusal.value.code == code
