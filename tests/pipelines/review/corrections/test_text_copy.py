"""A text file is written again with the changed cells and every other byte as it was."""

from pathlib import Path

import pytest

from pipelines.review.corrections.text_copy import Cell, is_known, rewrite, to_write


def changed(folder: Path, content: bytes, encoding: str, cells: list[Cell], delimiter: str = ",") -> tuple[bytes, int]:
    """The new content, and how many cells were changed."""
    source, target = folder / "a.csv", folder / "b.csv"
    source.write_bytes(content)
    done = rewrite(source, target, encoding, delimiter, cells)
    return target.read_bytes(), len(done)


AN = 'ho_ten,ngay_sinh\r\nNguyễn Văn An,05/09/1987\r\n\r\n"Trần, Bình","1""2"\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "cp1258"])
def test_only_the_cell_changes_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "\ufeff" + AN if encoding in ("utf-8-sig", "utf-16-le") else AN
    codec = encoding.removesuffix("-sig")
    spelt = to_write(text, codec)
    assert spelt is not None
    content, cells = spelt.encode(codec), [Cell(2, 0, "Nguyễn Văn An", "Nguyễn Văn Ân"), Cell(4, 1, '1"2', "3")]
    found, done = changed(tmp_path, content, encoding, cells)
    wanted = to_write(text.replace("Văn An", "Văn Ân").replace('"1""2"', '"3"'), codec)
    assert (found, done) == (wanted and wanted.encode(codec), 2)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (Cell(2, 0, "Lê An", "Lê Ân"), "something else stands there"),
        (Cell(2, 7, None, "Lê Ân"), "no such column"),
        (Cell(9, 0, None, "Lê Ân"), "no such row"),
        (Cell(2, 0, "Nguyễn Văn An", "Nguyễn 安"), "no such letter in windows-1258"),
    ],
)
def test_what_cannot_be_changed_is_left_and_told(tmp_path: Path, cell: Cell, why: str) -> None:
    spelt = to_write(AN, "cp1258")
    assert spelt is not None
    content = spelt.encode("cp1258")
    assert changed(tmp_path, content, "cp1258", [cell]) == (content, 0), why


def test_a_value_with_the_delimiter_is_quoted_and_a_cell_over_two_lines_is_one_row(tmp_path: Path) -> None:
    content = b'a;b\n"x\ny";1\nz;2\n'
    cells = [Cell(3, 0, "z", "p;q"), Cell(2, 1, "1", "9")]
    assert changed(tmp_path, content, "utf-8", cells, ";") == (b'a;b\n"x\ny";9\n"p;q";2\n', 2)


def test_encodings_that_cannot_be_written() -> None:
    assert is_known("utf-8-sig")
    assert not is_known("utf-8+cp1258")
