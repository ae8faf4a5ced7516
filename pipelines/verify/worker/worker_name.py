"""Names the workers of a workspace: each name is taken by one process, and is free again when that ends.

A worker that is started again takes the seat of before, and with its name at once what it held when it was stopped.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO

from pipelines.config import Settings
from pipelines.errors import BadInput, WorkspaceUnwritable

FOLDER = ".workers"


@contextmanager
def take_name(settings: Settings) -> Iterator[str]:
    """The worker's name in the state database: the given one, or the workspace's first free one.

    Errors: BadInput if another process works under the name that was given, or the workspace cannot be written.
    """
    folder = settings.workspace / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        name, seat = _seat(folder, settings)
    except OSError as refused:
        raise WorkspaceUnwritable(settings.workspace, refused) from refused
    with seat:
        yield name


def _seat(folder: Path, settings: Settings) -> tuple[str, IO[str]]:
    if settings.worker:
        found = _lock(folder, settings.worker)
        if found is None:
            raise BadInput(
                "worker_busy",
                f"Đã có một tiến trình gửi mang tên «{settings.worker}»; đợi tiến trình đó xong hoặc đặt --worker khác "
                "/ a worker of this name is asking: give this one another --worker.",
            )
        return settings.worker, found
    names = (f"{settings.worker_name}:work{number if number > 1 else ''}" for number in count(1))
    return next((name, seat) for name in names if (seat := _lock(folder, name)) is not None)


def _lock(folder: Path, name: str) -> IO[str] | None:
    seat = (folder / hashlib.sha256(name.encode()).hexdigest()[:16]).open("w")
    try:
        fcntl.flock(seat, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        seat.close()
        return None
    return seat
