"""The failing_io.c library: built once with gcc, loaded into a process that forks workers, armed in a worker."""

import ctypes
import shutil
import subprocess
from pathlib import Path

from pydantic import BaseModel

SOURCE = Path(__file__).with_name("failing_io.c")
COMPILER = shutil.which("gcc")
OPEN, WRITE, SYNC = 1, 2, 4


class Failure(BaseModel):
    """The nth operation of these kinds on files whose path begins so fails, once or from then on."""

    path: str
    kinds: int
    nth: int
    error: int
    """errno"""
    for_good: bool = False


def build(folder: Path) -> Path:
    """The library."""
    assert COMPILER
    library = folder / "failing_io.so"
    command = [COMPILER, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return library


def arm(failure: Failure) -> None:
    """From now on, in this process."""
    _library().failing_io_arm(
        failure.path.encode(), failure.kinds, ctypes.c_long(failure.nth), failure.error, failure.for_good
    )


def count() -> int:
    """How many operations have failed in this process."""
    return int(_library().failing_io_failed())


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
