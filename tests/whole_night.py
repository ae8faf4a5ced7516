"""The sample's night without Prefect, as a process of its own: `python -m tests.whole_night WORKSPACE THREADS CAP`."""

import sys
from datetime import date
from pathlib import Path

from pipelines.config import Settings
from pipelines.night import hops, runs
from pipelines.registry import load

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "sample"


def main(workspace: Path, threads: int, cap: int) -> None:
    settings = Settings(
        workspace=workspace, inbox=SAMPLE / "inbox", night=date(2026, 11, 22), threads=threads, daily_cap=cap, asks=True
    )
    load.load(settings, SAMPLE / "registry.csv")
    run = runs.open_run(settings)
    for hop in hops.HOPS:
        hops.run_hop(run, hop)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
