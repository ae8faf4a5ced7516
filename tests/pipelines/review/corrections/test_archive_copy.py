"""An archive is written again with one member replaced and everything else as it was."""

import gzip
import zipfile
from pathlib import Path

import pytest

from pipelines.errors import UnreadableFile
from pipelines.files.containers import unpack
from pipelines.review.corrections import archive_copy

WHEN = (2026, 11, 20, 8, 30, 0)


def made(path: Path) -> Path:
    """Two lists of one name in two folders, a folder, and a picture that nobody reads."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in (
            ("quận 1/", b""),
            ("quận 1/ds.csv", b"mot\n" * 50),
            ("quận 3/ds.csv", b"hai\n" * 50),
            ("anh.png", b"\x89PNG"),
        ):
            book.writestr(zipfile.ZipInfo(name, WHEN), content)
    return path


def test_one_member_is_replaced_and_the_layout_stays(tmp_path: Path) -> None:
    source, target, new = made(tmp_path / "a.zip"), tmp_path / "b.zip", tmp_path / "new"
    new.write_bytes(b"ba\n")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    places = {each.source_file: each.begins for each in unpack.members(source, "a.zip", scratch)}
    archive_copy.rewrite_zip(source, target, {places["a.zip/quận 3/ds.csv"]: new})
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target) as after:
        assert after.testzip() is None
        assert [each.filename for each in after.infolist()] == [each.filename for each in before.infolist()]
        assert {each.date_time for each in after.infolist()} == {WHEN}
        changed = [name for name in after.namelist() if after.read(name) != before.read(name)]
        assert changed == ["quận 3/ds.csv"]
        assert after.read("quận 3/ds.csv") == b"ba\n"
    again = tmp_path / "c.zip"
    archive_copy.rewrite_zip(source, again, {places["a.zip/quận 3/ds.csv"]: new})
    assert again.read_bytes() == target.read_bytes()


def test_a_member_that_cannot_be_copied_is_a_refusal(tmp_path: Path) -> None:
    source = made(tmp_path / "a.zip")
    content = source.read_bytes()
    source.write_bytes(content.replace(b"\x89PNG", b"\x89PNH"))
    with pytest.raises(UnreadableFile):
        archive_copy.rewrite_zip(source, tmp_path / "b.zip", {})


def test_gzip_holds_the_content_and_no_moment(tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"ba\n")
    for name in ("a.gz", "b.gz"):
        archive_copy.rewrite_gzip(tmp_path / name, tmp_path / "new")
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"ba\n"
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
