"""Sector files → rows, every cell as text, with file, sheet and row; nothing lost."""

from pipelines.files.table import Table, tables
from pipelines.read.hop import MAPPING, read, read_one, require_files

__all__ = ["MAPPING", "Table", "read", "read_one", "require_files", "tables"]
