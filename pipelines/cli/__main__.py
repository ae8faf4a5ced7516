"""Runs the command line: `python -m pipelines.cli` is `sachsong`."""

from pipelines.cli import main

main()
