"""The second reader against Python's own csv module, which shares nothing with it."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.read import scan

CELLS = st.sampled_from(["", "a", "b c", "x\ny", 'q"r', ",", ";", "Nguyễn", " ", "\t"])
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8)


@given(
    TABLES, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from([1, 7, 10_000])
)
def test_records_are_those_of_the_csv_module(
    rows: list[list[str]], delimiter: str, line_end: str, ends_with_line_end: bool, block: int
) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    text = written.getvalue() if ends_with_line_end else written.getvalue().rstrip("\r\n")
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_BLOCK_BYTES", block)
        records = scan.scan(text.encode(), delimiter)
    assert list(records.fields) == [max(1, len(row)) for row in expected]
    assert list(records.blank) == [not any(cell.strip().strip('"') for cell in row) for row in expected]
    assert not records.unclosed


@pytest.mark.parametrize(
    ("data", "records", "why"),
    [
        (b"", 0, "nothing"),
        (b"a,b\n1,2", 2, "no line end at the end"),
        (b"a,b\n1,2\n", 2, "line end at the end"),
        (b"a,b\r1,2\r", 2, "old Mac line ends"),
        (b'a,"x\ny"\n1,2\n', 2, "a line break in quotes ends nothing"),
        (b"a\n\nb\n", 3, "an empty line is a row of its own"),
    ],
)
def test_counts(data: bytes, records: int, why: str) -> None:
    assert len(scan.scan(data, ",")) == records, why


def test_an_unclosed_quote_is_noticed() -> None:
    assert scan.scan(b'a,b\n"1,2\n3,4\n', ",").unclosed


def test_nul_bytes_are_found_in_their_row() -> None:
    assert list(scan.scan(b"a,b\n1,\x002\n3,4\n", ",").has_nul) == [False, True, False]


def test_selected_rows_are_cut_out_whole() -> None:
    data = b"a\nbb\nccc\n"
    records = scan.scan(data, ",")
    assert scan.select(data, records, np.array([True, False, True])) == b"a\nccc\n"
