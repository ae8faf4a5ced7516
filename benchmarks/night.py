"""The whole night, hop by hop: `python -m benchmarks.night --people 10000000 --records 1000000 --preset hard`.

Makes a registry and the files of all sectors (kept in --keep), loads the registry, and runs each hop in a process of
its own, as after a crash before each. Prints and keeps in benchmarks/results/night-<preset>-<people>-<records>.json for
each step: seconds, processor seconds, peak memory, counts; then their sums. Seconds are the hop's own (the table
`spent`): starting Python ten times is not a night's work.
"""

import argparse
import json
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.link import timed
from benchmarks.processes import alone, machine
from pipelines.config import Settings
from pipelines.night import hops, runs
from pipelines.registry import load
from pipelines.sectors import schema
from pipelines.synthetic.make import make
from pipelines.synthetic.requests import plan
from pipelines.workspace import run_schema, run_tables

RESULTS = Path(__file__).parent / "results"
NIGHT = date(2026, 11, 22)


def main() -> None:
    """Measure one night and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=200_000, help="of all sectors together")
    parser.add_argument("--preset", default="hard")
    parser.add_argument("--cap", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="folder for the data and the loaded registry, to be used again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(given.keep or Path(folder), given)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    name = f"night-{given.preset}-{given.people}-{given.records}.json"
    (RESULTS / name).write_text(text + "\n", encoding="utf-8")
    print(text)


def measure(keep: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Each step's cost, and their sums."""
    workspace = keep / f"{given.preset}-{given.people}-{given.records}-{given.seed}"
    alone(generate, workspace, given.people, given.records, given.seed, given.preset)
    for made in ("runs", "work", "linked", "state.sqlite", "gateway.sqlite"):
        path = workspace / made
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    settings = Settings(workspace=workspace, night=NIGHT, daily_cap=given.cap, threads=given.threads, asks=True)
    before = machine()
    steps = {"registry load": alone(load_registry, settings), "open": alone(open_night, settings)}
    for hop in hops.HOPS:
        steps[hop.name] = alone(one_hop, settings, hop.name)
        print(f"{hop.name}: {steps[hop.name]}", flush=True)
    night = [step for name, step in steps.items() if name != "registry load"]
    return {
        "settings": {name: str(value) for name, value in vars(given).items() if name != "keep"},
        "machine": {"before": before, "after": machine()},
        "steps": steps,
        "night": {
            "seconds": round(sum(step["seconds"] for step in night), 1),
            "processor_seconds": round(sum(step["processor_seconds"] for step in night), 1),
            "peak_mb": max(step["peak_mb"] for step in night),
        },
    }


def generate(folder: Path, people: int, rows: int, seed: int, preset: str) -> None:
    """The registry and the sectors' files, unless they are there."""
    if (folder / "made").exists():
        return
    names = schema.known()
    shares = [rows // len(names) + (at < rows % len(names)) for at in range(len(names))]
    wanted = plan(",".join(f"{name}={share}" for name, share in zip(names, shares, strict=True)))
    make(folder, people, seed, wanted, preset, NIGHT)
    (folder / "made").touch()


def load_registry(settings: Settings) -> dict[str, Any]:
    """`sachsong registry load`; at once where it was loaded before."""
    return {"seconds": timed(lambda: load.load(settings, settings.workspace / "registry.parquet", replace=True))}


def open_night(settings: Settings) -> dict[str, Any]:
    """Which run is tonight's: the inbox listed, its files hashed."""
    return {"seconds": timed(lambda: runs.open_run(settings))}


def one_hop(settings: Settings, name: str) -> dict[str, Any]:
    """One hop of tonight's run."""
    run = runs.open_run(settings)
    counts = hops.run_hop(run, next(hop for hop in hops.HOPS if hop.name == name))
    with run_tables.connect(run, read_only=True) as connection:
        (spent,) = run_tables.read_table(connection, run_schema.SPENT).filter(hop=name).to_dicts()
    return {"seconds": spent["seconds"], "counts": counts}


if __name__ == "__main__":
    main()
