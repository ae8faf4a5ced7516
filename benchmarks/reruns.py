"""How many of a hundred nights of the sample hold the same bytes: `python -m benchmarks.reruns --nights 100`.

Each night is a process and a workspace of its own, under threads, polars' threads, locale, time zone, hash seed and
order of the files' arrival that a seed draws. Every output but the page of times is compared by its digest with the
first night's; of the manifest all but its execution. Prints each night and keeps in benchmarks/results/reruns.json how
many were the same, and which outputs were not.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.processes import machine
from pipelines.config import Settings
from pipelines.night import hops, runs
from pipelines.registry import load

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
RESULTS = Path(__file__).parent / "results"
LOCALES = ("C", "C.UTF-8", "POSIX", "vi_VN.UTF-8", "tr_TR.UTF-8")
ZONES = ("UTC", "Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu")


def main() -> None:
    """Run the nights and keep the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=100)
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--night", nargs=2, help=argparse.SUPPRESS, metavar=("WORKSPACE", "THREADS"))
    given = parser.parse_args()
    if given.night:
        one_night(Path(given.night[0]), int(given.night[1]))
        return
    found: dict[str, Any] = {"nights": 0, "same": 0, "different": {}, "seed": given.seed, "machine": machine()}
    first: dict[str, str] = {}
    for number in range(given.nights):
        digests = drawn_night(random.Random(f"{given.seed} {number}"))
        first = first or digests
        differs = sorted(name for name in first.keys() | digests.keys() if first.get(name) != digests.get(name))
        found |= {"nights": number + 1, "same": found["same"] + (not differs), "outputs": len(first)}
        if differs:
            found["different"][number] = differs
        (RESULTS / "reruns.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        print(
            f"{found['same']} of {found['nights']} the same{': ' + ', '.join(differs) if differs else ''}", flush=True
        )


def drawn_night(chance: random.Random) -> dict[str, str]:
    """Output → digest, of a night in an environment that is drawn."""
    with tempfile.TemporaryDirectory(prefix="rerun-") as folder:
        workspace = Path(folder) / chance.choice(("a", "đêm", "with space"))
        files = sorted(path for path in (SAMPLE / "inbox").rglob("*") if path.is_file())
        chance.shuffle(files)
        for path in files:
            target = workspace / "inbox" / path.relative_to(SAMPLE / "inbox")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        drawn = {
            "PYTHONHASHSEED": str(chance.randrange(2**32)),
            "LC_ALL": chance.choice(LOCALES),
            "TZ": chance.choice(ZONES),
            "POLARS_MAX_THREADS": str(chance.randint(1, 4)),
        }
        command = [sys.executable, "-m", "benchmarks.reruns", "--night", str(workspace), str(chance.randint(1, 6))]
        subprocess.run(command, check=True, env=os.environ | drawn)
        return digests_of(workspace / "runs" / "2026-11-22-1")


def digests_of(run: Path) -> dict[str, str]:
    """Output → digest; without what tells how long the night took."""
    told = {}
    for path in sorted(path for path in run.rglob("*") if path.is_file() and path.name != "times.html"):
        content = path.read_bytes()
        if path.name == "manifest.json":
            manifest = json.loads(content)
            del manifest["execution"]
            content = json.dumps(manifest, sort_keys=True).encode()
        told[path.relative_to(run).as_posix()] = hashlib.sha256(content).hexdigest()
    return told


def one_night(workspace: Path, threads: int) -> None:
    """The sample's night without Prefect, every question asked."""
    settings = Settings(workspace=workspace, night=date(2026, 11, 22), threads=threads, asks=True)
    load.load(settings, SAMPLE / "registry.csv")
    run = runs.open_run(settings)
    for hop in hops.HOPS:
        hops.run_hop(run, hop)


if __name__ == "__main__":
    main()
