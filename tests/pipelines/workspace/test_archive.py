"""The archive: each content once, under its checksum; what has changed is never kept as what it was."""

import hashlib
from pathlib import Path

import pytest

from pipelines.workspace import archive


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_content_is_kept_once_and_comes_back(tmp_path: Path) -> None:
    kept = tmp_path / "archive"
    (tmp_path / "a.csv").write_bytes(b"one")
    assert archive.keep_bytes(kept, b"one") == sha(b"one")
    archive.keep_file(kept, tmp_path / "a.csv", sha(b"one"))
    assert [path.name for path in kept.rglob("*") if path.is_file()] == [sha(b"one")]
    archive.restore(kept, sha(b"one"), tmp_path / "back" / "a.csv")
    assert (tmp_path / "back" / "a.csv").read_bytes() == b"one"


def test_a_later_write_into_the_file_does_not_reach_the_archive(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"one")
    archive.keep_file(tmp_path / "archive", file, sha(b"one"))
    with file.open("r+b") as opened:
        opened.write(b"two")
    assert archive.object_path(tmp_path / "archive", sha(b"one")).read_bytes() == b"one"


def test_an_immutable_file_has_a_second_name_only(tmp_path: Path) -> None:
    file = tmp_path / "registry.parquet"
    file.write_bytes(b"people")
    archive.keep_file(tmp_path / "archive", file, sha(b"people"), immutable=True)
    assert archive.object_path(tmp_path / "archive", sha(b"people")).stat().st_ino == file.stat().st_ino


def test_what_changed_meanwhile_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"two")
    with pytest.raises(archive.Changed):
        archive.keep_file(tmp_path / "archive", tmp_path / "a.csv", sha(b"one"))
    assert not [path for path in (tmp_path / "archive").rglob("*") if path.is_file()]


@pytest.mark.parametrize("spoil", ["gone", "flipped"])
def test_what_was_damaged_does_not_come_back(tmp_path: Path, spoil: str) -> None:
    kept = archive.object_path(tmp_path, archive.keep_bytes(tmp_path, b"one"))
    kept.unlink() if spoil == "gone" else kept.write_bytes(b"0ne")
    with pytest.raises(archive.Changed):
        archive.restore(tmp_path, sha(b"one"), tmp_path / "a.csv")


def test_what_no_run_needs_is_forgotten(tmp_path: Path) -> None:
    needed, other = archive.keep_bytes(tmp_path, b"one"), archive.keep_bytes(tmp_path, b"two")
    (tmp_path / "2026-11-22-1.json").write_text("{}")
    assert archive.forget(tmp_path, ["2026-11-22-1"], [needed]) == 1
    assert archive.object_path(tmp_path, needed).is_file()
    assert not archive.object_path(tmp_path, other).is_file()
    assert not (tmp_path / "2026-11-22-1.json").exists()


def test_what_is_no_checksum_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no SHA-256"):
        archive.object_path(tmp_path, "../../etc/passwd")
