"""Makes files of a workspace readable for their owner only: 0600, folders 0700, whatever the umask was.

What is made from now on is so from the first byte, by child processes too; what lay there before, or got its mode from
a folder's access list, loses what it gave to others. Nothing is ever given, and no symbolic link is followed.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.errors import BadInput, WorkspaceUnwritable

OTHERS = stat.S_IRWXG | stat.S_IRWXO
GIVEN = ("inbox", "sectors")
"""Folders of a workspace that somebody else may fill."""
MADE = (".workers", "archive", "digest", "heads", "linked", "published", "registry", "review", "runs", "work")
"""Folders that the nights make."""


def from_now_on() -> int:
    """The previous umask; new files and folders of this process and its children are their owner's alone."""
    return os.umask(OTHERS)


@contextmanager
def kept(workspace: Path) -> Iterator[None]:
    """Runs the block so that it makes everything for the owner only, and tightens existing files before and after
    it.
    """
    before = from_now_on()
    try:
        tighten(workspace)
        yield
    finally:
        tighten(workspace)
        os.umask(before)


def make_private(folder: Path) -> None:
    """Makes the folder, if it is missing, for its owner only.

    Errors: WorkspaceUnwritable if it cannot be made; BadInput if it lies in a folder that all users share and somebody
    else made it, or can enter it.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        is_shared, found = folder.parent.stat().st_mode & stat.S_ISVTX, folder.lstat()
    except OSError as refused:
        raise WorkspaceUnwritable(folder, refused) from refused
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & OTHERS
    if is_shared and not is_ours:
        raise BadInput(
            "not_private",
            f"Thư mục «{folder}» không phải của riêng người đang chạy; hãy xóa nó hoặc đặt TMPDIR là thư mục của mình "
            "/ somebody else made or can enter this folder: remove it, or name one of your own as TMPDIR.",
        )


def tighten(workspace: Path) -> None:
    """Removes the rights of others to the workspace, as far as the file system can.

    A folder that holds others' folders too (`--workspace .`, `/tmp`) is not ours to close: only what is ours in it.
    """
    try:
        entries = list(workspace.iterdir())
    except OSError:
        return
    ours = [entry for entry in entries if entry.name in (*GIVEN, *MADE) or not entry.is_dir()]
    if len(ours) == len(entries) and not workspace.stat().st_mode & stat.S_ISVTX:
        _tighten(workspace)
    for entry in ours:
        if entry.is_symlink():
            continue
        _tighten(entry)
        for folder, folders, files in os.walk(entry):
            for name in (*folders, *files):
                _tighten(Path(folder, name))


def _tighten(path: Path) -> None:
    # Somebody else's file, one that is gone by now, a file system without modes: `exposed` tells what matters.
    with suppress(OSError):
        mode = path.lstat().st_mode
        if mode & OTHERS and (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            path.chmod(stat.S_IMODE(mode) & ~OTHERS)


def exposed(workspace: Path) -> str | None:
    """The warning that others can read what the nights made; None if they cannot."""
    if not any(_is_open(workspace / name) for name in MADE):
        return None
    return (
        f"Hệ thống tệp không giữ riêng được «{workspace}», người khác trên máy có thể đọc dữ liệu cá nhân; hãy đặt thư "
        "mục làm việc trên ổ có phân quyền (ext4, xfs) / the file system cannot keep others out of the workspace."
    )


def _is_open(folder: Path) -> bool:
    try:
        return all(each.stat().st_mode & OTHERS for each in (folder, folder.parent))
    except OSError:
        return False
