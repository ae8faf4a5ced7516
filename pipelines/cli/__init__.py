"""The command line: a file for each noun, and `show/` for what is printed."""

from pipelines.cli.app import main

__all__ = ["main"]
