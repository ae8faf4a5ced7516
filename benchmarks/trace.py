"""How long a record's trace takes: `python -m benchmarks.trace WORKSPACE`.

WORKSPACE is a night that `python -m benchmarks.night --keep FOLDER` left (the folder below FOLDER). Of each sector and
each decision a few records are drawn, and `sachsong audit trace` is run for each, as an auditor would: a process of its
own, from its start to its end. Prints and keeps in benchmarks/results/trace.json: records of the night, runs, and the
least, the median and the largest of their seconds, those above two seconds counted.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from benchmarks.processes import machine
from pipelines.config import Settings
from pipelines.night import runs

RESULTS = Path(__file__).parent / "results"
WANTED_S = 2.0


def main() -> None:
    """Measure and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--each", type=int, default=4, help="records of each sector and decision")
    parser.add_argument("--seed", type=int, default=15)
    given = parser.parse_args()
    before = machine()
    found = {**traces(given.workspace, given.each, given.seed), "machine": before}
    text = json.dumps(found, indent=1)
    (RESULTS / "trace.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def traces(workspace: Path, each: int, seed: int) -> dict[str, Any]:
    """The seconds of the traces of some records."""
    links = pl.read_parquet(
        runs.last_run(Settings(workspace=workspace)).directory / "links.parquet",
        columns=["record_id", "sector", "decision"],
    )
    drawn = links.filter(pl.int_range(pl.len()).shuffle(seed).over("sector", "decision") < each)["record_id"]
    _seconds(workspace, drawn[0])  # the first one reads the program from the disk
    seconds = sorted(_seconds(workspace, record_id) for record_id in drawn)
    return {
        "records": links.height,
        "runs": len(seconds),
        "least_seconds": seconds[0],
        "median_seconds": round(median(seconds), 2),
        "largest_seconds": seconds[-1],
        "above_two_seconds": sum(each > WANTED_S for each in seconds),
    }


def _seconds(workspace: Path, record_id: str) -> float:
    command = [sys.executable, "-m", "pipelines.cli", "audit", "trace", record_id, "--workspace", str(workspace)]
    # Where nothing may be kept of what was compiled, each start compiles our code again.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return round(time.perf_counter() - began, 2)


if __name__ == "__main__":
    main()
