"""Corrections and answers as they are typed: refused until approved, and no value of any record on the screen."""

from pathlib import Path

import pytest

from pipelines.config import Settings
from tests.pipelines.nights import through
from tests.pipelines.terminal import Sachsong

LIST = "ho_ten,ngay_sinh,gioi_tinh,so_cccd\nNguyễn Văn An,05/09/1987,Nữ,079087001234\n"


@pytest.fixture
def workspace(settings: Settings, tmp_path: Path) -> Path:
    (tmp_path / "inbox" / "insurance" / "a.csv").write_text(LIST, encoding="utf-8")
    through(settings)
    return tmp_path


def test_corrections_are_written_once_somebody_has_approved_them(workspace: Path, sachsong: Sachsong) -> None:
    at = ("--workspace", workspace)
    refused = sachsong("corrections", "write", *at)
    assert refused.code == 2
    assert "nobody has approved these corrections" in refused.err
    assert sachsong("corrections", "approve", *at).code == 2, "nobody's name"
    listed = sachsong("corrections", "list", *at)
    assert "insurance/a.csv" in listed.out
    assert "Nguyễn" not in listed.out
    approved = sachsong("corrections", "approve", "--by", "Trần Văn Duyệt", "--because", "QĐ 12", *at)
    assert "Trần Văn Duyệt" in approved.out
    written = sachsong("corrections", "write", *at)
    assert "1 filled in" in written.out
    (copy,) = workspace.glob("corrections/*/insurance/a.csv")
    assert copy.read_text(encoding="utf-8") == LIST.replace("Nữ", "Nam")


def test_a_file_that_is_no_list_is_refused(workspace: Path, sachsong: Sachsong) -> None:
    refused = sachsong("answers", workspace / "registry.csv", "--workspace", workspace)
    assert refused.code == 2
    assert "it is no list of ours" in refused.err
    assert sachsong("answers", "--workspace", workspace).code == 0, "none in the inbox"
