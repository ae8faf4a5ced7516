"""How fast and how right the link is: `python -m benchmarks.link --people 1000000 --records 200000 --preset hard`.

Makes a registry and sector files, reads and standardises them, links each sector (timed) and
judges the links by the truth. Prints JSON and keeps it in benchmarks/results/link-<preset>-<people>-<seed>.json.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from matching import COLUMNS
from pipelines.config import Run, Settings
from pipelines.link import hop as link
from pipelines.read import hop as read
from pipelines.registry import load
from pipelines.registry import snapshot as snapshots
from pipelines.report.evaluation import evaluate
from pipelines.sectors import schema
from pipelines.standardise import hop as standardise
from pipelines.synthetic.make import make
from pipelines.synthetic.requests import plan
from pipelines.workspace import run_tables

RESULTS = Path(__file__).parent / "results"
NIGHT = date(2026, 11, 22)


def main() -> None:
    """Measure once and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=200_000, help="of each sector")
    parser.add_argument("--preset", default="hard")
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), arguments)
    RESULTS.mkdir(exist_ok=True)
    name = f"link-{arguments.preset}-{arguments.people}-{arguments.seed}.json"
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (RESULTS / name).write_text(text + "\n", encoding="utf-8")
    print(text)


def measure(folder: Path, arguments: argparse.Namespace) -> dict[str, object]:
    """Seconds of each step, peak memory, what each block key did, and the figures of each sector and of all."""
    wanted = plan(",".join(f"{name}={arguments.records}" for name in schema.known()))
    made = make(folder, arguments.people, arguments.seed, wanted, arguments.preset, NIGHT)
    settings = Settings(workspace=folder, night=NIGHT, threads=arguments.threads)
    run = Run(settings=settings, run_id=f"{NIGHT}-1")
    seconds = {
        "registry_load": timed(lambda: load.load(settings, made.registry)),
        "read": timed(lambda: read.read(run)),
        "standardise": timed(lambda: standardise.standardise(run)),
    }
    before = peak_mb()
    sectors: dict[str, object] = {}
    frames = []
    with run_tables.connect(run) as connection:
        snapshot = snapshots.current(settings).path
        for name in schema.known():
            core = link.core_of(connection, schema.load(name))
            started = time.perf_counter()
            linked = link.link_sector(core, schema.load(name), snapshot, settings)
            seconds[f"link_{name}"] = round(time.perf_counter() - started, 2)
            frames.append(linked.links)
            sectors[name] = {
                "figures": totals(judge(linked.links, made.truth, folder)),
                "blocks": [block._asdict() for block in linked.blocks],
            }
    return {
        "settings": vars(arguments),
        "seconds": seconds,
        "peak_mb": {"before_link": before, "after_link": peak_mb()},
        "all": judge(pl.concat(frames), made.truth, folder),
        "sectors": sectors,
    }


def judge(links: pl.DataFrame, truth: Path | None, folder: Path) -> dict[str, object]:
    """The figures of these links."""
    assert truth is not None
    path = folder / "judged.parquet"
    links.select(COLUMNS).write_parquet(path)
    return evaluate(path, truth)


def totals(figures: dict[str, object]) -> dict[str, object]:
    """The figures without their breakdowns, which stand under `all`."""
    return {name: value for name, value in figures.items() if not name.startswith("by_")}


def timed(step: Callable[[], object]) -> float:
    """How many seconds the step takes."""
    started = time.perf_counter()
    step()
    return round(time.perf_counter() - started, 2)


def peak_mb() -> int:
    """The process's largest resident size so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
