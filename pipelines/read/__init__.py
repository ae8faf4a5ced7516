"""Sector files → rows, every cell as text, with file, sheet and row; nothing lost."""

from pipelines.read.hop import MAPPING, read, read_one, require_files
from pipelines.read.table import Table, tables

__all__ = ["MAPPING", "Table", "read", "read_one", "require_files", "tables"]
