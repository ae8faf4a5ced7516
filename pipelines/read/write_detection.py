"""Detects files that somebody is still writing: by the kernel where it knows, else by looking twice."""

import errno
import fcntl
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from pipelines.errors import UnreadableFile
from pipelines.files import file_names

_LOOK_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True)
class FileStamp:
    """State of a plain file at a moment: two different stamps mean that somebody wrote in between."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int
    written: bool | None
    """Whether somebody had it open for writing; None where the system does not report that."""

    def same_content(self, other: "FileStamp | None") -> bool:
        """Whether nobody wrote between the two stamps, nor at either."""
        if other is None or self.written or other.written:
            return False
        return (self.device, self.inode, self.size, self.modified_ns, self.changed_ns) == (
            other.device,
            other.inode,
            other.size,
            other.modified_ns,
            other.changed_ns,
        )


class NotPlain(Exception):
    """Error: there is something else than a plain file."""


def stamp(path: Path | str, *, folder: int | None = None, leases: bool) -> FileStamp:
    """The file's stamp now. `leases`: whether a refused lease means a writer here. Errors: as `open_stamped`."""
    with open_stamped(path, folder=folder, leases=leases) as (_, now):
        return now


@contextmanager
def open_stamped(
    path: Path | str, *, folder: int | None = None, leases: bool
) -> Iterator[tuple[BufferedReader, FileStamp]]:
    """The file's bytes and its stamp, both of the same opened file.

    `folder`: a handle of the folder that `path` is relative to.
    Errors: OSError; NotPlain for anything else than a plain file (links are not followed, pipes not waited for).
    """
    try:
        handle = os.open(path, _LOOK_FLAGS, dir_fd=folder)
    except OSError as fault:
        if fault.errno in (errno.ELOOP, errno.ENXIO):
            raise NotPlain from fault
        raise
    now = os.fstat(handle)
    if not stat.S_ISREG(now.st_mode):
        os.close(handle)
        raise NotPlain
    with os.fdopen(handle, "rb") as file:
        written = _has_writer(handle) if leases else None
        yield file, FileStamp(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns, written)


def leases_tell(path: Path) -> bool:
    """Whether this folder's file system refuses a lease only because of a writer (Linux, a local disk)."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    kind = _file_system(path)
    return kind in file_names.table()["lease_file_systems"]


def still_written() -> UnreadableFile:
    """The refusal of a file that is being written."""
    return UnreadableFile(
        "still_written",
        "Tệp đang được ghi hoặc vừa thay đổi trong khi đọc; để lần chạy sau đọc, không cần gửi lại / the file is still "
        "being written: the next run will read it.",
    )


def _has_writer(handle: int) -> bool | None:
    """A read lease is granted only while nobody has the file open for writing; ours is given back at once."""
    try:
        # A writer who comes in this very moment makes the kernel signal us; its usual signal would end the process.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as refused:
        return True if refused.errno == errno.EAGAIN else None
    fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _file_system(path: Path) -> str | None:
    """The kind of file system that holds the folder, by the longest mount point above it."""
    try:
        mounts = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:
        return None
    real = path.resolve()
    found: tuple[int, str] | None = None
    for line in mounts:
        fields = line.split(b" ")
        # Spaces and the like stand there as \040.
        point = Path(os.fsdecode(fields[4].decode("unicode_escape").encode("latin-1")))
        if real.is_relative_to(point) and (found is None or len(point.parts) >= found[0]):
            found = (len(point.parts), fields[fields.index(b"-") + 1].decode())
    return found[1] if found else None
