"""Nobody but its owner reads a workspace, and what is not ours keeps its mode."""

import os
from pathlib import Path

import pytest

from pipelines.workspace import owner_only


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o7777:o}"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """As somebody with the umask 000 makes one, a department's file in it."""
    folder = tmp_path / "workspace"
    (folder / "inbox" / "students").mkdir(parents=True)
    (folder / "inbox" / "students" / "a.csv").write_text("a")
    (folder / "registry").mkdir()
    (folder / "state.sqlite").write_text("s")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    return folder


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_before_while_and_after(workspace: Path, umask: int) -> None:
    os.umask(umask)
    try:
        with owner_only.kept(workspace):
            (workspace / "runs").mkdir()
            (workspace / "runs" / "links.parquet").write_text("l")
            assert mode(workspace / "runs" / "links.parquet") == "600"  # from its first byte
            (workspace / "runs" / "late").write_text("")
            (workspace / "runs" / "late").chmod(0o664)  # as a folder's access list would have it
        assert os.umask(umask) == umask
    finally:
        os.umask(0o022)
    found = [workspace, *workspace.rglob("*")]
    assert {mode(path) for path in found if path.is_dir()} == {"700"}
    assert {mode(path) for path in found if path.is_file()} == {"600"}


def test_nothing_is_given_and_no_link_is_followed(workspace: Path, tmp_path: Path) -> None:
    (workspace / "inbox" / "students" / "a.csv").chmod(0o444)
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    (outside / "b.csv").write_text("b")
    (outside / "b.csv").chmod(0o644)
    (workspace / "inbox" / "link").symlink_to(outside / "b.csv")
    (workspace / "sectors").symlink_to(outside)
    owner_only.tighten(workspace)
    assert mode(workspace / "inbox" / "students" / "a.csv") == "400"
    assert (mode(outside), mode(outside / "b.csv")) == ("755", "644")


def test_a_folder_that_holds_more_than_a_workspace_is_not_closed(workspace: Path) -> None:
    (workspace / "Documents").mkdir(mode=0o755)
    owner_only.tighten(workspace)
    assert mode(workspace) == "777"
    assert mode(workspace / "Documents") == "755"
    assert (mode(workspace / "registry"), mode(workspace / "state.sqlite")) == ("700", "600")


def test_a_common_folder_is_not_closed(workspace: Path) -> None:
    workspace.chmod(0o1777)  # as /tmp is
    owner_only.tighten(workspace)
    assert mode(workspace) == "1777"


def test_a_file_system_without_modes_is_told(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setattr(Path, "chmod", lambda *_: None)
        owner_only.tighten(workspace)
        assert str(workspace) in str(owner_only.exposed(workspace))
    owner_only.tighten(workspace)
    assert owner_only.exposed(workspace) is None


def test_there_need_be_no_workspace(tmp_path: Path) -> None:
    owner_only.tighten(tmp_path / "none")
    assert owner_only.exposed(tmp_path / "none") is None
