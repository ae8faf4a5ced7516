"""What a night costs when little has changed: `python -m benchmarks.incremental --people 1000000 --records 200000`.

Makes a registry and sector files, keeps an eleventh of the records back and goes through a first night; then links
again with 0, 1 and 10 % of the records exchanged for some that were kept back, and with 0.1 % of the registry changed
by a feed. Each time the links are compared, byte for byte, with those of a link that remembers nothing. Prints JSON and
keeps it in benchmarks/results/incremental-<people>-<records>.json.
"""

import argparse
import io
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.config import Run, Settings
from pipelines.link import hop as link
from pipelines.night import hops, runs
from pipelines.registry import load
from pipelines.registry import snapshot as snapshots
from pipelines.sectors import schema
from pipelines.synthetic.make import make
from pipelines.synthetic.requests import plan
from pipelines.workspace import run_schema, run_tables

RESULTS = Path(__file__).parent / "results"
NIGHT = date(2026, 11, 22)
SHARES = (0.0, 0.01, 0.1)
CHANGED_PEOPLE = 0.001


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
    text = json.dumps(found, ensure_ascii=False, indent=1)
    name = f"incremental-{arguments.people}-{arguments.records}.json"
    (RESULTS / name).write_text(text + "\n", encoding="utf-8")
    print(text)


def measure(folder: Path, arguments: argparse.Namespace) -> dict[str, object]:
    """Seconds of each hop of a first night, and of the link when little has changed since."""
    wanted = plan(",".join(f"{name}={arguments.records}" for name in schema.known()))
    made = make(folder, arguments.people, arguments.seed, wanted, arguments.preset, NIGHT)
    settings = Settings(workspace=folder, night=NIGHT, threads=arguments.threads)
    load.load(settings, made.registry)
    run = runs.open_run(settings)
    first = {hop.name: timed(partial(hops.run_hop, run, hop))["seconds"] for hop in hops.HOPS}
    night = {**first, "total": round(sum(first.values()), 2)}
    later: dict[str, object] = {}
    every, kept = _cores(run), folder / "kept"
    untouched = {name: exchanged(core, 0.0) for name, core in every.items()}
    _store(run, untouched)
    link.forget(settings)
    link.link(run)
    shutil.copytree(settings.linked_directory, kept)
    for share in SHARES:
        _remember(settings, kept)
        _store(run, {name: exchanged(core, share) for name, core in every.items()})
        later[f"records_{share:.1%}"] = linked(run)
    _remember(settings, kept)
    _store(run, untouched)
    loaded = timed(lambda: load.load(settings, _feed(folder, snapshots.current(settings).path)))
    later[f"registry_{CHANGED_PEOPLE:.1%}"] = {"load_seconds": loaded["seconds"], **linked(run)}
    return {"settings": vars(arguments), "load_average": os.getloadavg(), "first_night": night, "later": later}


def linked(run: Run) -> dict[str, object]:
    """The hop's seconds and counts, beside those of a link that remembers nothing; ends if the links differ."""
    took = timed(lambda: link.link(run))
    links = _bytes(run)
    link.forget(run.settings)
    again = timed(lambda: link.link(run))
    if links != _bytes(run):
        raise SystemExit("the links differ from those of a link that remembers nothing")
    counts = took.pop("result")
    return {
        **took,
        "full_seconds": again["seconds"],
        "share": round(took["seconds"] / again["seconds"], 4),
        "cpu_share": round(took["cpu_seconds"] / again["cpu_seconds"], 4),
        "looked_up": counts["looked_up"],
        "weighed": counts["weighed"],
        "records": counts["records"],
    }


def exchanged(core: pl.DataFrame, share: float) -> pl.DataFrame:
    """The first ten elevenths of the records, an evenly spread share of them exchanged for some of the others."""
    known = core.height * 10 // 11
    other = core[known:]
    places = pl.int_range(known, eager=True)
    if not share:
        return core[:known]
    places = places.gather_every(round(1 / share)).head(other.height)
    new = core[places].select("record_id", "sector", "source_file", "sheet", "source_row")
    new = pl.concat([new, other.head(len(places)).drop(new.columns)], how="horizontal").select(core.columns)
    left = core[:known].filter(~pl.int_range(known, eager=True).is_in(places.implode()))
    return pl.concat([left, new])


def _feed(folder: Path, snapshot: Path) -> Path:
    """A feed that updates, deletes and inserts people."""
    people = pl.read_parquet(snapshot)
    chosen = people.gather_every(round(1 / CHANGED_PEOPLE))
    kind = pl.int_range(pl.len()) % 10
    rows = chosen.select(
        pl.when(kind == 9).then(pl.col("person_id").str.head(6) + "999999").otherwise("person_id").alias("person_id"),
        "full_name",
        pl.when(kind < 3).then(pl.lit("1977-07-07")).otherwise("date_of_birth").alias("date_of_birth"),
        "sex",
        "father_name",
        "mother_name",
        province="province_code",
        commune="commune_code",
        status=pl.when(kind < 6).then(pl.lit("deceased")).otherwise("status"),
        change=pl.when(kind == 9)
        .then(pl.lit("insert"))
        .when(kind == 8)
        .then(pl.lit("delete"))
        .otherwise(pl.lit("update")),
    )
    file = folder / "changes.parquet"
    rows.unique("person_id", keep="first", maintain_order=True).write_parquet(file)
    return file


def _cores(run: Run) -> dict[str, pl.DataFrame]:
    with run_tables.connect(run) as connection:
        return {name: run_tables.read_table(connection, run_schema.core_table(name)) for name in schema.known()}


def _remember(settings: Settings, kept: Path) -> None:
    """What the first night remembered."""
    link.forget(settings)
    shutil.copytree(kept, settings.linked_directory)


def _store(run: Run, cores: dict[str, pl.DataFrame]) -> None:
    with run_tables.connect(run) as connection:
        for name, core in cores.items():
            run_tables.replace_table(connection, run_schema.core_table(name), core)


def _bytes(run: Run) -> bytes:
    with run_tables.connect(run) as connection:
        links = run_tables.read_table(connection, run_schema.LINKS)
    buffer = io.BytesIO()
    links.write_parquet(buffer)
    return buffer.getvalue()


def timed(step: Callable[[], Any]) -> dict[str, Any]:
    """Seconds, processor seconds and result of the step."""
    started, cpu = time.perf_counter(), time.process_time()
    result = step()
    return {
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "result": result,
    }


if __name__ == "__main__":
    main()
