"""The command line: a file a noun, and `show/` with what a person sees."""

from pipelines.cli.app import main

__all__ = ["main"]
