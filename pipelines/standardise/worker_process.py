"""The process that standardises slices: `python -m pipelines.standardise.worker_process SETTINGS` answers each line.

A line is `{"sector", "path"}` of an Arrow file with rows of text, which is replaced by the standardised rows before the
line is answered. The process ends when its input does. Cells are never in an answer.
"""

import json
import sys
from pathlib import Path

import polars as pl

from pipelines.config import Settings
from pipelines.sectors import schema
from pipelines.standardise.core_rows import core_rows


def main() -> None:
    """Answers one slice after the other."""
    settings = Settings.model_validate_json(sys.argv[1])
    sectors = schema.of_settings(settings)
    for line in sys.stdin:
        asked = json.loads(line)
        path = Path(asked["path"])
        found = core_rows(pl.scan_ipc(path, glob=False).collect(), sectors[asked["sector"]], settings.night)
        temporary = path.with_name(f".{path.name}.part")
        found.write_ipc(temporary)
        temporary.replace(path)
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
