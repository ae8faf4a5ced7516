"""The whole night, hop by hop: `python -m benchmarks.night --people 10000000 --records 1000000 --preset hard`.

Makes a registry and the files of all sectors (kept in --keep), loads the registry, and runs each hop in a process of
its own, as after a crash before each; `start and end` is what `sachsong nightly` does besides: its imports, Prefect's
server, the run found and closed. Then the same night once more as an officer runs it, as one command that remembers
nothing of the first: the same outputs, byte for byte. With `--changed 0.01` a second night follows with that share of
the records exchanged, then once more without anything that the first one left but the state: its outputs must be the
same, byte for byte. `--floors` measures what plain libraries need for the same bytes (benchmarks/floors.py) and
writes docs/profile.md. Prints and keeps in benchmarks/results/night-<preset>-<people>-<records>.json for each step:
seconds, processor seconds, peak memory, counts; then their sums. Seconds are the step's own: starting Python ten
times is not a night's work.
"""

import argparse
import json
import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks import floors, night_pages
from benchmarks.link import timed
from benchmarks.processes import alone, machine
from pipelines.audit.manifest import MANIFEST
from pipelines.config import Run, Settings
from pipelines.night import hops, runs
from pipelines.night.launch import launch
from pipelines.registry import load
from pipelines.sectors import schema
from pipelines.synthetic.make import make
from pipelines.synthetic.requests import plan
from pipelines.workspace import run_schema, run_tables

RESULTS = Path(__file__).parent / "results"
NIGHT = date(2026, 11, 22)
BEFORE = "state-before.sqlite"
"""Copy of the state as it was before the night: the registry's load is in its log."""
Steps = dict[str, dict[str, Any]]


def main() -> None:
    """Measure one night, or two, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=200_000, help="of all sectors together")
    parser.add_argument("--preset", default="hard")
    parser.add_argument("--cap", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--changed", type=float, default=0.0, help="share of the records exchanged for a second night")
    parser.add_argument("--floors", action="store_true", help="also what plain libraries need, and docs/profile.md")
    parser.add_argument("--keep", type=Path, help="folder for the data and the loaded registry, to be used again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(given.keep or Path(folder), given)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    name = f"night-{given.preset}-{given.people}-{given.records}.json"
    (RESULTS / name).write_text(text + "\n", encoding="utf-8")
    if given.floors:
        night_pages.write_profile(found)
    print(text)


def measure(keep: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Each step's cost and their sums, of one night or of two."""
    workspace = keep / f"{given.preset}-{given.people}-{given.records}-{given.seed}-{given.changed}"
    alone(generate, workspace, given.people, given.records, given.seed, given.preset, given.changed)
    forget(workspace, "runs", "work", "linked", "state.sqlite", "gateway.sqlite")
    arrive(workspace, "first")
    settings = Settings(workspace=workspace, night=NIGHT, daily_cap=given.cap, threads=given.threads, asks=True)
    before = machine()
    loaded = alone(load_registry, settings)
    shutil.copy(workspace / "state.sqlite", workspace / BEFORE)
    first = night(settings)
    whole = as_one_command(settings)
    found = {
        "settings": {name: str(value) for name, value in vars(given).items() if name != "keep"},
        "machine": {"before": before},
        "steps": {"registry load": loaded, **first},
        "night": sums(first),
        "one command": whole,
    }
    if given.floors:
        found["floors"] = {name: alone(one_floor, settings, name) for name in floors.FLOORS}
    if given.changed:
        found["changed"] = second_night(workspace, settings.model_copy(update={"night": NIGHT + timedelta(days=1)}))
        found["changed"]["share"] = {
            what: round(found["changed"]["night"][what] / found["night"][what], 4)
            for what in ("seconds", "processor_seconds")
        }
    found["machine"]["after"] = machine()
    return found


def night(settings: Settings) -> Steps:
    """Each step's cost, from the first hop to the closed run."""
    steps = {}
    for hop in hops.HOPS:
        steps[hop.name] = alone(one_hop, settings, hop.name)
        print(f"{settings.night} {hop.name}: {steps[hop.name]}", flush=True)
    return {**steps, "start and end": alone(start_and_end, settings)}


def as_one_command(settings: Settings) -> dict[str, Any]:
    """What `sachsong nightly` costs, from its start to the closed run, in a workspace that knows Prefect's server."""
    workspace, outputs = settings.workspace, outputs_of(settings)
    in_work = [path.relative_to(workspace) for path in settings.work_directory.iterdir() if path.name != "prefect"]
    forget(workspace, "runs", "linked", "gateway.sqlite", "state.sqlite", *map(str, in_work))
    (workspace / BEFORE).rename(workspace / "state.sqlite")
    found: dict[str, Any] = alone(start_and_end, settings)
    if outputs != outputs_of(settings):
        raise SystemExit("the outputs of the night as one command differ from those of its hops")
    print(f"{settings.night} as one command: {found}", flush=True)
    return found


