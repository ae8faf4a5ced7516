"""How long do invented people take, and does memory grow with how many there are?

`python -m benchmarks.synthetic [PEOPLE ...]` makes each registry in a process of its own (default 200,000, a million
and ten million, then a million with a file of each sector), prints the figures and writes
`benchmarks/results/synthetic.json`.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RESULT = Path(__file__).parent / "results" / "synthetic.json"
SEED = 20261122
CHILD = "--child"


def child(people: int, sectors: str) -> None:
    """Make the registry in this process and print seconds, peak memory and bytes as JSON."""
    from pipelines.synthetic.make import make
    from pipelines.synthetic.requests import plan

    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        made = make(Path(folder), people, SEED, plan(sectors), "vaccination-2022")
        seconds = time.perf_counter() - begin
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    figures = {
        "people": people,
        "sectors": sectors,
        "records": sum(made.files.values()),
        "seconds": round(seconds, 1),
        "people_per_second": round(people / seconds),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "written_mb": round(size / 1e6, 1),
    }
    print(json.dumps(figures))


def main(arguments: list[str]) -> None:
    """Each size in a fresh process: peak memory is the process's own."""
    cases = [(int(people), "") for people in arguments] or [
        (200_000, ""),
        (1_000_000, ""),
        (10_000_000, ""),
        (1_000_000, "all"),
    ]
    runs = []
    for people, sectors in cases:
        command = [sys.executable, "-m", "benchmarks.synthetic", CHILD, str(people), sectors]
        runs.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(runs[-1])
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "load": round(os.getloadavg()[0], 1)}
    RESULT.write_text(json.dumps({"machine": machine, "seed": SEED, "runs": runs}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == [CHILD]:
        child(int(sys.argv[2]), sys.argv[3])
    else:
        main(sys.argv[1:])
