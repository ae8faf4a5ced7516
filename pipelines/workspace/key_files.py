"""Keeps keys in files of their own that only their owner reads, outside the workspace: whoever can read or rewrite the
workspace, or its state database, has none of them.
"""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from pipelines.errors import BadInput


def make(path: Path, key: bytes) -> bool:
    """Whether this made the file, whole and 0600; False: there is one, and it stays as it is.

    Errors: BadInput if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent)  # 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(key)
                file.flush()
                os.fsync(file.fileno())
            # A link is made whole or not at all, and never over another: who reads beside sees no half of a key.
            with suppress(FileExistsError):
                os.link(name, path)
                return True
        finally:
            Path(name).unlink()
    except OSError as refused:
        raise BadInput(
            "key_unwritable", f"Không ghi được khóa «{path}» ({refused.strerror}) / the key cannot be written."
        ) from None
    return False


def read(path: Path) -> bytes | None:
    """What the file holds; None if there is none. Errors: BadInput if others can read it, or it cannot be read."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadInput(
                "key_open",
                f"Người khác đọc được khóa; hãy chạy: chmod 600 «{path}» / others can read the key: chmod 600.",
            )
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as refused:
        raise BadInput(
            "bad_key", f"Không đọc được khóa «{path}» ({refused.strerror}) / the key cannot be read."
        ) from refused
