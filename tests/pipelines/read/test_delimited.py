"""A text file in parts says the same as whole, wherever it is cut."""

from pathlib import Path

import pytest

from pipelines.errors import UnreadableFile
from pipelines.read import delimited
from pipelines.read.cells import Sheet
from tests.pipelines.read.whole import together

TEXT = 'Danh sách\na,b\n1,"x\ny"\n\n2,"say ""no"""\r\n3\n4,z,"",\n5,\x00\n'


def rows(sheet: Sheet) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]], int]:
    whole = together(list(sheet.parts(2, 2)))
    return whole.rows.rows(), whole.rejected.select("source_row", "code").rows(), whole.counted


def test_the_rows_of_a_text(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(TEXT, encoding="utf-8-sig")
    whole = [(3, "1", "x\ny"), (5, "2", 'say "no"'), (7, "4", "z")], [(6, "ragged_row"), (8, "nul_byte")], 5
    (sheet,) = delimited.sheets(file)
    assert rows(sheet) == whole


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
        (sheet,) = delimited.sheets(file)
        assert sheet.head[1] == ["1", "é"]
    else:
        with pytest.raises(UnreadableFile) as refusal:
            list(delimited.sheets(file))
        assert refusal.value.code == code
