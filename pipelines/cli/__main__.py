"""Runs the command line: `python -m pipelines.cli` is `sachsong`."""

import gc
from typing import NoReturn

# What imports make lives as long as the process: looking through it at each 700 new objects costs a tenth of a second.
gc.set_threshold(50_000)

from pipelines.cli.app import main  # noqa: E402
from pipelines.cli.ending import end  # noqa: E402


def run() -> NoReturn:
    """Runs the command that was typed, and ends the process with its exit code."""
    try:
        main()
    except SystemExit as ended:
        end(ended.code if isinstance(ended.code, int) else 0)
    end(0)


if __name__ == "__main__":
    run()
