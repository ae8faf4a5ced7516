"""Sector files → rows, every cell as text, with file, sheet and row; nothing lost."""

from pipelines.read.hop import MAPPING, inbox_files, read, read_one, require_files
from pipelines.read.table import Table, tables

__all__ = ["MAPPING", "Table", "inbox_files", "read", "read_one", "require_files", "tables"]
