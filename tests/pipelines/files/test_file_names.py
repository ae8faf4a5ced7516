"""Names as people and programs give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.files import file_names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", ".csv"),
        ("A.XLSX", ".xlsx"),
        ("list.csv.gz", ".csv"),
        ("list.gz", ""),
        ("list", ""),
        ("archive.zip/d.x/Danh sách.Xls", ".xls"),
        ("quý 1.2026", ".2026"),
    ],
)
def test_endings(name: str, expected: str) -> None:
    assert file_names.ending(name) == expected


@pytest.mark.parametrize(
    ("name", "ignored", "partial"),
    [
        ("list.csv", False, False),
        ("~$list.xlsx", True, False),
        ("THUMBS.DB", True, False),
        ("list.csv~", True, False),
        ("list.csv.part", False, True),
        ("List.Part", False, True),
        ("part.csv", False, False),
        ("mapping.toml.csv", False, False),
    ],
)
def test_which_names_are_data(name: str, ignored: bool, partial: bool) -> None:
    assert (file_names.is_ignored(name), file_names.is_partial(name)) == (ignored, partial)


@given(st.binary(min_size=1, max_size=30))
def test_every_name_can_be_stored_and_printed_on_one_line(raw: bytes) -> None:
    shown = file_names.readable(raw.decode("utf-8", errors="surrogateescape"))
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert shown.isprintable() or all(letter.isprintable() or letter.isspace() for letter in shown)
    assert len(shown.splitlines()) == 1
