"""Gives DuckDB paths that are nothing but paths.

Where it reads, it takes `*?[` for a pattern and `name=value/` for a column; it takes `\\` for `/`, and `?` in a
database's path for the end of it.
"""

import os
import re
import weakref
from pathlib import Path

import duckdb

MEANS_SOMETHING = re.compile(r"[*?\[\\]")


def rows(connection: duckdb.DuckDBPyConnection, file: Path, options: str = "") -> str:
    """SQL of the rows of one Parquet file, for as long as the connection lives."""
    path = str(file.absolute())
    if MEANS_SOMETHING.search(path):
        path = held(connection, file)
    return f"read_parquet({quoted(path)}, hive_partitioning = false{', ' if options else ''}{options})"


def spill_into(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Lets DuckDB write what does not fit into memory to this folder, which is made when it is needed; the one above it
    exists.
    """
    path = f"{held(connection, folder.parent)}/{folder.name}" if MEANS_SOMETHING.search(str(folder)) else folder
    connection.execute(f"SET temp_directory = {quoted(path)}")


def held(connection: duckdb.DuckDBPyConnection, place: Path) -> str:
    """A path of plain letters to a file or folder that exists, for as long as the connection lives."""
    handle = os.open(place, os.O_PATH)
    weakref.finalize(connection, os.close, handle)
    return f"/proc/self/fd/{handle}"


def quoted(path: Path | str) -> str:
    """The path as SQL writes text."""
    return "'" + str(path).replace("'", "''") + "'"
