"""Lists the inbox: files to read, and things that will not be opened, each with its reason."""

import errno
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from pipelines.config import Settings
from pipelines.errors import BadInput, UnreadableFile
from pipelines.files import file_names
from pipelines.files.file_names import not_a_file, partial
from pipelines.read import write_detection

DEEPEST = 32
"""Most levels of folders in an inbox; more is a mistake or a trap."""
RECENT_S = 2.0
PAUSE_S = 0.4
"""Seconds before a second look at files younger than RECENT_S, where the system does not report writers."""


@dataclass(frozen=True)
class Arrived:
    """One file or other thing in the inbox, unless it is known to be no data."""

    sector: str
    """Name of the sub-folder; `""` outside any sub-folder."""
    path: Path
    source_file: str
    """The name below the sector's folder, with `/`, fit to be stored and shown."""
    refused: BadInput | None = None
    """Reason why it must not be opened; None for a plain file that nobody is writing."""
    seen: write_detection.FileStamp | None = None

    def sha256(self) -> str | None:
        """Hash of the file that was listed; None if something else is there now, or somebody writes.

        A file is read for it once: it is asked for when the night opens and again when the file is taken in.
        """
        try:
            return _sha256(self.path, self.seen) if self.seen and self.unchanged() else None
        except (OSError, write_detection.NotPlain, _Changed):
            return None

    def unchanged(self) -> bool:
        """Whether the file is still what it was on arrival; to be asked when it has been read.

        If not, what was read is worth nothing: refuse it with `writers.still_written()`.
        """
        try:
            return self.seen is not None and self.seen.same_content(_look(self))
        except (OSError, write_detection.NotPlain):
            return False


class _Changed(Exception):
    """Somebody wrote since the file was seen."""


@lru_cache(maxsize=65_536)
def _sha256(path: Path, seen: write_detection.FileStamp) -> str:
    with write_detection.open_stamped(path, leases=seen.written is not None) as (file, now):
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not seen.same_content(now):
        raise _Changed
    return digest


def arrivals(settings: Settings) -> list[Arrived]:
    """Everything in the inbox, in an order that no file system decides.

    Shape: sorted by sector, then name. Links, pipes, sockets and devices come out refused and were never opened; so do
    files that are still being written or partly downloaded, and folders that cannot be listed. Names of `arrival.toml`
    that are no data do not come out.
    """
    root = settings.inbox_directory
    if not root.is_dir():
        return []
    found = list(_below(root, "", leases=write_detection.leases_tell(root)))
    return sorted(_looked_at_again(found), key=lambda each: (each.sector, each.source_file, os.fsencode(each.path)))


def _below(folder: Path, inside: str, *, leases: bool, parent: int | None = None, depth: int = 0) -> Iterator[Arrived]:
    """What is in the folder and below it. `inside` is its name below the inbox, ending in `/`."""
    try:
        # Below the inbox through the parent's handle: no folder on the way can be exchanged for a link meanwhile.
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | (os.O_NOFOLLOW if inside else 0)
        handle = os.open(folder.name if parent is not None else folder, flags, dir_fd=parent)
    except OSError as fault:
        yield _arrived(folder, inside.rstrip("/"), refused=_unlistable(fault))
        return
    try:
        with os.scandir(handle) as entries:
            things = sorted(((entry.name, _mode(entry)) for entry in entries), key=lambda each: os.fsencode(each[0]))
        for name, mode in things:
            if file_names.is_ignored(name):
                continue
            if not stat.S_ISDIR(mode):
                yield _file(folder / name, inside + name, mode, handle, leases=leases)
            elif depth == DEEPEST:
                yield _arrived(folder / name, inside + name, refused=_too_deep())
            else:
                yield from _below(folder / name, f"{inside}{name}/", leases=leases, parent=handle, depth=depth + 1)
    except OSError as fault:
        yield _arrived(folder, inside.rstrip("/"), refused=_unlistable(fault))
    finally:
        os.close(handle)


def _mode(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat(follow_symlinks=False).st_mode
    except FileNotFoundError:
        return stat.S_IFREG  # gone since the folder was listed: looking at it as a file tells so


def _file(path: Path, inside: str, mode: int, folder: int, *, leases: bool) -> Arrived:
    if not stat.S_ISREG(mode):
        return _arrived(path, inside, refused=not_a_file(mode))
    if file_names.is_partial(path.name):
        return _arrived(path, inside, refused=partial())
    try:
        seen = write_detection.stamp(path.name, folder=folder, leases=leases)
    except write_detection.NotPlain:
        return _arrived(path, inside, refused=not_a_file(0))
    except OSError as fault:
        return _arrived(path, inside, refused=_unreadable(fault))
    return _arrived(path, inside, refused=write_detection.still_written() if seen.written else None, seen=seen)


def _arrived(
    path: Path, inside: str, *, refused: BadInput | None = None, seen: write_detection.FileStamp | None = None
) -> Arrived:
    sector, below, name = (inside or path.name).partition("/")
    shown = file_names.readable(name if below else sector)
    return Arrived(file_names.readable(sector) if below else "", path, shown, refused, seen)


def _looked_at_again(found: list[Arrived]) -> Iterator[Arrived]:
    """Whoever wrote since the first look is found out; a pause only where the system does not tell of writers."""
    now = time.time()
    if any(each.seen and each.seen.written is None and now - each.seen.modified_ns / 1e9 < RECENT_S for each in found):
        time.sleep(PAUSE_S)
    for each in found:
        if each.refused is None and not each.unchanged():
            yield replace(each, refused=write_detection.still_written())
        else:
            yield each


def _look(arrived: Arrived) -> write_detection.FileStamp:
    assert arrived.seen is not None
    return write_detection.stamp(arrived.path, leases=arrived.seen.written is not None)


def _too_deep() -> UnreadableFile:
    return UnreadableFile(
        "too_deep",
        f"Thư mục lồng nhau quá {DEEPEST} cấp nên không được xem; hãy chuyển tệp lên thư mục của ngành / folders "
        "within folders beyond the limit: move the files up.",
    )


def _unlistable(fault: OSError) -> UnreadableFile:
    if fault.errno in (errno.ELOOP, errno.ENOTDIR):
        return not_a_file(stat.S_IFLNK)
    return UnreadableFile(
        "unreadable_folder",
        f"Không xem được thư mục ({fault.strerror}); hãy sửa quyền truy cập / the folder cannot be listed.",
    )


def _unreadable(fault: OSError) -> UnreadableFile:
    if fault.errno == errno.ENOENT:
        return write_detection.still_written()
    return UnreadableFile(
        "no_permission",
        f"Không mở được tệp ({fault.strerror}); hãy sửa quyền truy cập / the file cannot be opened.",
    )
