"""Locks a workspace, so that one process at a time uses it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.config import Settings
from pipelines.errors import BadInput, WorkspaceUnwritable
from pipelines.workspace import owner_only


@contextmanager
def exclusive(settings: Settings) -> Iterator[None]:
    """Locks the workspace for this process as long as the block lasts.

    Errors: BadInput if another run holds it, it cannot be written, or no tables can be kept in it.
    """
    with owner_only.kept(settings.workspace), _locked(settings):
        owner_only.make_private(settings.work_directory)
        yield


@contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    try:
        settings.workspace.mkdir(parents=True, exist_ok=True)
        lock = (settings.workspace / ".lock").open("w")
    except OSError as refused:
        raise WorkspaceUnwritable(settings.workspace, refused) from refused
    with lock as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise BadInput(
                "workspace_busy",
                f"Thư mục làm việc «{settings.workspace}» đang được một lượt chạy khác dùng; đợi lượt chạy đó xong rồi "
                "chạy lại / another run holds this workspace.",
            ) from taken
        yield
