"""A key's file is made once, whole and for its owner only; one that others can read is refused."""

import stat
from pathlib import Path

import pytest

from pipelines.errors import BadInput
from pipelines.workspace import key_files


def test_a_key_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "the.key"
    assert key_files.read(file) is None
    assert key_files.make(file, b"one")
    assert not key_files.make(file, b"other")
    assert key_files.read(file) == b"one"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "the.key"
    key_files.make(file, b"one")
    file.chmod(0o640)
    with pytest.raises(BadInput, match="chmod 600"):
        key_files.read(file)


def test_where_no_file_can_be_the_message_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadInput, match=r"the\.key"):
        key_files.make(tmp_path / "file" / "the.key", b"one")
    assert key_files.read(tmp_path / "file" / "the.key") is None
    (tmp_path / "folder").mkdir(mode=0o700)
    with pytest.raises(BadInput, match="cannot be read"):
        key_files.read(tmp_path / "folder")