def second_night(workspace: Path, settings: Settings) -> dict[str, Any]:
    """What the next night costs, and that it says what it would say without the first one's leavings."""
    kept = ("state.sqlite", "gateway.sqlite")
    for name in kept:
        shutil.copy(workspace / name, workspace / f"kept-{name}")
    arrive(workspace, "second")
    steps = night(settings)
    outputs = outputs_of(settings)
    forget(workspace, "work", "linked", f"runs/{settings.night}-1", *kept)
    for name in kept:
        (workspace / f"kept-{name}").rename(workspace / name)
    alone_steps = night(settings)
    if outputs != outputs_of(settings):
        raise SystemExit("the night's outputs differ from those of a night that remembers nothing")
    return {"steps": steps, "night": sums(steps), "remembering nothing": sums(alone_steps)}


def sums(steps: Steps) -> dict[str, float]:
    """The night's seconds and processor seconds, and its largest peak."""
    return {
        "seconds": round(sum(step["seconds"] for step in steps.values()), 1),
        "processor_seconds": round(sum(step["processor_seconds"] for step in steps.values()), 1),
        "peak_mb": max(step["peak_mb"] for step in steps.values()),
    }


def generate(folder: Path, people: int, rows: int, seed: int, preset: str, changed: float) -> None:
    """The registry and the sectors' files of both nights, unless they are there."""
    if (folder / "made").exists():
        return
    names = schema.known()
    more = round(rows * changed)
    shares = [(rows + more) // len(names) + (at < (rows + more) % len(names)) for at in range(len(names))]
    wanted = plan(",".join(f"{name}={share}" for name, share in zip(names, shares, strict=True)))
    make(folder, people, seed, wanted, preset, NIGHT)
    for file in sorted((folder / "inbox").rglob("*.csv")):
        head, *lines = file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
        known = len(lines) - more // len(names)
        for night_, text in (("first", lines[:known]), ("second", exchanged(lines, known))):
            path = folder / night_ / file.relative_to(folder / "inbox")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join([head, *text]), encoding="utf-8-sig")
    (folder / "made").touch()


def exchanged(lines: list[str], known: int) -> list[str]:
    """The first `known` lines, some of them, evenly spread, exchanged for the others."""
    others = lines[known:]
    every = known // max(len(others), 1)
    return [others[at // every] if at % every == 0 and at // every < len(others) else lines[at] for at in range(known)]


def arrive(workspace: Path, night_: str) -> None:
    """The files of that night are in the inbox."""
    shutil.rmtree(workspace / "inbox")
    shutil.copytree(workspace / night_, workspace / "inbox")


def forget(workspace: Path, *made: str) -> None:
    """Deletes these files and folders."""
    for path in (workspace / name for name in made):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def load_registry(settings: Settings) -> dict[str, Any]:
    """`sachsong registry load`; at once where it was loaded before."""
    return {"seconds": timed(lambda: load.load(settings, settings.workspace / "registry.parquet", replace=True))}


def one_hop(settings: Settings, name: str) -> dict[str, Any]:
    """One hop of the night's run."""
    run = runs.open_run(settings)
    counts = hops.run_hop(run, next(hop for hop in hops.HOPS if hop.name == name))
    with run_tables.connect(run, read_only=True) as connection:
        (spent,) = run_tables.read_table(connection, run_schema.SPENT).filter(hop=name).to_dicts()
    return {"seconds": spent["seconds"], "counts": counts}


def one_floor(settings: Settings, name: str) -> dict[str, Any]:
    """What plain libraries need for what the hop left."""
    with tempfile.TemporaryDirectory(dir=settings.workspace) as scratch:
        return floors.FLOORS[name](Run(settings=settings, run_id=f"{settings.night}-1"), Path(scratch))


def start_and_end(settings: Settings) -> dict[str, Any]:
    """`sachsong nightly`; of a night whose hops are done: all that it does besides them."""
    return {"seconds": timed(lambda: launch(settings))}


def outputs_of(settings: Settings) -> list[dict[str, Any]]:
    """Path and checksum of each output of the night's run."""
    outputs: list[dict[str, Any]] = json.loads(
        (settings.runs_directory / f"{settings.night}-1" / MANIFEST).read_bytes()
    )["outputs"]
    return outputs


if __name__ == "__main__":
    main()
