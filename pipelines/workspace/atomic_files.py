"""Writes files that are whole or absent, and makes folders that are removed afterwards."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Writes `frame` to `path` so that the file is either whole or absent, and the same frame gives the same bytes."""
    with atomic(path) as temporary:
        frame.write_parquet(temporary, compression="zstd", statistics=True, row_group_size=122_880)


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """The folder, empty at first and removed at the end; leftovers of a killed attempt are removed before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`; on success it is synced and renamed to it, on failure removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    finally:
        temporary.unlink(missing_ok=True)
