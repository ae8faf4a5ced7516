"""Identifies a file by its SHA-256, its size, and its rows where it is a table."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl


def sha256(path: Path) -> str:
    """Hex digest of the file's bytes, read in pieces."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def describe(path: Path, root: Path) -> dict[str, Any]:
    """Mapping of `path` (below `root`, with `/`), `sha256`, `bytes`, and `rows` (null where the file is no Parquet)."""
    rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item() if path.suffix == ".parquet" else None
    return {
        "path": path.relative_to(root).as_posix(),
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "rows": rows,
    }


def combined(paths: Iterable[Path], root: Path) -> str:
    """One digest over the files' names below `root` and contents, whatever order they come in."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(root).as_posix()}\0{sha256(path)}\n".encode())
    return digest.hexdigest()
