"""The second reader against Python's own csv module, which shares nothing with it; the same wherever it is cut."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import UnreadableFile
from pipelines.files.text import quote_parser, record_scanner
from pipelines.files.text.record_scanner import Records

CELLS = st.sampled_from(
    ["", "a", "b c", "x\ny", "x\r\ny", 'q"r', '"', ",", ";", "Nguyễn", " ", "\t", "\u2028", "\x85", "\x0b\x0c"]
)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8)
SOUP = st.text(alphabet='a,"\n\r ', max_size=60)


def seen(
    text: str, delimiter: str = ",", widths: set[int] | None = None, part: int = 10_000
) -> list[tuple[object, ...]]:
    """Row, text, cells, blank, NUL, too long, torn of each record."""
    return [each for records in record_scanner.scan([text.encode()], delimiter, widths, part) for each in told(records)]


def told(records: Records) -> list[tuple[object, ...]]:
    data = records.view.tobytes()
    texts = [data[start:end].decode() for start, end in zip(records.starts, records.ends, strict=True)]
    columns = (records.fields, records.blank, records.has_nul, records.too_long, records.torn, records.form)
    return list(zip(records.rows.tolist(), texts, *(each.tolist() for each in columns), strict=True))


@given(
    TABLES,
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.sampled_from([1, 7, 10_000]),
)
def test_records_are_those_of_the_csv_module(
    rows: list[list[str]], delimiter: str, line_end: str, ends_with_line_end: bool, part: int
) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    text = written.getvalue() if ends_with_line_end else written.getvalue().removesuffix(line_end)
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    records = seen(text, delimiter, part=part)
    assert [fields for _, _, fields, *_ in records] == [max(1, len(row)) for row in expected]
    assert [blank for *_, blank, _, _, _, _ in records] == [
        not any(cell.strip(' \t\r\n"' + delimiter) for cell in row) for row in expected
    ]
    assert not any(torn for *_, torn, _ in records)


@given(SOUP, st.integers(1, 9), st.sampled_from([{2}, {3}, {1, 2}, None]))
def test_whatever_it_is_the_parts_change_nothing_and_no_byte_is_lost(
    text: str, part: int, widths: set[int] | None
) -> None:
    whole = seen(text, widths=widths)
    assert "".join(str(record[1]) for record in whole) == text
    assert [record[0] for record in whole] == list(range(1, len(whole) + 1))
    assert seen(text, widths=widths, part=part) == whole


@given(SOUP, st.sampled_from([{2}, {3}, None]))
def test_how_many_lines_a_part_may_have_changes_nothing(text: str, widths: set[int] | None) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quote_parser, "LINES_LIMIT", 3)
        whole = seen(text, widths=widths)
        patch.setattr(record_scanner, "_PART_LINES", 4)
        assert seen(text, widths=widths) == whole


@given(SOUP, st.sampled_from([{2}, {3}, {1, 2}, None]))
def test_lines_judged_at_once_read_as_quote_by_quote(text: str, widths: set[int] | None) -> None:
    at_once = seen(text, widths=widths)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            quote_parser, "verdicts", lambda lines, marks, doubtful, widths: np.full(len(doubtful), quote_parser.WALK)
        )
        assert seen(text, widths=widths) == at_once


def test_a_file_full_of_broken_quotes_is_refused_with_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_scanner, "_WALKED_LIMIT", 3)
    assert len(seen('"a"b,c\n' * 3)) == 3
    with pytest.raises(UnreadableFile, match="dòng 4"):
        seen('"a"b,c\n' * 4)
