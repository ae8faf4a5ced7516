"""How the cost grows with the registry: `python -m benchmarks.link_scale --people 1000000,10000000,30000000`.

For each size one registry and one sector's file (made once into --keep): seconds and peak memory of preparing the
registry, of a whole night's link, and of a night with 1 % of the records; then what blocking found and lost by the
truth. Each step runs in a process of its own. Prints JSON, keeps it in benchmarks/results/link-scale.json and draws
docs/scale.svg; --profile writes docs/profile-link.md from the largest size.
"""

import argparse
import cProfile
import json
import os
import shutil
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import scale_pages
from benchmarks.link import peak_mb, timed
from benchmarks.processes import alone
from matching import LinkOptions, block, linkage, model, records, snapshot
from matching.evaluation.recall import recall
from pipelines.config import Run, Settings
from pipelines.link import hop as link
from pipelines.read import hop as read
from pipelines.registry import load
from pipelines.registry import snapshot as snapshots
from pipelines.sectors import schema
from pipelines.standardise import hop as standardise
from pipelines.synthetic.make import make
from pipelines.synthetic.requests import plan
from pipelines.workspace import run_tables

RESULTS = Path(__file__).parent / "results" / "link-scale.json"
NIGHT = date(2026, 11, 22)
SECTOR = "insurance"


def main() -> None:
    """Measure every size and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", default="1000000,10000000,30000000", help="sizes of the registry")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--preset", default="hard")
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="folder for the data, so that they need not be made again")
    parser.add_argument("--profile", action="store_true", help="also write docs/profile-link.md")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.people.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        runs = [measure(arguments.keep or Path(folder), size, arguments) for size in sizes]
    found = {"settings": _told(arguments), "machine": {"cpus": os.cpu_count(), "load": os.getloadavg()}, "runs": runs}
    RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    scale_pages.draw(found)
    print(json.dumps(found, ensure_ascii=False, indent=1))


def measure(keep: Path, people: int, arguments: argparse.Namespace) -> dict[str, Any]:
    """The figures of one size."""
    folder = keep / f"{arguments.preset}-{people}-{arguments.records}-{arguments.seed}"
    alone(generate, folder, people, arguments.records, arguments.seed, arguments.preset)
    for made in ("registry", "work"):
        shutil.rmtree(folder / made, ignore_errors=True)
    settings = Settings(workspace=folder, night=NIGHT, threads=arguments.threads)
    found = {"people": people, "load_before": round(os.getloadavg()[0], 1)}
    for step in (prepare, core, night, one_percent, lost):
        found[step.__name__] = alone(step, settings)
    if arguments.profile:
        scale_pages.write_profile(people, found["night"]["records"], alone(profile, settings))
    return found


def generate(folder: Path, people: int, rows: int, seed: int, preset: str) -> None:
    """The registry, the sector's file and the truth, unless they are there."""
    if not (folder / "made").exists():
        make(folder, people, seed, plan(f"{SECTOR}={rows}"), preset, NIGHT)
        (folder / "made").touch()


def prepare(settings: Settings) -> dict[str, Any]:
    """`sachsong registry load`: standardised, sorted, with the side files."""
    seconds = timed(lambda: load.load(settings, settings.workspace / "registry.parquet"))
    path = snapshots.current(settings).path
    (side,) = path.parent.glob("*.index")
    return {
        "seconds": seconds,
        "snapshot_mb": path.stat().st_size // 2**20,
        "side_files_mb": sum(file.stat().st_size for file in side.iterdir()) // 2**20,
    }


def core(settings: Settings) -> dict[str, Any]:
    """The sector's file read and standardised."""
    run = _run(settings)
    return {"seconds": timed(lambda: (read.read(run), standardise.standardise(run)))}


def night(settings: Settings) -> dict[str, Any]:
    """The link of all records."""
    return _link(settings, 1)


def one_percent(settings: Settings) -> dict[str, Any]:
    """The link of every hundredth record."""
    return _link(settings, 100)


def _link(settings: Settings, every: int) -> dict[str, Any]:
    rows, path, options = _inputs(settings)
    rows = rows.gather_every(every)
    before = peak_mb()
    started = time.perf_counter()
    linked = linkage(rows, path, options)
    seconds = round(time.perf_counter() - started, 2)
    decisions = dict(linked.links["decision"].value_counts().sort("decision").iter_rows())
    return {"records": rows.height, "seconds": seconds, "peak_before_mb": before, "decisions": decisions}


def lost(settings: Settings) -> dict[str, Any]:
    """What blocking found of the true pairs, in seconds of its own."""
    rows, path, options = _inputs(settings)
    truth = pl.read_parquet(settings.workspace / "truth.parquet").filter(pl.col("person_id") != "")
    keys = ["source_file", "source_row"]
    places = rows.with_row_index("r").select("r", *keys).cast({"source_row": pl.Int64})
    known = places.join(truth.select(*keys, "person_id").cast({"source_row": pl.Int64}), on=keys)
    with snapshot.connect(path, options.threads, options.memory_mb) as connection:
        stated = model.load()
        started = time.perf_counter()
        block.settle(connection, records.prepare(rows))
        settled = time.perf_counter()
        done = block.block(connection, stated)
        blocked = time.perf_counter()
        pairs = snapshot.query(connection, "SELECT count(*) AS n FROM pairs")["n"].item()
        return {
            "settle_seconds": round(settled - started, 2),
            "block_seconds": round(blocked - settled, 2),
            "pairs": pairs,
            **recall(connection, stated, done, known.select("r", "person_id")),
        }


def profile(settings: Settings) -> list[tuple[str, int, float, float]]:
    """Of the whole night's link: each of our functions with calls, own seconds and seconds with what it calls."""
    rows, path, options = _inputs(settings)
    watch = cProfile.Profile()
    watch.runcall(linkage, rows, path, options)
    return scale_pages.functions(watch)


def _inputs(settings: Settings) -> tuple[pl.DataFrame, Path, LinkOptions]:
    with run_tables.connect(_run(settings)) as connection:
        rows = link.core_of(connection, schema.load(SECTOR))
    one = schema.load(SECTOR).one_record_per_person
    options = LinkOptions(one_record_per_person=one, threads=settings.threads, memory_mb=settings.memory_mb)
    return rows, snapshots.current(settings).path, options


def _run(settings: Settings) -> Run:
    return Run(settings=settings, run_id=f"{NIGHT}-1")


def _told(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in vars(arguments).items() if name not in ("keep", "profile")}


if __name__ == "__main__":
    main()
