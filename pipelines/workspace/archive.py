"""Keeps files by what they hold, each content once: what a night was made from, as long as the settings say.

`<workspace>/archive/objects/ab/abcd…` is a content under its SHA-256, `<workspace>/archive/<run_id>.json` lists what a
run needs.
"""

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from pipelines.workspace import atomic_files

_FICLONE = 0x40049409
"""Linux's request to share the blocks of another file until one of them is written."""
_PIECE = 1 << 20


class Changed(Exception):
    """Error: a file does not hold what it was said to hold."""


def object_path(archive: Path, sha256: str) -> Path:
    """Where a content lies, whether it is kept or not. Errors: ValueError for what is no checksum."""
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise ValueError(f"no SHA-256: {sha256!r}")
    return archive / "objects" / sha256[:2] / sha256


def keep_bytes(archive: Path, content: bytes) -> str:
    """The checksum of the content, which is kept from now on."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = object_path(archive, sha256)
    if not path.is_file():
        with atomic_files.atomic(path) as temporary:
            temporary.write_bytes(content)
    return sha256


def keep_file(archive: Path, file: Path, sha256: str, *, immutable: bool = False) -> None:
    """Keeps the file's content under its checksum, which somebody has worked out already.

    `immutable`: nobody ever writes into the file, so that the archive may hold the same file under a second name.
    Else its blocks are shared where the file system can, copied where not; what was copied is what has the checksum.
    Errors: Changed if the file holds something else by now; OSError if it cannot be read.
    """
    path = object_path(archive, sha256)
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if immutable:
        try:
            os.link(file, path)
            return
        except FileExistsError:
            return
        except OSError:
            pass  # another file system, or one without links
    with atomic_files.atomic(path) as temporary:
        if _copied(file, temporary) != sha256:
            raise Changed(file.name)


def restore(archive: Path, sha256: str, file: Path) -> None:
    """Writes the content into a new file that may be written. Errors: Changed if what was kept is gone or damaged."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        if _copied(object_path(archive, sha256), file) != sha256:
            raise Changed(file.name)
    except OSError as gone:
        raise Changed(file.name) from gone


def forget(archive: Path, runs: Iterable[str], needed: Iterable[str]) -> int:
    """Number of contents that were removed: those that no run but `runs` needs, given what the others need."""
    kept = set(needed)
    for run_id in runs:
        (archive / f"{run_id}.json").unlink(missing_ok=True)
    gone = [path for path in archive.glob("objects/*/*") if path.name not in kept]
    for path in gone:
        path.unlink()
    return len(gone)


def _copied(file: Path, to: Path) -> str:
    """Checksum of what was copied."""
    with file.open("rb") as source, to.open("wb") as target:
        try:
            fcntl.ioctl(target.fileno(), _FICLONE, source.fileno())
        except OSError:
            shutil.copyfileobj(source, target, _PIECE)
    with to.open("rb") as copy:
        return hashlib.file_digest(copy, "sha256").hexdigest()
